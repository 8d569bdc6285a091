"""What a scene is drawn with: its size in source pixels, random numbers, and the footage behind graphics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.evaluation.graphics.canvas import Canvas, Colour

Painter = Callable[[Canvas, float], None]
BLACK, WHITE, GREY = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (0.5, 0.5, 0.5)
_TEXTURE_SIDE = 256


@dataclass(frozen=True, eq=False)
class Setting:
    """What a painter is made from.

    rng: the scene's random numbers. rows, columns: of the source, pixels. footage: pictures to put behind
    graphics, uint8 [h, w, 3]; a texture is made where there is none.
    """

    rng: np.random.Generator
    rows: int
    columns: int
    footage: Sequence[NDArray[np.uint8]] = ()

    @property
    def pixel(self) -> float:
        """A source pixel, in units of the height."""
        return 1 / self.rows

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.columns / self.rows

    def between(self, low: float, high: float) -> float:
        """A uniform number."""
        return float(self.rng.uniform(low, high))

    def chance(self, share: float) -> bool:
        """True in that share of all cases."""
        return bool(self.rng.random() < share)

    def place(self) -> tuple[float, float]:
        """A point of the picture."""
        return self.between(0, self.aspect), self.between(0, 1)

    def colour(self) -> Colour:
        """Black, white, a primary, or any colour."""
        kind = self.rng.random()
        if kind < 0.3:
            return BLACK if self.chance(0.5) else WHITE
        if kind < 0.55:
            level = (1.0, 0.75)[int(self.rng.integers(2))]
            red, green, blue = (level * int(bit) for bit in self.rng.integers(0, 2, 3))
            return red, green, blue
        if kind < 0.7:
            grey = self.between(0, 1)
            return grey, grey, grey
        red, green, blue = (float(value) for value in self.rng.random(3))
        return red, green, blue

    def pair(self, least: float = 0.25) -> tuple[Colour, Colour]:
        """Two colours that differ by at least so much in some channel."""
        while True:
            first, second = self.colour(), self.colour()
            if max(abs(a - b) for a, b in zip(first, second, strict=True)) >= least:
                return first, second

    def drift(self, most: float = 3.0) -> tuple[float, float]:
        """A speed in units of the height per frame, often zero or along one axis; most: source pixels."""
        speed = self.pixel * most * self.rng.random(2) * self.rng.choice((-1, 1), 2)
        axes = self.rng.choice((0, 0, 1), 2) if self.chance(0.7) else np.ones(2)
        return float(speed[0] * axes[0]), float(speed[1] * axes[1])


def footage_of(setting: Setting) -> Painter:
    """Moving footage over the whole picture, or a texture like it."""
    pictures = setting.footage
    picture = pictures[int(setting.rng.integers(len(pictures)))] if pictures else texture(setting.rng)
    speed, zoom = setting.drift(2.0), setting.between(1.05, 1.4)
    start = (-setting.between(0, 0.1), -setting.between(0, 0.1))

    def paint(canvas: Canvas, time: float) -> None:
        canvas.photograph(picture, (start[0] + speed[0] * time, start[1] + speed[1] * time), zoom)

    return paint


def plain_of(colour: Colour) -> Painter:
    """One colour."""
    return lambda canvas, _: canvas.fill(colour)


def gradient_of(setting: Setting) -> Painter:
    """A linear ramp between two colours in any direction."""
    first, second = (np.array(colour, np.float32) for colour in setting.pair(0.1))
    angle = setting.between(0, 2 * np.pi)
    across, down = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    length = np.float32(abs(across) * setting.aspect + abs(down))

    def paint(canvas: Canvas, _: float) -> None:
        def shade(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
            at = (across * (x - canvas.aspect / 2) + down * (y - 0.5)) / length + np.float32(0.5)
            return np.asarray(first + (second - first) * at[..., None], np.float32)

        canvas.paint(shade)

    return paint


def texture(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Noise with the spectrum of photographs (amplitude 1/f) in three correlated colours, uint8 [h, w, 3]."""
    across = np.fft.fftfreq(_TEXTURE_SIDE)
    radius = np.hypot(across[:, None], across[None]) + 1 / _TEXTURE_SIDE
    planes = [np.fft.ifft2(np.fft.fft2(rng.standard_normal(radius.shape)) / radius).real for _ in range(3)]
    mixed = np.stack([planes[0], planes[0] + 0.4 * planes[1], planes[0] + 0.4 * planes[2]], -1)
    levels = 0.45 + 0.2 * (mixed - mixed.mean((0, 1))) / mixed.std((0, 1))
    small = (np.clip(levels, 0, 1) * 255).astype(np.uint8)
    return np.asarray(cv2.resize(small, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC), np.uint8)
