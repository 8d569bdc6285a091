"""Where the learned measures' weights lie; a missing one costs its column only. Not here: `fetching`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sparkvsr_engine.models.distances.files import DISTS_ALPHA_BETA, LPIPS_ALEXNET, LPIPS_VGG16

NIQE_PARAMETERS = "niqe_pris_params.npz"

METRIC_WEIGHT_FILES = (LPIPS_ALEXNET, LPIPS_VGG16, DISTS_ALPHA_BETA, NIQE_PARAMETERS)

FETCH_COMMAND = "sparkvsr models fetch metrics"


@dataclass(frozen=True)
class MetricWeights:
    """The folder of the metric weights; it need not exist."""

    folder: Path

    def path(self, name: str) -> Path:
        """Where the file of that name lies or would lie."""
        return self.folder / name

    def missing(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those of `names` that are not there."""
        return tuple(name for name in names if not self.path(name).is_file())
