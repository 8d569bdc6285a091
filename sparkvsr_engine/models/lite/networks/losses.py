"""How far restored residuals are from the wanted ones."""

from __future__ import annotations

from torch import Tensor

from sparkvsr_engine.models.lite.pixels.planes import Planes

CHROMA_WEIGHT = 0.5


def charbonnier(difference: Tensor) -> Tensor:
    """sqrt(x^2 + 1e-6), mean: L1 that is smooth at zero (Charbonnier et al., 1994)."""
    return (difference * difference + 1e-6).sqrt().mean()


def planes_loss(result: Planes, truth: Planes) -> Tensor:
    """Charbonnier on luma and half-size chroma."""
    return charbonnier(result.luma - truth.luma) + CHROMA_WEIGHT * charbonnier(result.chroma - truth.chroma)
