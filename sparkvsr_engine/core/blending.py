"""Raised-cosine ramps and weighted accumulation, the same for time and space.

Where two intervals overlap, one fades out by what the other fades in: weights add up to one by
construction, so nothing is divided at the end and a constant stays a constant.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.intervals import Interval


def ramp(length: int) -> NDArray[np.float32]:
    """A rising raised cosine, float32 [length], strictly between 0 and 1.

    Sampled at the middle of each place: w(i) = sin^2(pi (i + 1/2) / (2 length)), hence
    w(i) + w(length - 1 - i) = 1.
    """
    middles = (np.arange(length, dtype=np.float64) + 0.5) / max(length, 1)
    return (np.sin(0.5 * np.pi * middles) ** 2).astype(np.float32)


def fade_weights(length: int, fade_in: int, fade_out: int) -> NDArray[np.float32]:
    """Weights of an interval, float32 [length]: up over `fade_in` places, one, down over `fade_out`.

    Args:
        length: of the interval.
        fade_in: places at its start.
        fade_out: places at its end.
    """
    if min(fade_in, fade_out) < 0 or fade_in + fade_out > length:
        raise ValueError(f"an interval of {length} cannot fade in over {fade_in} and out over {fade_out}")
    weights = np.ones(length, np.float32)
    weights[:fade_in] = ramp(fade_in)
    weights[length - fade_out :] = 1 - ramp(fade_out)
    return weights


def interval_weights(interval: Interval) -> NDArray[np.float32]:
    """The weights of what an interval puts out."""
    return fade_weights(len(interval), interval.fade_in, interval.fade_out)


def accumulate(canvas: NDArray[np.float32], pixels: NDArray[np.float32], placed: Sequence[Interval]) -> None:
    """Add a predicted piece to the canvas under its ramps.

    Args:
        canvas: float32, its first axes are those of `placed` in full size, e.g. [F, H, W, C] for (time, y, x)
            or [H, W, C] for (y, x); starts as zeros, changed in place.
        pixels: float32, the same axes over what each interval reads, as the network gave it.
        placed: where the piece lies, an interval per leading axis.
    """
    expected = tuple(interval.read_length for interval in placed)
    if pixels.shape[: len(placed)] != expected:
        raise ValueError(f"a piece of {pixels.shape} is not what was read: {expected}")
    inner = tuple(slice(i.start - i.read_start, i.stop - i.read_start) for i in placed)
    outer = tuple(slice(i.start, i.stop) for i in placed)
    canvas[outer] += pixels[inner] * _mask(placed, canvas.ndim)


def _mask(placed: Sequence[Interval], dimensions: int) -> NDArray[np.float32]:
    """The product of the axes' weights, broadcastable to `dimensions` axes."""
    mask = np.ones((1,) * dimensions, np.float32)
    for axis, interval in enumerate(placed):
        shape = [1] * dimensions
        shape[axis] = len(interval)
        mask = mask * interval_weights(interval).reshape(shape)
    return mask
