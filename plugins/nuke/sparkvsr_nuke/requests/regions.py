"""From the Viewer's region of interest to the engine's region. Pure Python, no Nuke."""

from __future__ import annotations

import math
from typing import Mapping, Optional, Tuple


def region_of(
    roi: Mapping[str, float], viewed: Tuple[int, int], output: Tuple[int, int]
) -> Optional[Tuple[int, int, int, int]]:
    """x, y, width, height in output pixels from the top left; None where nothing of the frame is inside.

    roi: x, y, r, t in pixels of the picture in the Viewer, from its bottom left. viewed: that picture's
    width and height. output: the result's.
    """
    across, down = output[0] / viewed[0], output[1] / viewed[1]
    left = max(math.floor(roi["x"] * across), 0)
    right = min(math.ceil(roi["r"] * across), output[0])
    top = max(math.floor((viewed[1] - roi["t"]) * down), 0)
    bottom = min(math.ceil((viewed[1] - roi["y"]) * down), output[1])
    if left >= right or top >= bottom:
        return None
    return left, top, right - left, bottom - top
