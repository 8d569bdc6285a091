"""Titles as they are seen: on a card, over footage, rolling, crawling, in the lower third, cut in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sparkvsr_engine.evaluation.graphics.canvas import Canvas, Colour
from sparkvsr_engine.evaluation.graphics.fonts import draw_words
from sparkvsr_engine.evaluation.graphics.setting import (
    BLACK,
    WHITE,
    Painter,
    Setting,
    footage_of,
    gradient_of,
    plain_of,
)

# Source pixels, of a font's height.
_SMALLEST, _LARGEST = 7.0, 40.0
_CUT_IN_FRAMES = (3, 40)


@dataclass(frozen=True)
class _Lettering:
    """How words are set. size: of the font, units of the height."""

    font: Path
    size: float
    colour: Colour
    outline: tuple[float, Colour] | None
    shadow: float

    def write(self, canvas: Canvas, x: float, y: float, words: str, zoom: float = 1.0) -> None:
        """A line from its left baseline corner."""
        size = self.size * zoom
        if self.shadow:
            canvas.text((x + self.shadow, y + self.shadow), words, self.font, size, BLACK)
        canvas.text((x, y), words, self.font, size, self.colour, self.outline)


def _lettering(setting: Setting, font: Path, colour: Colour, largest: float = _LARGEST) -> _Lettering:
    size = setting.pixel * _SMALLEST * (largest / _SMALLEST) ** setting.between(0, 1)
    outline = (setting.pixel * setting.between(0.5, 1.5), setting.colour()) if setting.chance(0.15) else None
    shadow = setting.pixel * setting.between(0.5, 2) if setting.chance(0.2) else 0.0
    return _Lettering(font, size, colour, outline, shadow)


def _background(setting: Setting, colour: Colour) -> Painter:
    return gradient_of(setting) if setting.chance(0.15) else plain_of(colour)


def title_card(setting: Setting) -> Painter:
    """One to four lines on a plain or graded ground, still, sliding or zooming."""
    font, lines = draw_words(setting.rng, int(setting.rng.integers(1, 5)))
    front, back = (WHITE, BLACK) if setting.chance(0.3) else setting.pair()
    letters, ground = _lettering(setting, font, front), _background(setting, back)
    x, y = setting.between(0.02, 0.4) * setting.aspect, setting.between(0.2, 0.6)
    speed = setting.drift()
    growth = setting.between(-0.004, 0.008) if setting.chance(0.4) else 0.0

    def paint(canvas: Canvas, time: float) -> None:
        ground(canvas, time)
        zoom = 1 + growth * time
        for number, words in enumerate(lines):
            down = y + number * 1.3 * letters.size * zoom + speed[1] * time
            letters.write(canvas, x + speed[0] * time, down, words, zoom)

    return paint


def rolling_credits(setting: Setting) -> Painter:
    """Names in two columns that roll upwards over footage or black."""
    font, lines = draw_words(setting.rng, 14)
    ground = footage_of(setting) if setting.chance(0.6) else plain_of(BLACK)
    colour = WHITE if setting.chance(0.6) else setting.colour()
    # Nobody reads dark letters on black.
    letters = _lettering(setting, font, colour if max(colour) > 0.3 else WHITE, 14.0)
    speed = setting.pixel * float(setting.rng.choice((0.25, 0.5, 1.0, 2.0, 3.0)))
    top = setting.between(-0.4, 0.1)

    def paint(canvas: Canvas, time: float) -> None:
        ground(canvas, time)
        for number, words in enumerate(lines):
            column = canvas.aspect * (0.05 if number % 2 else 0.52)
            letters.write(
                canvas, column, top + (number // 2) * 1.6 * letters.size + 0.5 - speed * time, words
            )

    return paint


def news_crawl(setting: Setting) -> Painter:
    """A line that crawls along a bar at the bottom, over footage."""
    font, lines = draw_words(setting.rng, 6)
    footage, (front, back) = footage_of(setting), setting.pair(0.4)
    letters = _lettering(setting, font, front, 12.0)
    speed = setting.pixel * float(setting.rng.choice((1.0, 2.0, 3.5)))
    start, words = setting.between(0, setting.aspect), "   +   ".join(lines)

    def paint(canvas: Canvas, time: float) -> None:
        footage(canvas, time)
        top = 0.98 - 1.5 * letters.size
        canvas.rectangle(0, top, canvas.aspect, 0.98, back)
        letters.write(canvas, start - speed * time, 0.98 - 0.4 * letters.size, words)

    return paint


def lower_third(setting: Setting) -> Painter:
    """A name and a role on two bars that slide in over footage."""
    font, lines = draw_words(setting.rng, 2)
    footage, (front, back) = footage_of(setting), setting.pair(0.4)
    accent = setting.colour()
    letters, small = _lettering(setting, font, front, 16.0), _lettering(setting, font, back, 10.0)
    speed = setting.pixel * setting.between(1, 6)

    def paint(canvas: Canvas, time: float) -> None:
        footage(canvas, time)
        left = min(0.06, -0.6 + speed * time)
        middle = 0.72 + 1.5 * letters.size
        canvas.rectangle(left, 0.72, left + 0.7 * canvas.aspect, middle, back)
        canvas.rectangle(left, middle, left + 0.5 * canvas.aspect, middle + 1.5 * small.size, front)
        canvas.rectangle(left, 0.72, left + setting.pixel * 2, middle + 1.5 * small.size, accent)
        letters.write(canvas, left + 0.04, middle - 0.4 * letters.size, lines[0])
        small.write(canvas, left + 0.04, middle + 1.1 * small.size, lines[1])

    return paint


def cut_in_title(setting: Setting) -> Painter:
    """Footage with a title or a subtitle that is there from one frame to another."""
    font, lines = draw_words(setting.rng, 2)
    footage = footage_of(setting)
    colour = ((1.0, 1.0, 0.0), WHITE, setting.colour())[int(setting.rng.integers(3))]
    letters = _lettering(setting, font, colour, 20.0)
    start = int(setting.rng.integers(*_CUT_IN_FRAMES)) if setting.chance(0.5) else 0
    x, y = setting.between(0.05, 0.4), setting.between(0.3, 0.85)

    def paint(canvas: Canvas, time: float) -> None:
        footage(canvas, time)
        if time >= start:
            for number, words in enumerate(lines):
                letters.write(canvas, x, y + 1.3 * letters.size * number, words)

    return paint
