"""Frame sizes: what comes out for what goes in, and sides padded to a multiple."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from sparkvsr_bridge.errors import InvalidSettings

_HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Geometry:
    """Source and output size in pixels."""

    source_width: int
    source_height: int
    width: int
    height: int

    def __post_init__(self) -> None:
        if min(self.source_width, self.source_height, self.width, self.height) < 1:
            raise ValueError(f"{self} has an empty side")

    @property
    def scale(self) -> float:
        """Output over source size, the larger of the two axes."""
        return max(self.width / self.source_width, self.height / self.source_height)

    def pixel_aspect(self, source: Fraction) -> Fraction:
        """Width over height of the output's pixels, so that the picture is shown in the source's shape.

        source: of its own pixels. Rounding of a side to whole pixels is no stretch.
        """
        stretch = Fraction(self.height * self.source_width, self.source_height * self.width)
        rounding = Fraction(1, self.source_width) + Fraction(1, self.source_height)
        return source if abs(stretch - 1) <= rounding else (source * stretch).limit_denominator(1000)

    @classmethod
    def scaled(cls, source_width: int, source_height: int, scale: float) -> Geometry:
        """The output of `scale` times the source's size, each side rounded half up, at least one pixel.

        The scale is taken for the decimal number a person typed, so that 1.005 x 100 is 100.5 and gives
        101, which binary arithmetic would miss. Raises InvalidSettings below 1.

        Args:
            source_width: in pixels.
            source_height: in pixels.
            scale: output size over source size.
        """
        exact = Fraction(str(scale))
        if exact < 1:
            raise InvalidSettings(f"the scale is {scale}; give a number of 1 or more.", scale=scale)
        return cls(source_width, source_height, _sized(source_width, exact), _sized(source_height, exact))

    @classmethod
    def of_request(
        cls, source_width: int, source_height: int, scale: float, width: int, height: int
    ) -> Geometry:
        """The output a request names: `width` x `height` where both are given (not 0), else `scale`.

        Args:
            source_width: in pixels.
            source_height: in pixels.
            scale: output size over source size.
            width: 0 where the scale counts.
            height: 0 where the scale counts.
        """
        if width == 0 and height == 0:
            return cls.scaled(source_width, source_height, scale)
        if width < 1 or height < 1:
            raise InvalidSettings(
                f"the size is {width}x{height}; give both sides, in pixels.", width=width, height=height
            )
        return cls(source_width, source_height, width, height)


def _sized(side: int, scale: Fraction) -> int:
    return max(1, int(side * scale + _HALF))


def padded_side(side: int, multiple: int) -> int:
    """The smallest multiple that holds `side` pixels."""
    return -(-side // multiple) * multiple
