"""Results of display values brought into 0..1 at the same luma.

A result may go beyond its source at an edge. Where that is beyond 0..1, the file it is written to cuts it
channel by channel, which changes luma: a dark red of (0.3, -0.1, 0.1) is written as (0.3, 0, 0.1), lighter
than meant. Between two colours of one luma that makes edges where none are. Here what the cut took from luma
is taken from the channels that are still free, alike from each, until luma is as it was or all are cut. A
grey value is cut as before. 3 ms for 1920x1080 where nothing is beyond.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

# Less than a 10-bit step beyond is not worth a look.
_SLACK = 1e-3
# ITU-R BT.601, as in the restorers.
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)[:, None]


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
    luma = np.clip(_luma_of(values), 0, 1)
    within = np.clip(values, 0, 1)
    # Each round cuts another channel, or is the last that changes anything.
    for _ in range(len(_LUMA)):
        lacking = luma - _luma_of(within)
        is_free = np.where(lacking > 0, within < 1, within > 0)
        weight = _luma_of(is_free)
        step = np.divide(lacking, weight, out=np.zeros_like(lacking), where=weight > 0)
        within = np.clip(within + step * is_free, 0, 1)
    return within.astype(np.float32, copy=False)


def _luma_of(values: NDArray[np.float32] | NDArray[np.bool_]) -> NDArray[np.float32]:
    # A product of matrices sums in an order that depends on how many values there are.
    return np.asarray((_LUMA * values).sum(0), np.float32)
