"""A bound by construction: no result leaves the range of its own source neighbourhood by more than a share.

A network can err on pictures that no training showed; what it then invents is stopped here. Per channel, with
low and high the extremes of 5x5 source pixels around a pixel,

    low - SHARE * (high - low) - FLOOR  <=  result  <=  high + SHARE * (high - low) + FLOOR

of values as they are shown. In scene-linear light the same holds of light, because codes are exponential: a
few hundredths of a code beyond an edge are stops of light. Where keyframes have influence, extremes are those
of source and keyframe together.

On six clips of footage at scale 4 at most 0.5 % of a frame's pixels reach the bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.pictures.light_curve import LightCurve

# How far beyond its neighbourhood's extremes a result may go, in units of their distance.
SHARE = 0.5
# The same of a full display range, and as a share of light: flat places stay flat to two 8-bit steps.
FLOOR = 2 / 255
LIGHT_FLOOR = 1 / 64
# Side of the neighbourhood, source pixels.
NEIGHBOURHOOD = 5
# Every so many-th row of the source is counted.
_COUNTED = 4
# Share of a frame's pixels at the bound that is not worth a word.
TRACE = 0.01


@dataclass(frozen=True, eq=False)
class SourceRange:
    """Extremes of every source pixel's neighbourhood. low, high: float32 [3, h, w], model space."""

    low: Tensor
    high: Tensor

    @classmethod
    def of(cls, source: Picture) -> SourceRange:
        """Of a source frame, float32 [h, w, 3], model space."""
        kernel = np.ones((NEIGHBOURHOOD, NEIGHBOURHOOD), np.uint8)
        extremes = (
            operation(source, kernel, borderType=cv2.BORDER_REPLICATE)
            for operation in (cv2.erode, cv2.dilate)
        )
        low, high = (
            torch.from_numpy(np.ascontiguousarray(extreme.transpose(2, 0, 1))) for extreme in extremes
        )
        return cls(low, high)

    def with_keyframe(self, keyframe: SourceRange, influence: float | Tensor) -> SourceRange:
        """Extremes widened towards a keyframe's: influence 0 leaves them, 1 takes both, above 1 goes beyond.

        Args:
            keyframe: the keyframe's own range, brought to the frame.
            influence: of the frame, or per source pixel [h, w].
        """
        below = (keyframe.low - self.low).clamp_(max=0)
        above = (keyframe.high - self.high).clamp_(min=0)
        return SourceRange(self.low + influence * below, self.high + influence * above)

    def limits(self, curve: LightCurve | None) -> SourceRange:
        """The least and the largest value a result may have.

        Args:
            curve: of scene-linear light, whose codes model space then holds; None for display values.
        """
        if curve is None:
            margin = (self.high - self.low).mul_(SHARE).add_(FLOOR)
            return SourceRange(self.low - margin, self.high + margin)
        low, high = (curve.decode(codes.numpy()) for codes in (self.low, self.high))
        margin = np.float32(SHARE) * (high - low) + np.float32(LIGHT_FLOOR) * np.abs(high)
        # Light is not negative where its source is not.
        least = np.where(low >= 0, np.maximum(low - margin, 0), low - margin)
        codes = (curve.encode(light.astype(np.float32)) for light in (least, high + margin))
        # Rounding of the codes must not cut what is allowed.
        least_code, largest_code = (torch.from_numpy(code) for code in codes)
        return SourceRange(least_code - 1e-3, largest_code + 1e-3)


def limit(pixels: Tensor, limits: SourceRange) -> float:
    """Bring a result within its limits, in place; returns the share of its pixels that were outside, 0..1.

    Args:
        pixels: float32 [3, H, W], any size; both grids share their outer edges.
        limits: of its source.
    """
    height, width = pixels.shape[-2:]
    rows = limits.low.shape[-2]
    low, high = _widened(limits.low, width), _widened(limits.high, width)
    if height % rows:
        down = _nearest(height, rows)
        low, high, part = low[:, down, None], high[:, down, None], 1
    else:
        low, high, part = low[:, :, None], high[:, :, None], height // rows
    cells = pixels.unflatten(1, (-1, part))
    # A row in every fourth source row is counted: a count of all would cost more than the limit itself.
    counted, middle = slice(None, None, _COUNTED), slice(part // 2, part // 2 + 1)
    sampled = cells[:, counted, middle]
    outside = ((sampled < low[:, counted]) | (sampled > high[:, counted])).any(0)
    share = float(outside.count_nonzero()) / outside.numel()
    cells.clamp_(low, high)
    return share


def _widened(limit_values: Tensor, width: int) -> Tensor:
    """[3, h, w] to [3, h, width], each value for as many pixels as lie in it."""
    columns = limit_values.shape[-1]
    if width % columns == 0:
        return limit_values[..., None].expand(-1, -1, -1, width // columns).flatten(2)
    return limit_values[..., _nearest(width, columns)]


def is_grey(source: Picture) -> bool:
    """Whether a picture float32 [h, w, 3] has three equal channels everywhere."""
    first = source[..., 0]
    return bool(np.array_equal(first, source[..., 1]) and np.array_equal(first, source[..., 2]))


def grey_of(picture: Picture) -> Picture:
    """A picture float32 [h, w, 3] as its luma (ITU-R BT.601) in three equal channels."""
    luma = picture @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.repeat(luma[..., None], 3, axis=2)


def _nearest(size: int, source: int) -> Tensor:
    """The source index of every index of a grid of another size."""
    return ((torch.arange(size, dtype=torch.float64) + 0.5) * (source / size)).long().clamp_(max=source - 1)
