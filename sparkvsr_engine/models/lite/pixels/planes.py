"""Luma and chroma planes, and their folding into cells.

The network works on cells of 4x4 output pixels: space-to-depth turns a cell into channels, so that one
network serves every scale and its trunk runs at a quarter of the output size. Chroma is carried at
half size, as video does; only *residuals* are, the picture they are added to keeps full chroma.

The canvas is the output size padded up to whole cells, two by two, by repeating the edge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from sparkvsr_engine.models.lite.pixels.filters import enlarged_to, halved
from sparkvsr_engine.storage.mapped_array import MappedArrays

CELL = 4
# Sides of the canvas are a multiple of this.
CANVAS_STEP = 2 * CELL
LUMA_CHANNELS = CELL * CELL
CHROMA_CHANNELS = 2 * (CELL // 2) ** 2
CELL_CHANNELS = LUMA_CHANNELS + CHROMA_CHANNELS
# Of a plane at half size.
HALF_CHANNELS = (CELL // 2) ** 2

# ITU-R BT.601 luma and colour differences, https://www.itu.int/rec/R-REC-BT.601. Only a decorrelating
# transform inside the model, its inverse is exact; it has nothing to do with the picture's colour space.
_RED, _GREEN, _BLUE = 0.299, 0.587, 0.114
_CB_SCALE, _CR_SCALE = 1.772, 1.402


@dataclass(frozen=True, eq=False)
class Planes:
    """luma [N, 1, H, W] and chroma [N, 2, H/2, W/2], float32, H and W multiples of CANVAS_STEP."""

    luma: Tensor
    chroma: Tensor

    def __sub__(self, subtrahend: Planes) -> Planes:
        return Planes(self.luma - subtrahend.luma, self.chroma - subtrahend.chroma)

    def __add__(self, addend: Planes) -> Planes:
        return Planes(self.luma + addend.luma, self.chroma + addend.chroma)


def luma_of(rgb: Tensor) -> Tensor:
    """[N, 3, H, W] RGB to [N, 1, H, W] luma."""
    red, green, blue = rgb.split(1, 1)
    return (_RED * red).add_(green, alpha=_GREEN).add_(blue, alpha=_BLUE)


def planes_of(rgb: Tensor) -> Planes:
    """[N, 3, H, W] RGB (H and W whole cells) to planes."""
    small = halved(rgb)
    dim = luma_of(small)
    chroma = torch.cat([(small[:, 2:3] - dim) / _CB_SCALE, (small[:, 0:1] - dim) / _CR_SCALE], 1)
    return Planes(luma_of(rgb), chroma)


def add_planes(rgb: Tensor, planes: Planes) -> Tensor:
    """`rgb` [N, 3, H, W] plus a residual given as planes; chroma is brought to full size bilinearly."""
    chroma = enlarged_to(planes.chroma, *rgb.shape[-2:])
    blue, red = chroma[:, 0:1], chroma[:, 1:2]
    out = rgb + planes.luma
    for channel in range(3):
        _add_chroma(out[:, channel : channel + 1], channel, blue, red)
    return out


def added_channels(channels: Iterable[Tensor], planes: Planes) -> Iterator[Tensor]:
    """What `add_planes` gives, channel by channel [N, 1, H, W]: a third of the memory.

    Args:
        channels: red, green and blue, [N, 1, H, W] each.
        planes: the residual.
    """
    size = planes.luma.shape[-2:]
    blue, red = (enlarged_to(planes.chroma[:, at : at + 1], *size) for at in (0, 1))
    for index, channel in enumerate(channels):
        out = channel + planes.luma
        _add_chroma(out, index, blue, red)
        yield out


def _add_chroma(plane: Tensor, channel: int, blue: Tensor, red: Tensor) -> None:
    """Add colour differences to red, green or blue (0 to 2), in place; all [N, 1, H, W]."""
    if channel == 0:
        plane.add_(red, alpha=_CR_SCALE)
    elif channel == 2:
        plane.add_(blue, alpha=_CB_SCALE)
    else:
        plane.sub_(red, alpha=_RED * _CR_SCALE / _GREEN).sub_(blue, alpha=_BLUE * _CB_SCALE / _GREEN)


def without_colour(planes: Planes) -> Planes:
    """A residual that changes luma alone."""
    return Planes(planes.luma, torch.zeros_like(planes.chroma))


def fold(planes: Planes) -> Tensor:
    """Planes to cells [N, 24, H/4, W/4]."""
    return torch.cat([F.pixel_unshuffle(planes.luma, CELL), F.pixel_unshuffle(planes.chroma, CELL // 2)], 1)


def unfold(cells: Tensor) -> Planes:
    """Cells [N, 24, h, w] to planes of 4h x 4w; the inverse of `fold`."""
    return Planes(
        F.pixel_shuffle(cells[:, :LUMA_CHANNELS], CELL), F.pixel_shuffle(cells[:, LUMA_CHANNELS:], CELL // 2)
    )


def fold_half(half: Tensor) -> Tensor:
    """A half-size plane [N, 1, H/2, W/2] to cells [N, 4, H/4, W/4]."""
    return F.pixel_unshuffle(half, CELL // 2)


def in_file(plane: Tensor, mapped: MappedArrays) -> Tensor:
    """The plane, on the processor, in a file that belongs to `mapped`; as it is where there is no room."""
    return torch.from_numpy(mapped.moved(plane.numpy()))


def canvas_size(width: int, height: int) -> tuple[int, int]:
    """(width, height) padded up to the canvas."""
    return -(-width // CANVAS_STEP) * CANVAS_STEP, -(-height // CANVAS_STEP) * CANVAS_STEP


def pad_to_cells(picture: Tensor) -> Tensor:
    """[N, C, H, W] padded to whole cells, right and bottom edge repeated."""
    height, width = picture.shape[-2:]
    full_width, full_height = canvas_size(width, height)
    if (full_width, full_height) == (width, height):
        return picture
    return F.pad(picture, (0, full_width - width, 0, full_height - height), mode="replicate")
