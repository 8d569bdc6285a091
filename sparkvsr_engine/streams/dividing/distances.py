"""What a trial is judged by: LPIPS where its weights are, else structural similarity."""

from __future__ import annotations

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

    def distance(result: Pixels, truth: Pixels) -> float:
        if min(truth.shape[:2]) < SMALLEST_SIDE:
            return _dissimilarity(result, truth)
        return lpips.measure(result, truth)

    return distance


def _dissimilarity(result: Pixels, truth: Pixels) -> float:
    return 1.0 - ssim_y(result, truth)
