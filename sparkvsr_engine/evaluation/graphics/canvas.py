"""A picture to draw on in units of its height, at any size, with or without anti-aliasing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sparkvsr_engine.core.arrays import Picture

Colour = tuple[float, float, float]
Point = tuple[float, float]
_LEAST_TEXT = 3.0


class Canvas:
    """A picture under work.

    Positions and lengths are shares of the height: y from 0 to 1, x from 0 to `aspect`. Colours are 0..1.
    width, height: of the finished picture, pixels. samples: per axis and pixel; 1 leaves edges aliased.
    """

    def __init__(self, width: int, height: int, samples: int) -> None:
        self._samples = samples
        self._image = Image.new("RGB", (width * samples, height * samples))
        self._draw = ImageDraw.Draw(self._image)
        self._draw.fontmode = "1" if samples == 1 else "L"
        self.aspect = width / height
        self._unit = height * samples

    def fill(self, colour: Colour) -> None:
        """Paint everything."""
        self._image.paste(_bytes(colour), (0, 0, *self._image.size))

    def paint(self, shade: Callable[[Picture, Picture], Picture]) -> None:
        """Paint everything by a function of position.

        Args:
            shade: takes x and y, float32 [h, w] each; returns float32 [h, w, 3], 0..1.
        """
        columns, rows = self._image.size
        x = (np.arange(columns, dtype=np.float32) + 0.5) / self._unit
        y = (np.arange(rows, dtype=np.float32) + 0.5) / self._unit
        grid_x, grid_y = (np.asarray(grid, np.float32) for grid in np.meshgrid(x, y))
        pixels = np.clip(shade(grid_x, grid_y), 0, 1) * 255 + 0.5
        self._image.paste(Image.fromarray(pixels.astype(np.uint8)))

    def photograph(self, picture: NDArray[np.uint8], shift: Point, zoom: float) -> None:
        """Paint everything with footage, uint8 [h, w, 3], moved by `shift` and enlarged by `zoom`.

        Args:
            picture: uint8 [h, w, 3], RGB.
            shift: right and down, pixels.
            zoom: 1 is its own size.
        """
        columns, rows = self._image.size
        height, width = picture.shape[:2]
        size = zoom * max(columns / width, rows / height)
        matrix = np.array([[size, 0, shift[0] * self._unit], [0, size, shift[1] * self._unit]])
        moved = cv2.warpAffine(
            picture, matrix, (columns, rows), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
        )
        self._image.paste(Image.fromarray(np.asarray(moved, np.uint8)))

    def rectangle(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """A filled box.

        Args:
            left: in pixels.
            top: in pixels.
            right: in pixels.
            bottom: in pixels.
            colour: red, green and blue.
        """
        box = [round(edge * self._unit) for edge in (left, top, right, bottom)]
        if box[2] > box[0] and box[3] > box[1]:
            self._draw.rectangle((box[0], box[1], box[2] - 1, box[3] - 1), fill=_bytes(colour))

    def ellipse(self, centre: Point, across: float, down: float, colour: Colour) -> None:
        """A filled ellipse of two radii.

        Args:
            centre: x and y, pixels.
            across: half its width, pixels.
            down: half its height, pixels.
            colour: red, green and blue.
        """
        x, y, u = *centre, self._unit
        self._draw.ellipse(
            ((x - across) * u, (y - down) * u, (x + across) * u, (y + down) * u), fill=_bytes(colour)
        )

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """A filled polygon."""
        self._draw.polygon([(x * self._unit, y * self._unit) for x, y in points], fill=_bytes(colour))

    def line(self, start: Point, end: Point, thickness: float, colour: Colour) -> None:
        """A straight line, never thinner than one sample.

        Args:
            start: x and y, pixels.
            end: x and y, pixels.
            thickness: in pixels.
            colour: red, green and blue.
        """
        ends = [(x * self._unit, y * self._unit) for x, y in (start, end)]
        self._draw.line(ends, fill=_bytes(colour), width=max(1, round(thickness * self._unit)))

    def text(
        self,
        at: Point,
        words: str,
        font: Path,
        size: float,
        colour: Colour,
        outline: tuple[float, Colour] | None = None,
    ) -> None:
        """A line of text, its left baseline corner `at`.

        Args:
            at: x and y, pixels.
            words: what is written.
            font: the font's file.
            size: of the font.
            colour: red, green and blue.
            outline: thickness and colour of a line around the letters.
        """
        pixels = max(_LEAST_TEXT, size * self._unit)
        width, around = (0, None) if outline is None else (round(outline[0] * self._unit), _bytes(outline[1]))
        place = (at[0] * self._unit, at[1] * self._unit)
        self._draw.text(
            place,
            words,
            _bytes(colour),
            open_font(font, pixels),
            anchor="ls",
            stroke_width=width,
            stroke_fill=around,
        )

    def picture(self) -> Picture:
        """The finished picture, float32 [height, width, 3], 0..1."""
        image = self._image if self._samples == 1 else self._image.reduce(self._samples)
        return np.asarray(image, np.float32) / np.float32(255)


@lru_cache(maxsize=64)
def open_font(path: Path, size: float) -> ImageFont.FreeTypeFont:
    """A font at a size in pixels."""
    return ImageFont.truetype(str(path), size)


def _bytes(colour: Colour) -> tuple[int, int, int]:
    red, green, blue = (min(255, max(0, round(255 * value))) for value in colour)
    return red, green, blue
