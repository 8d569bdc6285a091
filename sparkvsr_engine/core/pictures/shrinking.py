"""Pictures made small enough to look at: for analysis, and where only the whole of a picture is compared."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def downscaled(picture: NDArray[np.float32], longest_side: int) -> NDArray[np.float32]:
    """A picture float32 [H, W] or [H, W, C] whose longer side is at most that, by area averages; small ones
    as they are.
    """
    height, width = picture.shape[:2]
    ratio = longest_side / max(height, width)
    if ratio >= 1:
        return picture
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
