"""Light beyond 0..1 in model space, which goes past restorers instead of through them.

A glint a thousand times brighter than white, or a strongly negative colour, makes a network burst over dozens
of pixels around it, and models that clip lose it. So they are shown pictures within 0..1, and what lies
beyond is enlarged on its own and added to what they restored. Linearly: a cubic's overshoot is a few
hundredths of a code value, which is stops of light up there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]


def within(picture: Picture) -> Picture:
    """A picture float32 [H, W, C] within 0..1, itself where nothing lies beyond."""
    return picture if _lies_within(picture) else np.clip(picture, 0, 1)


def beyond(picture: Picture) -> Picture | None:
    """What `within` takes away, float32 [H, W, C]; None for nothing."""
    return None if _lies_within(picture) else picture - np.clip(picture, 0, 1)


def grown(light: Picture, width: int, height: int) -> Picture:
    """What lies beyond, on a grid of another size, never stronger than it was."""
    if light.shape[:2] == (height, width):
        return light
    # Planning imports this too, and has no need of it.
    import cv2

    return np.asarray(cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def resized(picture: Picture, width: int, height: int, resize: Any) -> Picture:
    """A picture on another grid, `resize(picture, width, height)` for what lies within."""
    light = beyond(picture)
    inner = resize(within(picture), width, height)
    return inner if light is None else added(inner, grown(light, width, height))


def mixed(source: Picture | None, keyframe: Picture | None, share: Any) -> Picture | None:
    """What lies beyond on a keyframe's own frame: the keyframe's for its share, the source's for the rest.

    Both float32 [H, W, 3] of one size, None for nothing. share: 0..1, a number or float32 [H, W].
    """
    if source is None and keyframe is None:
        return None
    part = np.clip(np.asarray(share, np.float32), 0, 1)[..., None]
    if keyframe is None:
        return source * (1 - part) if source is not None else None
    return keyframe * part if source is None else source + (keyframe - source) * part


def added(restored: Picture, light: Picture) -> Picture:
    """What was restored within 0..1, with what lies beyond; both float32 [H, W, C].

    Where there is such light the picture a restorer saw had reached its bound, and so has what it restored: a
    sharpened edge on top of half's largest value would be infinite.
    """
    bounded = np.where(light > 0, np.minimum(restored, 1), restored)
    bounded = np.where(light < 0, np.maximum(bounded, 0), bounded)
    return np.asarray(bounded + light, np.float32)


def _lies_within(picture: Picture) -> bool:
    return picture.size == 0 or (float(picture.min()) >= 0 and float(picture.max()) <= 1)
