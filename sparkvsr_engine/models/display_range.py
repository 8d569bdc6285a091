"""Results of display values brought into 0..1 at the same luma.

A result may go beyond its source at an edge. Where that is beyond 0..1, the file it is written to cuts it
channel by channel, which changes luma: a dark red of (0.3, -0.1, 0) is written as (0.3, 0, 0), lighter than
meant. Between two colours of one luma that makes edges where none are. Here such a value is mixed with the
grey of its luma until all of it fits,

    luma + s * (value - luma),   s the largest of 0..1 with which no channel leaves 0..1

Luma itself is cut, so that a grey value is cut as before. 3 ms for 1920x1080.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

# Less than a 10-bit step beyond is not worth a look.
_SLACK = 1e-3
# ITU-R BT.601, as in the restorers.
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def bring_into_range(pixels: Tensor) -> None:
    """Bring a result into 0..1, in place.

    Args:
        pixels: float32 [3, H, W] on the CPU, display values.
    """
    planes = pixels.numpy()
    red, green, blue = (cv2.inRange(plane, -_SLACK, 1 + _SLACK) for plane in planes)
    inside = cv2.bitwise_and(cv2.bitwise_and(red, green), blue)
    if cv2.countNonZero(inside) == inside.size:
        return
    rows, columns = np.nonzero(inside == 0)
    planes[:, rows, columns] = _at_same_luma(planes[:, rows, columns])


def _at_same_luma(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 [3, N] of any range to 0..1."""
    luma = _LUMA @ values
    colour = values - luma
    luma = np.clip(luma, 0, 1)
    most, least = colour.max(0), -colour.min(0)
    # Both are 0 for grey, which no share brings anywhere.
    above = np.divide(1 - luma, most, out=np.ones_like(luma), where=most > 1 - luma)
    below = np.divide(luma, least, out=np.ones_like(luma), where=least > luma)
    return (luma + np.minimum(above, below) * colour).astype(np.float32, copy=False)
