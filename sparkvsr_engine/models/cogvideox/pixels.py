"""Pictures in model space (NumPy, 0..1) to the network's frames (torch, -1..1, padded) and back.

Upsampling is bilinear, as in training. The colour lock is `core.pictures.colour_lock` in torch: at 1080p the
copies to and from the processor alone would cost as much as a window's prediction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sparkvsr_engine.core.geometry import Geometry, padded_side
from sparkvsr_engine.models.cogvideox.planner import SIZE_MULTIPLE

if TYPE_CHECKING:
    from torch import Tensor, device, dtype

    from sparkvsr_engine.core.arrays import Picture


def upload(pictures: Sequence[Picture], place: device) -> Tensor:
    """Pictures [H, W, 3] as float32 [T, 3, H, W] on a device; through pinned memory to a GPU."""
    import torch

    stacked = torch.from_numpy(np.stack(pictures)).float()
    if place.type == "cuda":
        stacked = stacked.pin_memory().to(place, non_blocking=True)
    return stacked.permute(0, 3, 1, 2)


def upscale(frames: Tensor, geometry: Geometry) -> Tensor:
    """Frames [T, 3, h, w] at output size, bilinear with half-pixel centres, 0..1."""
    import torch.nn.functional as F

    size = (geometry.height, geometry.width)
    if tuple(frames.shape[2:]) == size:
        return frames
    return F.interpolate(frames, size=size, mode="bilinear", align_corners=False)


def to_network(frames: Tensor, precision: dtype) -> Tensor:
    """Frames [T, 3, H, W] in 0..1 as [1, 3, T, H', W'] in -1..1, reflected to multiples of 16."""
    rows = _reflected(frames.shape[2], padded_side(frames.shape[2], SIZE_MULTIPLE), frames.device)
    columns = _reflected(frames.shape[3], padded_side(frames.shape[3], SIZE_MULTIPLE), frames.device)
    padded = frames.index_select(2, rows).index_select(3, columns)
    return (padded * 2 - 1).transpose(0, 1).unsqueeze(0).to(precision)


def from_network(frames: Tensor, geometry: Geometry) -> Tensor:
    """The inverse of `to_network` at output size: float32 [T, 3, H, W], not clamped."""
    cropped = frames[0, :, :, : geometry.height, : geometry.width]
    return cropped.transpose(0, 1).float() * 0.5 + 0.5


def _reflected(side: int, padded: int, place: device) -> Tensor:
    """Which place each of `padded` places shows, the last one not repeated; any side, even of one pixel."""
    import torch

    index = np.pad(np.arange(side), (0, padded - side), mode="reflect")
    return torch.from_numpy(index).to(place)


def lock_colour(frames: Tensor, source: Tensor, scale: float) -> Tensor:
    """`frames`, changed in place to have the low frequencies of `source`; both [T, 3, H, W] at output size.

    Args:
        frames: [T, 3, H, W].
        source: [T, 3, H, W].
        scale: output over source size; the low-pass is as wide as in `core.pictures.colour_lock`. Frame by
            frame: a whole step's temporaries would weigh more than the frames.
    """
    from sparkvsr_engine.core.pictures.colour_lock import LOCK_SIGMA_SOURCE_PIXELS

    for frame, source_frame in zip(frames.split(1), source.split(1), strict=True):
        frame.add_(lowpass(source_frame - frame, LOCK_SIGMA_SOURCE_PIXELS * scale))
    return frames


def lowpass(frames: Tensor, sigma: float) -> Tensor:
    """Gaussian of `sigma` pixels over [T, C, H, W], edges mirrored; run on a reduced copy where wide."""
    import torch.nn.functional as F

    height, width = frames.shape[2:]
    step = max(1, int(sigma / 2.0))
    if step == 1 or min(height, width) < 4 * step:
        return _blur(frames, sigma)
    small = F.interpolate(frames, size=(-(-height // step), -(-width // step)), mode="area")
    return F.interpolate(_blur(small, sigma / step), size=(height, width), mode="bilinear")


def _blur(frames: Tensor, sigma: float) -> Tensor:
    import torch
    import torch.nn.functional as F

    reach = max(1, round(sigma * 4))
    offsets = torch.arange(-reach, reach + 1, dtype=frames.dtype, device=frames.device)
    kernel = torch.exp(-0.5 * (offsets / sigma) ** 2)
    kernel = kernel / kernel.sum()
    channels = frames.shape[1]
    for axis, shape in ((2, (-1, 1)), (3, (1, -1))):
        index = np.pad(np.arange(frames.shape[axis]), reach, mode="symmetric")
        padded = frames.index_select(axis, torch.from_numpy(index).to(frames.device))
        weight = kernel.reshape(1, 1, *shape).expand(channels, 1, -1, -1).contiguous()
        frames = F.conv2d(padded, weight, groups=channels)
    return frames


class Downloads:
    """Frames on their way back from the device, a step behind, so that copies overlap the next."""

    def __init__(self) -> None:
        self._waiting: list[Tensor] = []

    def send(self, frames: Tensor) -> Iterator[Picture]:
        """Start copying frames [T, 3, H, W]; yields the pictures sent before."""
        import torch

        ready = self._drained()
        pictures = frames.permute(0, 2, 3, 1).contiguous()
        if pictures.device.type == "cuda":
            target = torch.empty(pictures.shape, dtype=pictures.dtype, pin_memory=True)
            pictures = target.copy_(pictures, non_blocking=True)
            self._copied = torch.cuda.current_stream().record_event()
        self._waiting.append(pictures)
        return iter(ready)

    def remaining(self) -> Iterator[Picture]:
        """The pictures of the last step."""
        return iter(self._drained())

    def _drained(self) -> list[Picture]:
        pictures: list[Picture] = []
        for frames in self._waiting:
            if frames.is_pinned():
                self._copied.synchronize()
            pictures += list(frames.numpy())
        self._waiting = []
        return pictures
