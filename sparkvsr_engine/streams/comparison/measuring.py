"""The figures of one coded clip: fast measures on every frame of a window, learned ones on a few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from sparkvsr_engine.core.arrays import BytePicture
from sparkvsr_engine.evaluation.metrics import MetricOptions, MetricWeights
from sparkvsr_engine.evaluation.streams import MetricKit
from sparkvsr_engine.streams.comparison.vmaf import NO_VMAF, has_vmaf, vmaf

HIGHER_IS_BETTER = {
    "psnr_y": True,
    "vmaf": True,
    "vmaf_neg": True,
    "lpips": False,
    "dists": False,
    "ewarp": False,
}
"""Measures of a comparison, in the order of its tables."""

_LEARNED_CROP = 192


@dataclass(frozen=True)
class RatePointRow:
    """One method at one rate on one clip.

    kbps: of the whole file. values: by measure. setting: what the file was asked to be, such as `crf 40` or
    `60000` bits per second.
    """

    clip: str
    method: str
    kbps: float
    values: Mapping[str, float]
    setting: str = ""


class StreamMeasures:
    """Measures windows of frames against the truth.

    learned_step: LPIPS sees every so many-th frame, DISTS the middle of the same ones.
    """

    def __init__(self, weights: Path, learned_step: int, folder: Path) -> None:
        store = MetricWeights(weights)
        self._fast = MetricKit(MetricOptions(store, names=("psnr_y", "ewarp")))
        self._learned = MetricKit(MetricOptions(store, names=("lpips", "dists"), costly_crop=_LEARNED_CROP))
        self._step, self._folder = learned_step, folder
        self.notes = (*self._learned.notes, *(() if has_vmaf() else (NO_VMAF,)))

    def measure(self, result: Sequence[BytePicture], truth: Sequence[BytePicture]) -> dict[str, float]:
        """Mean figures of frames that follow each other, uint8 [H, W, 3]."""
        fast, learned = self._fast.open_stream(), self._learned.open_stream()
        for number, (restored, true) in enumerate(zip(result, truth, strict=True)):
            fast.feed(number, restored, true)
            if number % self._step == self._step // 2:
                learned.feed(number, restored, true)
        values = {**_means(fast.rows), **_means(learned.rows)}
        return {**values, **(vmaf(result, truth, self._folder) if has_vmaf() else {})}


def _means(rows: Sequence[object]) -> dict[str, float]:
    gathered: dict[str, list[float]] = {}
    for row in rows:
        for name, value in row.values.items():  # type: ignore[attr-defined]
            gathered.setdefault(name, []).append(value)
    return {name: fmean(values) for name, values in gathered.items()}
