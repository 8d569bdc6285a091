"""What the codes of a display-referred picture stand for, by profile or tags, and the way to light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from sparkvsr_engine.core.arrays import FloatPixels
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.colours import primaries
from sparkvsr_engine.media.colours.curves import srgb_decode, srgb_encode
from sparkvsr_engine.media.colours.profiles import (
    is_readable,
    is_srgb,
    light_to_profile,
    profile_to_light,
)

Chromaticities = tuple[float, ...]

_SRGB_CURVE, _LINEAR = 0.0, 1.0
# Between these a power is what every program means by sRGB: PNG's usual gAMA chunk has 1 / 2.2.
_AS_SRGB = (2.1, 2.3)
_PRIMARIES_OF_NAMES = {
    "p3d65": primaries.P3_D65,
    "rec2020": primaries.REC2020,
    "ap1": primaries.AP1,
    "ap0": primaries.AP0,
    "adobergb": primaries.ADOBE_RGB,
}
_ACES_NAMES = {"acescg": "ap1", "aces2065-1": "ap0"}
_PRIMARIES_OF_TAGS = {9: primaries.REC2020, 11: primaries.P3_DCI, 12: primaries.P3_D65}
_POWERS_OF_TAGS = {4: 2.2, 5: 2.8, 8: _LINEAR, 17: 2.6}
_POWERS_OF_NAMES = {"lin": _LINEAR, "g18": 1.8, "g22": 2.2, "g24": 2.4, "g26": 2.6}


@dataclass(frozen=True)
class ColourMeaning:
    """power: of the curve, 0 for sRGB's own. profile: an ICC profile, which then decides all.

    chromaticities: of the light that `to_light` gives.
    """

    chromaticities: Chromaticities = primaries.REC709
    power: float = _SRGB_CURVE
    profile: bytes = b""

    @property
    def is_srgb(self) -> bool:
        """Whether codes mean what is meant where nothing is named."""
        return (
            not self.profile and not self.power and primaries.are_alike(self.chromaticities, primaries.REC709)
        )

    @property
    def identity(self) -> str:
        """Changes whenever the meaning does."""
        return f"{self.chromaticities} {self.power} {hash_of(self.profile)}"

    def to_light(self, codes: FloatPixels) -> FloatPixels:
        """Codes float32 [H, W, 3] to light on `chromaticities`."""
        if self.profile:
            return profile_to_light(codes, self.profile)
        if not self.power:
            return srgb_decode(codes)
        return np.copysign(np.power(np.abs(codes), np.float32(self.power)), codes)

    def from_light(self, light: FloatPixels) -> FloatPixels:
        """The inverse, what lies outside the codes' range cut off."""
        bounded = np.clip(light, 0, 1)
        if self.profile:
            return np.clip(light_to_profile(light, self.profile), 0, 1)
        if not self.power:
            return srgb_encode(bounded)
        return np.power(bounded, np.float32(1 / self.power))


SRGB_MEANING = ColourMeaning()
FILM_LOG = "KodakLog"
"""OpenImageIO's word for film's log codes, as DPX and Cineon hold them."""


def meaning_of(info: ClipInfo) -> ColourMeaning:
    """What a display-referred source's codes stand for; sRGB where nothing else is named."""
    return named_meaning(info) or SRGB_MEANING


def named_meaning(info: ClipInfo) -> ColourMeaning | None:
    """What the file itself names as its codes' meaning; None where it has nothing but sRGB's usual labels."""
    if info.profile and is_readable(info.profile):
        return SRGB_MEANING if is_srgb(info.profile) else ColourMeaning(profile=info.profile)
    if info.colour.primaries in _PRIMARIES_OF_TAGS or info.colour.transfer in _POWERS_OF_TAGS:
        chromaticities = _PRIMARIES_OF_TAGS.get(info.colour.primaries, primaries.REC709)
        return ColourMeaning(chromaticities, _usual(_POWERS_OF_TAGS.get(info.colour.transfer, _SRGB_CURVE)))
    chromaticities, power = _of_name(info.colour_space)
    if info.chromaticities is not None:
        chromaticities = info.chromaticities
    meaning = ColourMeaning(chromaticities, power)
    return None if meaning.is_srgb else meaning


def codes_kept(info: ClipInfo) -> str:
    """Codes that are not converted unless somebody names their space; empty for usual ones."""
    if info.colour.is_hdr:
        return info.colour.describe()
    return "film log" if info.colour_space == FILM_LOG else ""


def has_unread_profile(info: ClipInfo) -> bool:
    """Whether the file has a profile that cannot be honoured."""
    return bool(info.profile) and not is_readable(info.profile)


def on_primaries(light: FloatPixels, source: Chromaticities, target: Chromaticities) -> FloatPixels:
    """Light [H, W, 3] on other primaries.

    Args:
        light: scene-linear, float [H, W, 3].
        source: its primaries.
        target: those that are wanted.
    """
    if primaries.are_alike(source, target):
        return light
    return cast("FloatPixels", cv2.transform(light, primaries.conversion(source, target)))


def chromaticities_of_name(name: str) -> Chromaticities | None:
    """Primaries that a colour space's name has, such as `lin_p3d65_scene`; None where it has none, or
    only those that are meant where nothing is named.
    """
    parts = name.lower().split("_")
    word = parts[1] if len(parts) == 3 else _ACES_NAMES.get(name.lower(), "")
    return _PRIMARIES_OF_NAMES.get(word)


def hash_of(profile: bytes) -> str:
    """A short name of a profile's content."""
    import hashlib

    return hashlib.sha256(profile).hexdigest()[:12] if profile else ""


def _of_name(name: str) -> tuple[Chromaticities, float]:
    curve = name.lower().split("_")[0]
    return chromaticities_of_name(name) or primaries.REC709, _usual(_POWERS_OF_NAMES.get(curve, _SRGB_CURVE))


def _usual(power: float) -> float:
    return _SRGB_CURVE if _AS_SRGB[0] <= power <= _AS_SRGB[1] else power
