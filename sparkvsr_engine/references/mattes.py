"""Where in its frame a keyframe counts: a matte of its own, or its picture's alpha.

A picture of a part of the frame, a painted patch on nothing, is laid over its source frame before anything
else looks at it: black around it would pull colours down, and be taken for disagreement.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.errors import KeyframeRejected, MediaUnreadable
from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.pictures.headroom import resize_with_headroom
from sparkvsr_engine.media.images import read_image
from sparkvsr_engine.media.pixels import alpha_of, not_numbers, to_finite
from sparkvsr_engine.references.preparing import resize_to

Alpha = NDArray[np.float32]

# Alpha below which a picture has practically no colour.
_NOTHING = 1.5 / 255
# Source pixels; less shows no detail to compare.
_LEAST_SIDE = 32


def read_matte_file(frame: int, path: Path) -> NDArray[np.float32]:
    """An artist's matte, its first channel as float32 [H, W] 0..1; raises KeyframeRejected."""
    try:
        pixels = read_image(path).pixels[..., :1]
    except MediaUnreadable as error:
        raise KeyframeRejected(f"The matte for frame {frame} cannot be used: {error.message}") from error
    return to_finite(pixels)[..., 0]


def partial_alpha(pixels: NDArray[Any]) -> Alpha | None:
    """A picture's alpha, float32 [H, W] 0..1; None where it is opaque. pixels: [H, W, 3 or 4].

    What is no number counts as transparent: there the source counts.
    """
    alpha, wrong = alpha_of(pixels), not_numbers(pixels)
    if wrong is not None:
        alpha = np.where(wrong, np.float32(0), np.float32(1) if alpha is None else alpha)
    if alpha is None or float(alpha.min()) >= 1.0:
        return None
    return np.clip(alpha, 0, 1)


def warning_of_numbers(frame: int, pixels: NDArray[Any]) -> str:
    """One sentence about pixels of a keyframe [H, W, C] that are no numbers; empty where all are."""
    wrong = not_numbers(pixels)
    if wrong is None:
        return ""
    count = int(wrong.sum())
    words = "1 pixel that is" if count == 1 else f"{count} pixels that are"
    return (
        f"The keyframe at {frame} holds {words} no number (NaN or infinite); the source takes"
        " their place: save the picture without them."
    )


def is_nothing(pixels: NDArray[Any]) -> bool:
    """Whether a picture is transparent everywhere."""
    alpha = partial_alpha(pixels)
    return alpha is not None and float(alpha.max()) < _NOTHING


def matte_of(pixels: NDArray[Any], geometry: Geometry) -> Alpha | None:
    """Where a picture may count: its alpha at output size, float32 [H, W] 0..1; None for everywhere."""
    alpha = partial_alpha(pixels)
    return None if alpha is None else np.clip(resize_to(alpha, geometry.width, geometry.height), 0, 1)


@dataclass(frozen=True)
class Part:
    """The least part of a frame that holds all a picture covers: rows and columns of its source frame."""

    rows: slice
    columns: slice
    height: int
    width: int

    def of(self, picture: Picture) -> Picture:
        """The part of a picture of the whole frame, [H, W, 3] of any size."""
        down, across = picture.shape[0] / self.height, picture.shape[1] / self.width
        return picture[_scaled(self.rows, down), _scaled(self.columns, across)]


def part_of(alpha: Alpha | None, height: int, width: int) -> Part:
    """What a picture that is not empty covers, by its alpha; all of the frame where that is None.

    Args:
        alpha: its alpha, float32 [h, w], 0..1; None for none.
        height: of the source frame.
        width: of the source frame.
    """
    if alpha is None:
        return Part(slice(0, height), slice(0, width), height, width)
    is_there = alpha >= _NOTHING
    rows, columns = (np.asarray(is_there.any(axis)) for axis in (1, 0))
    return Part(_span(rows, height), _span(columns, width), height, width)


def over_source(picture: Picture, alpha: Alpha | None, source: Picture) -> Picture:
    """A picture with its source frame where it is transparent itself, None for nowhere.

    Args:
        picture: float32 [H, W, 3] in model space.
        alpha: its alpha, float32 [h, w], 0..1; None for none.
        source: float32 [h, w, 3], of any size.
    """
    if alpha is None:
        return picture
    height, width = alpha.shape
    return np.where(
        alpha[..., None] < _NOTHING, resize_with_headroom(source, width, height, resize_to), picture
    )


def _span(is_there: NDArray[np.bool_], size: int) -> slice:
    """The pixels of a source of that size which hold all that is there, and some more where they are few."""
    indices = np.flatnonzero(is_there) * (size / len(is_there))
    first, last = int(indices[0]), int(indices[-1])
    missing = max(0, _LEAST_SIDE - (last + 1 - first))
    first = max(0, min(first - missing // 2, size - _LEAST_SIDE))
    return slice(first, min(size, max(last + 1, first + _LEAST_SIDE)))


def _scaled(part: slice, factor: float) -> slice:
    return slice(round(part.start * factor), round(part.stop * factor))
