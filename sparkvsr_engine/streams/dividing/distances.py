"""What a trial is judged by: LPIPS where its weights are, else how far textures differ."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.evaluation.measures.texture import texture_difference
from sparkvsr_engine.models.distances.files import LPIPS_ALEXNET
from sparkvsr_engine.models.distances.picture_features import SMALLEST_SIDE
from sparkvsr_engine.streams.dividing.trials import Measure

TEXTURES = "textures"
"""The measure that needs no weights."""


def measure_name(weights: Path) -> str:
    """The name of what `best_measure` chooses: `lpips` or `textures`.

    Args:
        weights: the folder of measures' weights.
    """
    return "lpips" if (weights / LPIPS_ALEXNET).is_file() else TEXTURES


def best_measure(weights: Path) -> Measure:
    """LPIPS (AlexNet) where `weights` holds it, as people judge sharpness by it; else the difference of
    textures, which ranks restored pictures nearly alike.
    """
    if measure_name(weights) == TEXTURES:
        return texture_difference
    from sparkvsr_engine.evaluation.measures.perceptual import Lpips

    lpips = Lpips(weights / LPIPS_ALEXNET)

    def distance_from(truth: Pixels) -> Callable[[Pixels], float]:
        return texture_difference(truth) if min(truth.shape[:2]) < SMALLEST_SIDE else lpips.against(truth)

    return distance_from
