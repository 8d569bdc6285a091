"""Enlarging what no network sees: alpha, passes, views and overscan, each by the filter that fits its values.

All take float32 [H, W, C] and give float32 [height, width, C]. What is no number stays where it is instead of
spreading over what is around it. No filter leaves the range of its neighbourhood.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import FloatPixels

# Source pixels: what is nearer to its neighbours than this share of itself is one surface.
_SAME_SURFACE = 0.1


def nearest(values: NDArray[Any], width: int, height: int) -> NDArray[Any]:
    """Each value as it is: for ids, of any type.

    Args:
        values: [h, w] or [h, w, C].
        width: in pixels.
        height: in pixels.
    """
    rows, columns = (
        np.minimum((np.arange(new) + 0.5) * (old / new), old - 1).astype(np.int64)
        for new, old in ((height, values.shape[0]), (width, values.shape[1]))
    )
    return values[rows][:, columns]


def bounded_cubic(values: FloatPixels, width: int, height: int) -> FloatPixels:
    """Bicubic without its overshoot: for colours and alpha, in whatever range they are.

    Args:
        values: float32 [h, w, C].
        width: in pixels.
        height: in pixels.
    """
    if values.shape[:2] == (height, width):
        return values
    enlarged = _resized(values, width, height, cv2.INTER_CUBIC)
    low, high = _bounds(values)
    bounded = np.clip(enlarged, nearest(low, width, height), nearest(high, width, height))
    return _numbers_or_nearest(bounded, values)


def edge_kept(values: FloatPixels, width: int, height: int, floor: float = 0.0) -> FloatPixels:
    """Linear on surfaces, nearest across their edges: for depth, positions and vectors, whose mean across an
    edge is a place where nothing is.

    Args:
        values: float32 [h, w, C].
        width: in pixels.
        height: in pixels.
        floor: a difference that is no edge however small values are.
    """
    if values.shape[:2] == (height, width):
        return values
    low, high = _bounds(values)
    largest = np.maximum(np.abs(low), np.abs(high))
    is_surface = np.asarray(
        (high - low <= np.maximum(_SAME_SURFACE * largest, np.float32(floor))).all(axis=2)
    )
    linear = _resized(values, width, height, cv2.INTER_LINEAR)
    enlarged = np.where(nearest(is_surface, width, height)[..., None], linear, nearest(values, width, height))
    return _numbers_or_nearest(enlarged.astype(np.float32, copy=False), values)


def normals(values: FloatPixels, width: int, height: int) -> FloatPixels:
    """Directions: as `edge_kept`, brought back to the length they had; the first three channels of them.

    Args:
        values: float32 [h, w, C].
        width: in pixels.
        height: in pixels.
    """
    vectors = edge_kept(values, width, height, floor=0.5)
    length = _length(values)
    if vectors is values or values.shape[2] < 3 or not _are_directions(length):
        return vectors
    target_length = edge_kept(length, width, height, floor=0.1)
    own_length = _length(vectors)
    factor = np.divide(target_length, own_length, out=np.ones_like(own_length), where=own_length > 1e-6)
    return np.concatenate([vectors[..., :3] * factor, vectors[..., 3:]], axis=2)


def _length(vectors: FloatPixels) -> FloatPixels:
    return np.sqrt(np.square(vectors[..., :3]).sum(axis=2, keepdims=True))


def _are_directions(length: FloatPixels) -> bool:
    """Whether nearly all have length 1, or 0 where nothing is; else they are coded in some other way."""
    return bool(((np.abs(length - 1) < 0.05) | (length < 0.01)).mean() > 0.9)


def _bounds(values: FloatPixels) -> tuple[FloatPixels, FloatPixels]:
    """The least and the largest value around each, NaN left out."""
    kernel = np.ones((3, 3), np.uint8)
    low = cv2.erode(np.where(np.isnan(values), np.float32(np.inf), values), kernel)
    high = cv2.dilate(np.where(np.isnan(values), np.float32(-np.inf), values), kernel)
    return np.asarray(low, np.float32).reshape(values.shape), np.asarray(high, np.float32).reshape(
        values.shape
    )


def _resized(values: FloatPixels, width: int, height: int, how: int) -> FloatPixels:
    size = (height, width, values.shape[2])
    return np.asarray(cv2.resize(values, (width, height), interpolation=how), np.float32).reshape(size)


def _numbers_or_nearest(enlarged: FloatPixels, values: FloatPixels) -> FloatPixels:
    """The grown values, and the nearest ones where the source around them is no number."""
    if bool(np.isfinite(values).all()):
        return enlarged
    plain = nearest(values, enlarged.shape[1], enlarged.shape[0])
    return np.where(np.isfinite(enlarged) & np.isfinite(plain), enlarged, plain)
