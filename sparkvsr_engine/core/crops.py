"""Which part of a frame must be restored to see a region of it as the whole frame would show it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from sparkvsr_engine.core.geometry import Geometry

# Source pixels around a region: motion that reaches into it is found, and the network sees what it would see.
MARGIN = 48
# A crop that is nearly the whole frame saves nothing.
_LARGEST_SHARE = 0.7
_LARGEST_STEP = 64


@dataclass(frozen=True)
class Rectangle:
    """Pixels from a left top corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def rows(self) -> slice:
        """Of an array [H, W, ...]."""
        return slice(self.y, self.y + self.height)

    @property
    def columns(self) -> slice:
        """Of an array [H, W, ...]."""
        return slice(self.x, self.x + self.width)


@dataclass(frozen=True)
class Crop:
    """A part of every frame, on the source's and on the output's grid; both hold the same picture."""

    source: Rectangle
    output: Rectangle

    @property
    def geometry(self) -> Geometry:
        """Sizes of the part."""
        return Geometry(self.source.width, self.source.height, self.output.width, self.output.height)

    def within(self, region: Rectangle) -> Rectangle:
        """A region of the output, counted from the crop's corner."""
        return Rectangle(region.x - self.output.x, region.y - self.output.y, region.width, region.height)


def crop_around(region: Rectangle, geometry: Geometry, multiple: int, margin: int = MARGIN) -> Crop | None:
    """The part of the frame to restore for a region of the output; None where that is the whole frame.

    Args:
        region: in output pixels.
        geometry: sizes of the source and of the output.
        multiple: its corner lies on multiples of this in the output, so that folded pixels fall as in the
            whole frame. None also where source and output pixels do not meet often enough (odd scales).
        margin: source pixels that the restorer reads beyond.
    """
    columns = _cut(region.x, region.width, geometry.source_width, geometry.width, multiple, margin)
    rows = _cut(region.y, region.height, geometry.source_height, geometry.height, multiple, margin)
    if columns is None or rows is None:
        return None
    source = Rectangle(columns[0], rows[0], columns[1] - columns[0], rows[1] - rows[0])
    scale_x = Fraction(geometry.width, geometry.source_width)
    scale_y = Fraction(geometry.height, geometry.source_height)
    corner = int(source.x * scale_x), int(source.y * scale_y)
    output = Rectangle(*corner, int(source.width * scale_x), int(source.height * scale_y))
    if output.width * output.height > _LARGEST_SHARE * geometry.width * geometry.height:
        return None
    return Crop(source, output)


def _cut(
    start: int, length: int, source: int, output: int, multiple: int, margin: int
) -> tuple[int, int] | None:
    """Where to cut one axis of the source: first pixel and the one after the last."""
    scale = Fraction(output, source)
    step = math.lcm(scale.denominator, (multiple / scale).numerator)
    if step > _LARGEST_STEP:
        return None
    first = max(0, math.floor(start / scale) - margin) // step * step
    last = -(-(math.ceil((start + length) / scale) + margin) // step) * step
    return first, min(last, source)
