"""What the network sees of source frames: each frame prepared once and kept while its neighbours need it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.models.base import FrameReader, Geometry, PartReader
from sparkvsr_engine.models.lite.bands import Band, bands_of
from sparkvsr_engine.models.lite.motion.motion_walk import BLOCK, STRIDE
from sparkvsr_engine.models.lite.pixels.filters import cubic, halved
from sparkvsr_engine.models.lite.pixels.planes import in_file, luma_of, pad_to_cells
from sparkvsr_engine.storage.bounded_dict import BoundedDict
from sparkvsr_engine.storage.mapped_array import MappedArrays

# Frames kept: a window of five, and room to look back.
KEPT_FRAMES = 8
# Small pictures kept for walks to two keyframes and for the window.
KEPT_GREYS = 4 * BLOCK // STRIDE + 8


def upsample(picture: Picture, width: int, height: int) -> Picture:
    """Bicubic (a = -0.75) to [height, width, C]; the same size is returned as it is.

    Args:
        picture: float32 [h, w, C].
        width: in pixels.
        height: in pixels.
    """
    if picture.shape[:2] == (height, width):
        return picture
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def canvas_of(picture: Picture, geometry: Geometry) -> Tensor:
    """A source frame or keyframe at the output size, padded to whole cells: float32 [1, 3, Hc, Wc]."""
    # Plane by plane: turning a small picture over is less than turning over a large one.
    return _on_canvas(_planar(picture), geometry)


@dataclass(frozen=True, eq=False)
class FramePlanes:
    """One source frame.

    luma: at the source's size, float32 [1, 1, h, w]. whole: the same of all of the frame, where the shot is
    of a part of it. half: on half the canvas, float32 [1, 1, Hc/2, Wc/2].
    grey_half, grey_quarter: for the flow searches, uint8 [Hc/2, Wc/2] and [Hc/4, Wc/4].
    mapped: those that lie in files.
    """

    luma: Tensor
    whole: Tensor
    half: Tensor
    grey_half: NDArray[np.uint8]
    grey_quarter: NDArray[np.uint8]
    mapped: MappedArrays = field(default_factory=MappedArrays)


class SourcePlanes:
    """Prepared source frames of one shot, the latest of them kept.

    is_large: whether frames are restored in bands.
    """

    def __init__(self, reader: FrameReader, geometry: Geometry) -> None:
        self._reader = reader
        self._geometry = geometry
        # Of a frame in bands, its planes and those of seven others are more than a band takes.
        self.is_large = len(bands_of(geometry)) > 1
        self._frames: BoundedDict[int, FramePlanes] = BoundedDict(KEPT_FRAMES)
        self._quarters: BoundedDict[int, NDArray[np.uint8]] = BoundedDict(KEPT_GREYS)

    def inside(self, frame: int) -> int:
        """The frame itself or, beyond the shot, its nearest."""
        return self._reader.span.clamp(frame)

    def planes(self, frame: int) -> FramePlanes:
        """The frame's half-size luma and grey; frames beyond the shot are its nearest."""
        at = self.inside(frame)
        return self._frames.get_or_make(at, lambda: self._prepare(at))

    def release_pages(self) -> None:
        """Hold nothing of what lies in files until it is looked at again."""
        for planes in self._frames.values():
            planes.mapped.release_pages()

    def quarter(self, frame: int) -> NDArray[np.uint8]:
        """Grey on a quarter of the canvas, for the flow search.

        A walk back in time asks for ever earlier frames; those it will rest at are read in blocks, forwards,
        because a movie has to be decoded from its last whole frame for each jump.
        """
        at = self.inside(frame)
        grey = self._quarters.get(at)
        if grey is None:
            goes_back = at + STRIDE in self._quarters
            steps = min(BLOCK, at - self._reader.span.start) // STRIDE if goes_back else 0
            for earlier in range(at - steps * STRIDE, at + 1, STRIDE):
                if earlier not in self._quarters:
                    half = self._half(_luma(self._reader.read(earlier)))
                    grey = self._quarters.put(earlier, _quarter(half))
            assert grey is not None
        return grey

    def half(self, frame: int) -> NDArray[np.uint8]:
        """Grey on half of the canvas, for the flow search."""
        return self.planes(frame).grey_half

    def is_same(self, frame: int, second_frame: int) -> bool:
        """Whether two frames hold the same values."""
        return np.array_equal(
            self._reader.read(self.inside(frame)), self._reader.read(self.inside(second_frame))
        )

    def picture(self, frame: int) -> Picture:
        """The frame, or the part of it the shot is of: float32 [h, w, 3]."""
        return self._reader.read(self.inside(frame))

    def whole(self, frame: int) -> Picture:
        """All of the frame, also where the shot is of a part of it: float32 [h, w, 3]."""
        at = self.inside(frame)
        return self._reader.whole(at) if isinstance(self._reader, PartReader) else self._reader.read(at)

    def canvas(self, frame: int, band: Band | None = None) -> Tensor:
        """The frame, or a band of it, at the geometry's output size, padded to whole cells: float32
        [1, 3, Hc, Wc].
        """
        planes = _planar(self.picture(frame))
        if band is None:
            return _on_canvas(planes, self._geometry)
        return _on_canvas(band.of_source(planes), band.geometry)

    def channels(self, frame: int) -> Iterator[Tensor]:
        """What `canvas` gives, red, green and blue one after the other, float32 [1, 1, Hc, Wc]."""
        for plane in _planar(self.picture(frame)).split(1, 1):
            yield _on_canvas(plane, self._geometry)

    def _prepare(self, frame: int) -> FramePlanes:
        luma = _luma(self._reader.read(frame))
        whole = _luma(self._reader.whole(frame)) if isinstance(self._reader, PartReader) else luma
        half = self._half(luma)
        quarter = self._quarters.put(frame, _quarter(half))
        planes = FramePlanes(luma, whole, half, _grey(half), quarter)
        return _in_files(planes) if self.is_large else planes

    def _half(self, luma: Tensor) -> Tensor:
        # Luma is taken before the resize: a third of the work, and the resize is linear.
        return halved(_on_canvas(luma, self._geometry))


class SeenPlanes:
    """Source frames of one shot as they are restored from: as they are, or denoised.

    planes: of the frames as they are. denoised: of the others. is_denoised: which, by frame.
    """

    def __init__(
        self, planes: SourcePlanes, denoised: SourcePlanes, is_denoised: Callable[[int], bool]
    ) -> None:
        self._planes = planes
        self._denoised = denoised
        self.is_denoised = is_denoised

    def of(self, frame: int) -> SourcePlanes:
        """Those that hold what a frame of the shot is restored from."""
        return self._denoised if self.is_denoised(frame) else self._planes

    def quarter(self, frame: int) -> NDArray[np.uint8]:
        """See `SourcePlanes.quarter`; as it is, since a walk rests at frames far from those restored."""
        return self._planes.quarter(frame)

    def half(self, frame: int) -> NDArray[np.uint8]:
        """See `SourcePlanes.half`."""
        return self.of(frame).half(frame)

    def release_pages(self) -> None:
        """See `SourcePlanes.release_pages`."""
        self._planes.release_pages()
        self._denoised.release_pages()


def _in_files(planes: FramePlanes) -> FramePlanes:
    """The frame with its largest planes in files."""
    mapped = MappedArrays()
    half, grey_half = in_file(planes.half, mapped), mapped.moved(planes.grey_half)
    return replace(planes, half=half, grey_half=grey_half, mapped=mapped)


def _on_canvas(planes: Tensor, geometry: Geometry) -> Tensor:
    """A source frame's planes at the output size, padded to whole cells."""
    size = geometry.height, geometry.width
    return pad_to_cells(planes if planes.shape[-2:] == size else cubic(planes, *size))


def _planar(picture: Picture) -> Tensor:
    """[h, w, 3] to [1, 3, h, w]."""
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None]


def _luma(picture: Picture) -> Tensor:
    return luma_of(_planar(picture))


def _quarter(half: Tensor) -> NDArray[np.uint8]:
    return _grey(halved(half))


def _grey(luma: Tensor) -> NDArray[np.uint8]:
    return (luma[0, 0] * 255.0 + 0.5).clamp_(0, 255).to(torch.uint8).numpy()
