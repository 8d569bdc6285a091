"""A random texture that a camera pans over: quick to draw, detailed enough for flow searches."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np


@lru_cache(maxsize=8)
def texture(width, height, seed=0):
    """Octaves of noise, coarse ones in colour, and hard edges: float32 [height, width, 3], 0..1."""
    rng = np.random.default_rng(seed)
    picture = np.full((height, width, 3), 0.5, np.float32)
    for size, strength, channels in ((60, 0.35, 3), (20, 0.25, 3), (8, 0.2, 1), (3, 0.15, 1)):
        rough = rng.uniform(-1, 1, (height // size + 2, width // size + 2, channels)).astype(np.float32)
        smooth = cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC)
        picture += strength * smooth.reshape(height, width, channels)
    for _ in range(12):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        colour = rng.uniform(0, 1, 3).tolist()
        cv2.rectangle(picture, (x, y), (x + width // 9, y + height // 9), colour, -1)
    return np.clip(picture, 0, 1)


def pan(count, width, height, speed=(1.5, 0.75), seed=0):
    """`count` frames that slide over a texture by `speed` pixels a frame: float32 [height, width, 3] each."""
    wide = texture(
        width + 2 * int(abs(speed[0]) * count + 2), height + 2 * int(abs(speed[1]) * count + 2), seed
    )
    middle = np.array([wide.shape[1] - 1, wide.shape[0] - 1]) / 2
    return [
        cv2.getRectSubPix(wide, (width, height), (middle + np.array(speed) * (i - count / 2)).tolist())
        for i in range(count)
    ]


def as_bytes(picture):
    """0..1 as uint8."""
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
