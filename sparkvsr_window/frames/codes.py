"""Pixels of a message to pixels for the screen; codes are shown as they are."""

from __future__ import annotations

from sparkvsr_bridge.media import PixelFormat
from sparkvsr_window.frames.keys import ScreenPicture

_UINT16_TO_UINT8 = 255.0 / 65535.0


def screen_picture(pixels: memoryview, layout: PixelFormat) -> ScreenPicture:
    """A picture of codes, copied: uint8 or uint16 with 1 to 4 channels (RGB first)."""
    import cv2
    import numpy as np

    shape = (layout.height, layout.width, layout.channels)
    codes = np.frombuffer(pixels, layout.sample).reshape(shape)
    if layout.channels in (1, 2):
        codes = np.repeat(codes[..., :1], 3, axis=2)
    if codes.dtype != np.uint8:
        codes = cv2.convertScaleAbs(codes, alpha=_UINT16_TO_UINT8)
    way = cv2.COLOR_RGBA2BGRA if codes.shape[2] == 4 else cv2.COLOR_RGB2BGRA
    screen_pixels = np.ascontiguousarray(cv2.cvtColor(np.ascontiguousarray(codes), way))
    return ScreenPicture(
        layout.width, layout.height, screen_pixels.data.cast("B"), layout.width, layout.height
    )
