"""The curve between scene-linear light and the codes models are shown, for what has to be judged as light."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sparkvsr_engine.core.arrays import FloatPixels


@dataclass(frozen=True)
class LightCurve:
    """encode: light to codes. decode: codes to light. Both on float32 of any shape, exact inverses."""

    encode: Callable[[FloatPixels], FloatPixels]
    decode: Callable[[FloatPixels], FloatPixels]
