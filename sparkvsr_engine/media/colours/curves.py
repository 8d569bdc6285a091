"""Transfer curves on float32 arrays: ACEScct as the bounded carrier of scene-linear light, and sRGB.

Both are exact pairs: `decode` undoes `encode` to float32's rounding, also below 0 and above 1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import FloatPixels

# ACEScct, Academy S-2016-001 section 4.4 (https://docs.acescentral.com/encodings/acescct/).
_CCT_BREAK_LINEAR = 0.0078125
_CCT_BREAK_CODE = 0.155251141552511
_CCT_SLOPE = 10.5402377416545
_CCT_OFFSET = 0.0729055341958355

_LARGEST_HALF = 65504.0

_BAND_VALUES = 1 << 16


def acescct_encode(linear: NDArray[Any]) -> FloatPixels:
    """Scene-linear light to ACEScct code values, on the picture's own primaries.

    code = (log2(x) + 9.72) / 17.52 above 0.0078125, 10.5402377416545 x + 0.0729055341958355 below.
    0 becomes 0.0729, middle grey 0.18 becomes 0.4136, 222 becomes 1, half's largest value 1.468. Values
    below -0.0069 become negative codes. NaN becomes 0 and infinities half's largest: one such pixel of a
    render would otherwise spoil everything a network sees around it.

    linear: float16 or float32, any shape; a new float32 array is returned.
    """
    if linear.dtype == np.float16:
        return _half_table()[np.ascontiguousarray(linear).view(np.uint16)]
    return _in_bands(_cct_encode, linear)


def acescct_decode(code: FloatPixels) -> FloatPixels:
    """The inverse of `acescct_encode` on float32 of any shape."""
    return _in_bands(_cct_decode, code)


def srgb_encode(linear: FloatPixels) -> FloatPixels:
    """Linear light, 1 is white, to sRGB code values (IEC 61966-2-1); negative values are mirrored."""
    return _in_bands(_srgb_encode, linear)


def srgb_decode(code: FloatPixels) -> FloatPixels:
    """The inverse of `srgb_encode`."""
    return _in_bands(_srgb_decode, code)


def _in_bands(curve: Callable[[FloatPixels], FloatPixels], pixels: FloatPixels) -> FloatPixels:
    """A curve on a few rows at a time: what it needs in between stays in the processor's cache."""
    converted = np.empty(pixels.shape, np.float32)
    rows = max(1, _BAND_VALUES // max(1, pixels[:1].size))
    for start in range(0, len(pixels), rows):
        converted[start : start + rows] = curve(pixels[start : start + rows])
    return converted


def _cct_decode(code: FloatPixels) -> FloatPixels:
    linear = np.exp2(code * np.float32(17.52) - np.float32(9.72))
    low = (code - np.float32(_CCT_OFFSET)) * np.float32(1 / _CCT_SLOPE)
    return np.where(code > np.float32(_CCT_BREAK_CODE), linear, low)


def _srgb_encode(linear: FloatPixels) -> FloatPixels:
    size = np.abs(linear)
    curved = np.float32(1.055) * np.power(np.maximum(size, 1e-8), np.float32(1 / 2.4)) - np.float32(0.055)
    return np.copysign(np.where(size > np.float32(0.0031308), curved, size * np.float32(12.92)), linear)


def _srgb_decode(code: FloatPixels) -> FloatPixels:
    size = np.abs(code)
    curved = np.power((size + np.float32(0.055)) * np.float32(1 / 1.055), np.float32(2.4))
    return np.copysign(np.where(size > np.float32(0.0404482), curved, size * np.float32(1 / 12.92)), code)


def _cct_encode(linear: NDArray[Any]) -> FloatPixels:
    encoded = np.nan_to_num(
        linear.astype(np.float32), nan=0.0, posinf=_LARGEST_HALF, neginf=-_LARGEST_HALF, copy=False
    )
    bounded = np.maximum(encoded, np.float32(_CCT_BREAK_LINEAR))
    high = np.log2(bounded) * np.float32(1 / 17.52) + np.float32(9.72 / 17.52)
    low = encoded * np.float32(_CCT_SLOPE) + np.float32(_CCT_OFFSET)
    return np.where(encoded > np.float32(_CCT_BREAK_LINEAR), high, low)


@lru_cache(maxsize=1)
def _half_table() -> FloatPixels:
    """The code of each of the 65536 halfs: looking up is several times faster than computing."""
    return _cct_encode(np.arange(1 << 16, dtype=np.uint16).view(np.float16))
