"""What a trial is judged by: LPIPS where its weights are, else structural similarity."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.evaluation.measures.features import SMALLEST_SIDE
from sparkvsr_engine.evaluation.measures.fidelity import ssim_y
from sparkvsr_engine.evaluation.measures.weights import LPIPS_ALEXNET
from sparkvsr_engine.streams.dividing.trials import Measure


def best_measure(weights: Path) -> Measure:
    """LPIPS (AlexNet) where `weights` holds it, as people judge sharpness by it; else 1 - SSIM of the
    luma.
    """
    path = weights / LPIPS_ALEXNET
    if not path.is_file():
        return _dissimilarity
    from sparkvsr_engine.evaluation.measures.perceptual import Lpips

    lpips = Lpips(path)

    def distance_from(truth: Pixels) -> Callable[[Pixels], float]:
        return _dissimilarity(truth) if min(truth.shape[:2]) < SMALLEST_SIDE else lpips.against(truth)

    return distance_from


def _dissimilarity(truth: Pixels) -> Callable[[Pixels], float]:
    return lambda result: 1.0 - ssim_y(result, truth)
