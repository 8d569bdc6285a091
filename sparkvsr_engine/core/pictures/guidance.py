"""How strongly a keyframe counts: one number per keyframe, one more per pixel.

influence = guidance * strength * matte, applied to the difference a keyframe makes against the blind
result, so that 0 is exactly blind, 1 as trained, and values between need no network pass.
"""

from __future__ import annotations

from sparkvsr_engine.core.arrays import Plane


def merge_mattes(alpha: Plane | None, matte: Plane | None) -> Plane | None:
    """The product of a picture's alpha and its separate matte, float32 [H, W] 0..1; None means everywhere."""
    if alpha is None or matte is None:
        return alpha if matte is None else matte
    return alpha * matte
