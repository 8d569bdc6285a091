"""What a trial is judged by: LPIPS where its weights are, else how far textures differ."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.evaluation.measures.features import SMALLEST_SIDE
from sparkvsr_engine.evaluation.measures.texture import texture_difference
from sparkvsr_engine.evaluation.measures.weights import LPIPS_ALEXNET
from sparkvsr_engine.streams.dividing.trials import Measure


def best_measure(weights: Path) -> Measure:
    """LPIPS (AlexNet) where `weights` holds it, as people judge sharpness by it; else the difference of
    textures, which ranks restored pictures nearly alike.
    """
    path = weights / LPIPS_ALEXNET
    if not path.is_file():
        return texture_difference
    from sparkvsr_engine.evaluation.measures.perceptual import Lpips

    lpips = Lpips(path)

    def distance_from(truth: Pixels) -> Callable[[Pixels], float]:
        return texture_difference(truth) if min(truth.shape[:2]) < SMALLEST_SIDE else lpips.against(truth)

    return distance_from
