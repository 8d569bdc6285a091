"""Whether two frames show the same picture, judged on sketches a few pixels large, blind to small motion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Sketch = NDArray[np.float32]
"""float32 [18, 32, 3], 0..255."""

_SIZE = (32, 18)
# Below this contrast (standard deviation of 0..255) a frame counts as flat: it resembles nothing.
_FLAT = 2.0


def sketch(picture: NDArray[np.uint8]) -> Sketch:
    """A picture uint8 [h, w, 3] averaged down to 32x18, whatever its size and aspect."""
    import cv2

    return np.asarray(cv2.resize(picture, _SIZE, interpolation=cv2.INTER_AREA), np.float32)


def distance(first: Sketch, second: Sketch) -> float:
    """Mean absolute difference, 0..255; that of a mix to its two parts adds up to that between them."""
    return float(np.abs(first - second).mean())


def correlation(first: Sketch, second: Sketch) -> float:
    """Correlation of brightness, -1..1: unmoved by exposure and fading; 0 where either is flat."""
    a, b = first.mean(2), second.mean(2)
    a, b = a - a.mean(), b - b.mean()
    if min(a.std(), b.std()) < _FLAT:
        return 0.0
    return float((a * b).mean() / (a.std() * b.std()))


def is_light_change(base: Sketch, changed: Sketch) -> bool:
    """Whether `changed` is `base` under other light: all brighter or all darker, and either washed out
    or of the same structure.
    """
    difference = changed - base
    is_one_way = abs(difference.mean()) > 0.6 * np.abs(difference).mean()
    is_washed_out = changed.mean(2).std() < 0.5 * base.mean(2).std()
    return bool(is_one_way and (is_washed_out or correlation(base, changed) > 0.5))
