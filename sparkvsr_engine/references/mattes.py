"""Where in its frame a keyframe speaks: a matte of its own, or its picture's alpha.

A picture of a part of the frame, a painted patch on nothing, is laid over its source frame before anything
else looks at it: black around it would pull colours down, and be taken for disagreement.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.errors import KeyframeRejected, MediaUnreadable
from sparkvsr_engine.core.beyond import resized
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.media.images import read_image
from sparkvsr_engine.media.pixels import to_float
from sparkvsr_engine.references.preparing import resize_to

Picture = NDArray[np.float32]

# Alpha below which a picture has no colour to speak of.
_NOTHING = 1.5 / 255


def read_matte_file(frame: int, path: Path) -> NDArray[np.float32]:
    """An artist's matte, its first channel as float32 [H, W] 0..1; raises KeyframeRejected."""
    try:
        pixels = read_image(path).pixels[..., :1]
    except MediaUnreadable as error:
        raise KeyframeRejected(f"The matte for frame {frame} cannot be used: {error.message}") from error
    return to_float(pixels)[..., 0]


def alpha_of(pixels: NDArray[Any]) -> NDArray[np.float32] | None:
    """A picture's alpha, float32 [H, W] 0..1; None where it is opaque. pixels: [H, W, 3 or 4]."""
    if pixels.shape[2] < 4:
        return None
    alpha = np.clip(np.nan_to_num(to_float(pixels[..., 3:])[..., 0]), 0, 1)
    return None if float(alpha.min()) >= 1.0 else np.asarray(alpha, np.float32)


def is_nothing(pixels: NDArray[Any]) -> bool:
    """Whether a picture is transparent everywhere."""
    alpha = alpha_of(pixels)
    return alpha is not None and float(alpha.max()) < _NOTHING


def matte_of(pixels: NDArray[Any], geometry: Geometry) -> NDArray[np.float32] | None:
    """Where a picture may speak: its alpha at output size, float32 [H, W] 0..1; None for everywhere."""
    alpha = alpha_of(pixels)
    return None if alpha is None else np.clip(resize_to(alpha, geometry.width, geometry.height), 0, 1)


def over_source(picture: Picture, pixels: NDArray[Any], source: Picture) -> Picture:
    """A picture with its source frame where it is transparent itself.

    picture: float32 [H, W, 3], what `pixels`, [H, W, 3 or 4], are in model space. source: float32 [h, w, 3].
    """
    alpha = alpha_of(pixels)
    if alpha is None:
        return picture
    height, width = alpha.shape
    return np.where(alpha[..., None] < _NOTHING, resized(source, width, height, resize_to), picture)
