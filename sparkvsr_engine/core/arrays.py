"""What arrays are called, each kind once; their axes and ranges stand in the functions' docstrings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]
"""A picture in model space, [H, W, 3] or with alpha [H, W, 4]: 0..1, and beyond where light lies beyond."""

BytePicture = NDArray[np.uint8]
"""A picture in eight bits, [H, W, 3]."""

Pixels = NDArray[Any]
"""A picture as a file has it, [H, W, C], in any number format."""

FloatPixels = NDArray[np.float32]
"""Colours of any number of pixels, [..., C], in whatever space."""

Plane = NDArray[np.float32]
"""One value per pixel, [H, W]."""

AnyPlane = NDArray[Any]
"""One value per pixel, [H, W], in any number format."""
