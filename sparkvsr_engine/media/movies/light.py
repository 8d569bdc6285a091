"""HDR10's static metadata: the display a movie was mastered on and its light levels, from FFmpeg's and to
encoders'.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

# Encoders write chromaticities in units of 0.00002 and luminances in units of 0.0001 candela per square
# metre.
_CHROMATICITY_UNIT, _LUMINANCE_UNIT = 50_000, 10_000


@dataclass(frozen=True)
class MasteringDisplay:
    """x and y of red, green, blue and white; lowest and highest luminance in candela per square metre."""

    chromaticities: tuple[Fraction, ...]
    lowest: Fraction
    highest: Fraction


@dataclass(frozen=True)
class MovieLight:
    """display: None where nothing is known. brightest: (MaxCLL, MaxFALL), None where nothing is known."""

    display: MasteringDisplay | None = None
    brightest: tuple[int, int] | None = None

    @property
    def is_known(self) -> bool:
        """Whether there is anything to carry over."""
        return self.display is not None or self.brightest is not None


NO_LIGHT = MovieLight()


def light_of(sides: Mapping[str, bytes]) -> MovieLight:
    """From a picture's side data: FFmpeg's AVMasteringDisplayMetadata and AVContentLightMetadata as bytes."""
    level = sides.get("CONTENT_LIGHT_LEVEL", b"")
    brightest = struct.unpack_from("=2I", level) if len(level) >= 8 else None
    return MovieLight(_display_of(sides.get("MASTERING_DISPLAY_METADATA", b"")), brightest)


def encoder_options(codec: str, light: MovieLight) -> dict[str, str]:
    """(option name -> value to be added) with which an encoder writes it; empty where it cannot."""
    if not light.is_known or codec not in _OPTION_NAMES:
        return {}
    option, display_name, level_name, is_in_units = _OPTION_NAMES[codec]
    parts: list[str] = ["hdr10=1", "repeat-headers=1"] if codec == "libx265" else []
    if light.display is not None:
        parts.append(f"{display_name}={_display_text(light.display, is_in_units)}")
    if light.brightest is not None:
        parts.append(f"{level_name}={light.brightest[0]},{light.brightest[1]}")
    return {option: ":".join(parts)}


# Encoder -> (option that takes parameters, names of display and levels there, whether values are in units).
_OPTION_NAMES = {
    "libx265": ("x265-params", "master-display", "max-cll", True),
    "libx264": ("x264-params", "mastering-display", "cll", True),
    "libsvtav1": ("svtav1-params", "mastering-display", "content-light", False),
}


def _display_of(data: bytes) -> MasteringDisplay | None:
    if len(data) < 88:
        return None
    numbers = struct.unpack_from("=20i2i", data)
    if not (numbers[20] and numbers[21]):
        return None
    pairs = zip(numbers[:20:2], numbers[1:20:2], strict=True)
    values = [Fraction(top, bottom) if bottom else Fraction(0) for top, bottom in pairs]
    return MasteringDisplay(tuple(values[:8]), values[8], values[9])


def _display_text(display: MasteringDisplay, is_in_units: bool) -> str:
    """Green first, as encoders have it."""
    x_y = [display.chromaticities[place : place + 2] for place in (2, 4, 0, 6)]
    luminances = (display.highest, display.lowest)
    if is_in_units:
        points = [f"({round(x * _CHROMATICITY_UNIT)},{round(y * _CHROMATICITY_UNIT)})" for x, y in x_y]
        ends = ",".join(str(round(value * _LUMINANCE_UNIT)) for value in luminances)
    else:
        points = [f"({float(x):.5f},{float(y):.5f})" for x, y in x_y]
        ends = ",".join(f"{float(value):.4f}" for value in luminances)
    return (
        "".join(f"{name}{point}" for name, point in zip(("G", "B", "R", "WP"), points, strict=True))
        + f"L({ends})"
    )
