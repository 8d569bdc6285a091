"""How far restored residuals are from the wanted ones."""

from __future__ import annotations

import torch
from torch import Tensor

from sparkvsr_engine.models.lite.pixels.planes import Planes

CHROMA_WEIGHT = 0.5
# Of squared luma, 35 dB: samples that hardly err are not to outweigh those that do.
_NOTHING = 3e-4
# Weighs samples far behind the upsampled source less, those far ahead more.
_STEEPNESS = 3.0


def charbonnier(difference: Tensor) -> Tensor:
    """sqrt(x^2 + 1e-6), mean: L1 that is smooth at zero (Charbonnier et al., 1994)."""
    return (difference * difference + 1e-6).sqrt().mean()


def planes_loss(result: Planes, truth: Planes) -> Tensor:
    """Charbonnier on luma and half-size chroma."""
    return charbonnier(result.luma - truth.luma) + CHROMA_WEIGHT * charbonnier(result.chroma - truth.chroma)


def squares_against(residual: Planes, truth: Planes) -> Tensor:
    """Mean of log(1 + 3 r), r being a result's squared error over that of a zero residual, sample by sample.

    What is uncertain is drawn at its mean, which is never worse than the upsampled source, and samples of
    small and large errors count alike, as they do in decibels.
    """
    ratio = _squares(residual - truth) / _squares(truth)
    return torch.log1p(_STEEPNESS * ratio).mean()


def _squares(planes: Planes) -> Tensor:
    """Mean squares of every sample's luma and chroma [N]."""
    luma, chroma = (part.square().mean((1, 2, 3)) for part in (planes.luma, planes.chroma))
    return luma + CHROMA_WEIGHT * chroma + _NOTHING
