"""The metrics by name: what each is called in a table, which way is better, what it needs.

Not here: their formulas (`measures`), feeding them (`streams`), averaging (`scores`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.evaluation.measures.weights import NIQE_PARAMETERS, MetricWeights
from sparkvsr_engine.models.distances.files import DISTS_ALPHA_BETA, LPIPS_ALEXNET, LPIPS_VGG16


@dataclass(frozen=True)
class MetricTraits:
    """What a reader of a table must know of a metric.

    is_pairwise: a property of a frame and the one before it, so it counts at keyframes too.
    is_costly: seconds per frame on a CPU; measured every `MetricOptions.costly_step` frames only.
    weights: files it cannot do without.
    """

    name: str
    title: str
    higher_is_better: bool = False
    digits: int = 3
    is_pairwise: bool = False
    is_costly: bool = False
    weights: tuple[str, ...] = ()


METRICS: Mapping[str, MetricTraits] = {
    traits.name: traits
    for traits in (
        MetricTraits("psnr_y", "PSNR-Y dB", higher_is_better=True, digits=2),
        MetricTraits("ssim_y", "SSIM-Y", higher_is_better=True, digits=4),
        MetricTraits("lpips", "LPIPS", weights=(LPIPS_ALEXNET,)),
        MetricTraits("lpips_vgg", "LPIPS-VGG", is_costly=True, weights=(LPIPS_VGG16,)),
        MetricTraits("dists", "DISTS", is_costly=True, weights=(LPIPS_VGG16, DISTS_ALPHA_BETA)),
        MetricTraits("niqe", "NIQE", digits=2, weights=(NIQE_PARAMETERS,)),
        MetricTraits("ewarp", "E*warp", is_pairwise=True),
        MetricTraits("tof", "tOF px", is_pairwise=True),
        MetricTraits("change_error", "change error", digits=1, is_pairwise=True),
        MetricTraits("colour_shift", "delta E", digits=2),
        MetricTraits("colour_shift_high", "delta E 99%", digits=2),
    )
}


@dataclass(frozen=True)
class MetricOptions:
    """Which metrics, and how.

    border: pixels on each side that PSNR and SSIM do not count.
    costly_step: the VGG metrics see the middle frame of every so many.
    costly_crop: side of the middle square they see, 0 the whole frame.
    device: of the learned metrics.
    """

    weights: MetricWeights
    names: tuple[str, ...] = tuple(METRICS)
    border: int = 4
    costly_step: int = 1
    costly_crop: int = 0
    device: str = "cpu"

    def __post_init__(self) -> None:
        unknown = [name for name in self.names if name not in METRICS]
        if unknown:
            raise InvalidSettings(f"There is no metric '{unknown[0]}'; there are {', '.join(METRICS)}.")
        if self.border < 0 or self.costly_step < 1 or self.costly_crop < 0:
            raise InvalidSettings(
                "Border and crop are 0 or more pixels, the costly step is 1 or more frames."
            )


@dataclass(frozen=True)
class FrameScores:
    """The numbers of one frame, by metric name; a metric that has none here is absent."""

    frame: int
    values: Mapping[str, float]
