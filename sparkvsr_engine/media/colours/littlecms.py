"""ICC profiles of tables or of grey through LittleCMS, an optional package: device codes to XYZ and back.

Relative colorimetric, as painting programs show pictures; in floats, so that no code is rounded on the way.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from sparkvsr_bridge.system.installing import install_command
from sparkvsr_engine.core.arrays import FloatPixels
from sparkvsr_engine.media.colours import primaries

_RELATIVE = 1
# ICC.1:2022 table 19: bytes 16 to 19 of a profile name what its codes are.
_SPACES = {b"RGB ": "rgb", b"GRAY": "gray"}
_TO_REC709 = primaries.from_connection_space(primaries.REC709)
_FROM_REC709 = np.linalg.inv(_TO_REC709).astype(np.float32)


class NoLittleCms(ValueError):
    """LittleCMS is not installed, or does not take the profile."""


def to_light(codes: FloatPixels, profile: bytes) -> FloatPixels:
    """Codes float32 [H, W, 3], of a grey profile three equal ones, to linear light on Rec.709 primaries.

    Raises NoLittleCms.
    """
    space = _space_of(profile)
    samples = codes if space == "rgb" else codes[..., 0]
    xyz = _transformed(samples, profile, _xyz_profile(), space, "xyz")
    return np.asarray(cv2.transform(xyz, _TO_REC709), np.float32)


def from_light(light: FloatPixels, profile: bytes) -> FloatPixels:
    """The inverse of `to_light`; a grey profile's codes thrice."""
    space = _space_of(profile)
    xyz = np.asarray(cv2.transform(light, _FROM_REC709), np.float32)
    codes = _transformed(xyz, _xyz_profile(), profile, "xyz", space)
    return codes if space == "rgb" else np.repeat(codes.reshape(*light.shape[:2], 1), 3, axis=2)


def _space_of(profile: bytes) -> str:
    space = _SPACES.get(profile[16:20])
    if space is None:
        raise NoLittleCms("its codes are neither RGB nor grey")
    return space


def _transformed(
    pixels: FloatPixels, source: bytes, target: bytes, source_format: str, target_format: str
) -> FloatPixels:
    try:
        transformed = _library().cms_transform(
            np.ascontiguousarray(pixels, np.float32),
            source,
            target,
            colorspace=source_format,
            outcolorspace=target_format,
            outdtype=np.float32,
            intent=_RELATIVE,
        )
    except (RuntimeError, ValueError) as error:
        raise NoLittleCms(str(error)) from None
    return np.asarray(transformed, np.float32)


@lru_cache(maxsize=1)
def _library() -> Any:
    try:
        import imagecodecs
    except ImportError:
        raise NoLittleCms(f"install it: {install_command('sparkvsr[colour]')}") from None
    return imagecodecs


@lru_cache(maxsize=1)
def _xyz_profile() -> bytes:
    return bytes(_library().cms_profile("xyz"))
