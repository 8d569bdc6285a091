"""Pictures as the evaluation sees them: checked, as luma, cropped, resampled.

Not here: files (`clips`, `pictures`), colour spaces other than display-referred RGB.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import AnyPlane, Pixels

# ITU-R BT.601, RGB 0..255 to studio-range luma 16..235.
_LUMA = np.array([65.481, 128.553, 24.966]) / 255.0


def require_picture(picture: Pixels) -> Pixels:
    """The picture itself; ValueError unless it is [H, W, 3] of uint8 or floating point."""
    if picture.ndim != 3 or picture.shape[2] != 3:
        raise ValueError(f"a frame has the axes H, W, 3; this one has the shape {picture.shape}")
    if picture.dtype != np.uint8 and not np.issubdtype(picture.dtype, np.floating):
        raise ValueError(f"a frame is uint8 or floating point, not {picture.dtype}")
    return picture


def require_same_size(result: Pixels, reference: Pixels) -> None:
    """Raise ValueError unless both are pictures of one size."""
    if require_picture(result).shape != require_picture(reference).shape:
        raise ValueError(f"the result is {_size(result)}, its reference {_size(reference)}; they must agree")


def to_unit(picture: Pixels) -> NDArray[np.float32]:
    """float32 0..1; values a display cannot show are clipped, as the display would."""
    if require_picture(picture).dtype == np.uint8:
        return picture.astype(np.float32) / 255.0
    return np.clip(picture, 0.0, 1.0).astype(np.float32, copy=False)


def to_eight_bits(picture: Pixels) -> NDArray[np.uint8]:
    """uint8 0..255, rounded."""
    if require_picture(picture).dtype == np.uint8:
        return picture
    return np.rint(np.clip(picture, 0.0, 1.0) * 255.0).astype(np.uint8)


def studio_luma(picture: Pixels) -> AnyPlane:
    """BT.601 studio-range luma, float64 [H, W], 16..235, not rounded."""
    levels = picture if require_picture(picture).dtype == np.uint8 else np.clip(picture, 0.0, 1.0) * 255.0
    return 16.0 + levels.astype(np.float64) @ _LUMA


def without_border(plane: NDArray[Any], border: int) -> NDArray[Any]:
    """The picture without `border` pixels on each side; ValueError when nothing would be left."""
    if 2 * border >= min(plane.shape[:2]):
        raise ValueError(f"a border of {border} pixels leaves nothing of {plane.shape[1]}x{plane.shape[0]}")
    return plane[border : plane.shape[0] - border, border : plane.shape[1] - border]


def centre_crop(picture: Pixels, side: int) -> Pixels:
    """The middle square of at most `side` pixels; 0 means the whole picture."""
    if side <= 0:
        return picture
    height, width = picture.shape[:2]
    top, left = max(0, (height - side) // 2), max(0, (width - side) // 2)
    return picture[top : top + side, left : left + side]


def resize_bicubic(picture: Pixels, width: int, height: int) -> NDArray[np.uint8]:
    """Antialiased bicubic (a = -0.5) to another size, uint8 [height, width, 3].

    The resampling the super-resolution literature means by "bicubic": equal to Pillow's but for one level in
    a pixel of thousands, and to MATLAB's `imresize` but for rounding and the border.

    Args:
        picture: [H, W, 3], uint8 or float 0..1.
        width: in pixels.
        height: in pixels.
    """
    import torch
    import torch.nn.functional as F

    planes = torch.from_numpy(np.ascontiguousarray(to_eight_bits(picture).transpose(2, 0, 1)))[None]
    resized = F.interpolate(planes, size=(height, width), mode="bicubic", antialias=True)
    return np.ascontiguousarray(resized[0].permute(1, 2, 0).numpy())


def halved(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Every 2x2 pixels averaged to one; an odd last row or column is dropped."""
    height, width = picture.shape[0] // 2 * 2, picture.shape[1] // 2 * 2
    even = np.ascontiguousarray(picture[:height, :width])
    return np.asarray(cv2.resize(even, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.uint8)


def cropped_to_multiple(picture: Pixels, multiple: int) -> Pixels:
    """The picture without the rows and columns at its end beyond a multiple of `multiple`."""
    height, width = (side // multiple * multiple for side in picture.shape[:2])
    return picture[:height, :width]


def _size(picture: Pixels) -> str:
    return f"{picture.shape[1]}x{picture.shape[0]}"
