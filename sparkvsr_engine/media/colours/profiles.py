"""ICC profiles: device codes to linear light on Rec.709 and back.

Those of three curves and a matrix, which cameras, displays and painting programs embed, through OpenImageIO's
own OpenColorIO; those of tables (printers, some displays) or of grey through LittleCMS where it is there.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its documentation uses

from sparkvsr_engine.core.arrays import FloatPixels
from sparkvsr_engine.media.colours import littlecms
from sparkvsr_engine.media.colours.curves import srgb_decode
from sparkvsr_engine.storage.whole_files import written_whole

# IEC 61966-2-1: CIE XYZ of linear Rec.709 light, white D65.
_TO_XYZ = np.array(
    [[0.4123908, 0.3575843, 0.1804808], [0.2126390, 0.7151687, 0.0721923], [0.0193308, 0.1191948, 0.9505322]]
)
_FROM_XYZ = np.linalg.inv(_TO_XYZ).astype(np.float32)
# Codes on which a profile is held against sRGB: greys, and saturated and mixed colours.
_PROBES = np.array(
    [[[0.1] * 3, [0.5] * 3, [0.9] * 3, [1, 0, 0], [0, 1, 0], [0, 0, 1], [0.2, 0.6, 0.9], [0.8, 0.5, 0.2]]],
    np.float32,
)
_ALIKE = 4e-3


class ProfileUnreadable(ValueError):
    """Neither curves and a matrix nor tables are found in a profile."""


class _NoMatrix(ValueError):
    """No curves and matrix are found in it."""


def profile_to_light(codes: FloatPixels, profile: bytes) -> FloatPixels:
    """Device codes float32 [H, W, 3] to linear light on Rec.709 primaries, unbounded.

    Raises ProfileUnreadable.
    """
    try:
        xyz = _applied(codes, profile, is_inverse=True)
    except _NoMatrix as error:
        return _by_tables(littlecms.to_light, codes, profile, error)
    return np.asarray(cv2.transform(xyz, _FROM_XYZ), np.float32)


def light_to_profile(light: FloatPixels, profile: bytes) -> FloatPixels:
    """The inverse of `profile_to_light`."""
    xyz = np.asarray(cv2.transform(light, _TO_XYZ.astype(np.float32)), np.float32)
    try:
        return _applied(xyz, profile, is_inverse=False)
    except _NoMatrix as error:
        return _by_tables(littlecms.from_light, light, profile, error)


def _by_tables(
    way: Callable[[FloatPixels, bytes], FloatPixels], pixels: FloatPixels, profile: bytes, reason: Exception
) -> FloatPixels:
    try:
        return way(pixels, profile)
    except littlecms.NoLittleCms as error:
        raise ProfileUnreadable(f"{reason}; {error}") from None


@lru_cache(maxsize=64)
def is_readable(profile: bytes) -> bool:
    """Whether a profile can be honoured."""
    try:
        profile_to_light(_PROBES, profile)
    except ProfileUnreadable:
        return False
    return True


@lru_cache(maxsize=64)
def is_srgb(profile: bytes) -> bool:
    """Whether a readable profile means what sRGB means."""
    return bool(np.abs(profile_to_light(_PROBES, profile) - srgb_decode(_PROBES)).max() < _ALIKE)


def _applied(pixels: FloatPixels, profile: bytes, is_inverse: bool) -> FloatPixels:
    """From the profile's connection space (XYZ, white D65) to its device, or the inverse."""
    source = oiio.ImageBuf(np.ascontiguousarray(pixels, np.float32))
    converted = oiio.ImageBufAlgo.ociofiletransform(source, str(_file_of(profile)), False, is_inverse)
    if converted.has_error:
        raise _NoMatrix(converted.geterror())
    return np.asarray(converted.get_pixels("float"), np.float32)


@lru_cache(maxsize=1)
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="sparkvsr-icc-")


def _file_of(profile: bytes) -> Path:
    """OpenColorIO reads files only; one per profile, as it keeps what it read by name."""
    path = Path(_folder().name) / f"{hashlib.sha256(profile).hexdigest()[:24]}.icc"
    if not path.is_file():
        with written_whole(path, is_shared=True) as partial:
            partial.write_bytes(profile)
    return path
