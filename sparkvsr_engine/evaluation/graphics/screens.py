"""What computers draw: user interfaces and pixel art."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.evaluation.graphics.canvas import Canvas
from sparkvsr_engine.evaluation.graphics.fonts import draw_words
from sparkvsr_engine.evaluation.graphics.setting import BLACK, WHITE, Painter, Setting, footage_of


def interface(setting: Setting) -> Painter:
    """Windows with a title bar, lines of small text, buttons and a pointer that moves."""
    font, lines = draw_words(setting.rng, 12)
    is_dark = setting.chance(0.5)
    paper, ink = ((0.12, 0.12, 0.14), (0.9, 0.9, 0.9)) if is_dark else ((0.95, 0.95, 0.96), (0.1, 0.1, 0.1))
    accent, size = setting.colour(), setting.pixel * setting.between(6, 11)
    ground = footage_of(setting) if setting.chance(0.3) else None
    left, top = setting.between(0, 0.3), setting.between(0, 0.2)
    speed = setting.drift(4.0)

    def paint(canvas: Canvas, time: float) -> None:
        canvas.fill((0.3, 0.35, 0.4))
        if ground is not None:
            ground(canvas, time)
        right, bar = min(left + 1.1, canvas.aspect), 1.4 * size
        canvas.rectangle(left, top, right, 0.97, paper)
        canvas.rectangle(left, top, right, top + bar, accent)
        canvas.text((left + size / 2, top + bar - 0.4 * size), lines[0], font, size, ink)
        for number, words in enumerate(lines[1:]):
            canvas.text((left + size, top + bar + (number + 1) * 1.4 * size), words, font, size, ink)
            canvas.line(
                (left, top + bar + (number + 1.3) * 1.4 * size),
                (right, top + bar + (number + 1.3) * 1.4 * size),
                setting.pixel,
                accent,
            )
        x, y = left + 0.4 + speed[0] * time, top + 0.4 + speed[1] * time
        pointer = [(x, y), (x, y + 2 * size), (x + 1.3 * size, y + 1.4 * size)]
        canvas.polygon(pointer, BLACK if not is_dark else WHITE)

    return paint


def pixel_art(setting: Setting) -> Painter:
    """Sprites of square dots, one or more source pixels wide, on a tiled ground, moving by whole dots."""
    dot = setting.pixel * int(setting.rng.integers(1, 5))
    palette = np.array([setting.colour() for _ in range(5)], np.float32)
    ground = setting.rng.integers(0, 3, (16, 16))
    sprite = setting.rng.integers(0, 5, (12, 6))
    sprite = np.concatenate([sprite, sprite[:, ::-1]], 1)
    every = int(setting.rng.integers(1, 4))

    def paint(canvas: Canvas, time: float) -> None:
        step = int(time) // every

        def shade(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
            across, down = np.floor(x / dot + 1e-4).astype(int), np.floor(y / dot + 1e-4).astype(int)
            index = ground[down % 16, across % 16]
            u, v = (across - step) % 20, down % 18
            inside = (u < 12) & (v < 12)
            index = np.where(inside, sprite[np.minimum(v, 11), np.minimum(u, 11)], index)
            return palette[index]

        canvas.paint(shade)

    return paint
