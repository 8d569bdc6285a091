"""Colours under straight alpha: where a picture is transparent, what is stored there is nobody's colour.

Most programs save black. Enlarged with the rest it would darken every soft edge, so the colours around
take its place before anything is enlarged.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Picture


def bled(colours: Picture, alpha: NDArray[np.float32]) -> Picture:
    """Colours float32 [H, W, 3] with those around them where alpha [H, W] is 0, the nearest most."""
    is_clear = alpha <= 0
    if not bool(is_clear.any()) or bool(is_clear.all()):
        return colours
    weight = np.where(is_clear, np.float32(0), alpha)[..., None]
    filled = _filled(colours * weight, weight)
    return np.where(is_clear[..., None], filled, colours)


def _filled(weighted: Picture, weight: Picture) -> Picture:
    """Means of what has weight; elsewhere those of a picture half as large, enlarged."""
    import cv2

    height, width = weight.shape[:2]
    mean = np.divide(weighted, weight, out=np.zeros_like(weighted), where=weight > 0)
    if bool((weight > 0).all()) or height * width == 1:
        return mean
    size = (-(-width // 2), -(-height // 2))
    small = [cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in (weighted, weight)]
    halves = [np.asarray(plane, np.float32).reshape(size[1], size[0], -1) for plane in small]
    around = _filled(halves[0], halves[1])
    enlarged = cv2.resize(around, (width, height), interpolation=cv2.INTER_LINEAR).reshape(weighted.shape)
    return np.where(weight > 0, mean, enlarged)
