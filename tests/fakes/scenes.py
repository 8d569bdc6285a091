"""A textured scene that moves, computed from sines alone: the same pixels on every machine and version."""

from __future__ import annotations

import numpy as np

WAVES = 24


def scene(number=0, width=192, height=144, seed=0, speed=(2.0, 1.0)):
    """Frame `number` of a scene that slides by `speed` pixels per frame: uint8 [height, width, 3]."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    x, y = columns + speed[0] * number, rows + speed[1] * number
    picture = np.empty((height, width, 3))
    pitch = rng.uniform(0.02, 1.2, WAVES)
    angle = rng.uniform(0, np.pi, WAVES)
    for channel in range(3):
        phase = rng.uniform(0, 2 * np.pi, WAVES)
        waves = [
            np.sin(p * (x * np.cos(a) + y * np.sin(a)) + o) / (1 + 3 * p)
            for p, a, o in zip(pitch, angle, phase, strict=True)
        ]
        picture[..., channel] = np.sum(waves, axis=0)
    checks = (x // 24 + y // 18) % 2
    return np.rint(np.clip(128 + 26 * picture + 40 * (checks[..., None] - 0.5), 0, 255)).astype(np.uint8)


def softened(picture, passes=2):
    """The picture under a repeated 3x3 mean, edges repeated: uint8."""
    soft = picture.astype(np.float64)
    for _ in range(passes):
        padded = np.pad(soft, ((1, 1), (1, 1), (0, 0)), mode="edge")
        parts = [padded[r : r + soft.shape[0], c : c + soft.shape[1]] for r in range(3) for c in range(3)]
        soft = np.mean(parts, axis=0)
    return np.rint(soft).astype(np.uint8)


def with_noise(picture, deviation, seed=1):
    """The picture with Gaussian noise of that standard deviation, 8-bit levels: uint8."""
    noise = np.random.default_rng(seed).normal(0, deviation, picture.shape)
    return np.rint(np.clip(picture + noise, 0, 255)).astype(np.uint8)
