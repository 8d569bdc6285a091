"""Training the judge of damaged and clean sources (`models.lite.damage`) on the scenes of the bank.

The run ends with a file of all that `lite` needs: the network for all footage and the one for clean sources,
which are trained before (recipes `lite` and `lite-clean`), and the judge between them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.models.lite.damage import STATISTICS, DamageJudge, statistics_of
from sparkvsr_engine.models.lite.loading import card_of, load_network, save_weights
from sparkvsr_engine.models.lite.weight_mixer import LiteWeights
from sparkvsr_engine.training.sampling.sample_planes import to_unit, to_ycc
from sparkvsr_engine.training.scenes.bank import SceneRecipe, Scenes
from sparkvsr_engine.training.scenes.mixed_scenes import GraphicsRecipe
from sparkvsr_engine.training.schedule import Recipe, StageSchedule
from sparkvsr_engine.training.trainees.trainee import Batch, stacked

NETWORK, CLEAN = "lite.safetensors", "lite-clean.safetensors"
# Below it nothing is reduced, so no scene is clean.
_LEAST_SCALE = 1.2
# Of a scene's frames: its target, and the two farthest away.
_FRAMES = (2, 5, 6)
_LEAST_SPREAD = 1e-3
# Of frames as they come: the whole and its middle.
_SHARES = (1.0, 0.5, 0.25)


@dataclass(frozen=True, kw_only=True)
class DamageRecipe(Recipe):
    """scene: what the bank's scenes are drawn from. scenes: how many of them are used. graphics: generated
    scenes among them, None for footage alone. as_they_come: frames of each clip shown at its own size.
    dropped: share of a sample's statistics that is replaced by their mean.
    """

    stages: tuple[StageSchedule, ...]
    scene: SceneRecipe
    scenes: int
    graphics: GraphicsRecipe | None = None
    as_they_come: int = 12
    dropped: float = 0.1


@dataclass(frozen=True, eq=False)
class Judged:
    """Frames of the bank. statistics: float32 [N, STATISTICS]. degraded: float32 [N], 0 or 1."""

    statistics: Tensor
    degraded: Tensor

    @classmethod
    def of(cls, bank: Scenes, scenes: int, as_they_come: Iterable[NDArray[np.uint8]] = ()) -> Judged:
        """Those of the first scenes, and frames of compressed clips with parts of them, which are all taken
        for degraded; raises InvalidSettings where no scene is a reduction.

        Args:
            bank: the scenes.
            scenes: how many of them.
            as_they_come: frames of compressed clips, uint8 [H, W, 3].
        """
        statistics: list[Tensor] = []
        degraded: list[float] = []
        for scene in map(bank.scene, range(scenes)):
            if scene.truth.shape[1] < _LEAST_SCALE * scene.source.shape[1]:
                continue
            for frame in _FRAMES:
                statistics.append(_statistics(scene.source[frame]))
                degraded.append(float(scene.degraded))
        if not statistics:
            raise InvalidSettings("the bank holds no reduced source; name scales above 1 under [scene].")
        for picture in as_they_come:
            parts = [_middle(picture, share) for share in _SHARES]
            statistics += [_statistics(part) for part in parts]
            degraded += [1.0] * len(parts)
        return cls(torch.stack(statistics), torch.tensor(degraded))


def _statistics(picture: NDArray[np.uint8]) -> Tensor:
    luma = to_ycc(to_unit(picture))[..., 0]
    return statistics_of(torch.from_numpy(np.ascontiguousarray(luma)))


def _middle(picture: NDArray[np.uint8], share: float) -> NDArray[np.uint8]:
    """The middle of a picture; share: of its sides."""
    height, width = picture.shape[:2]
    rows, columns = (max(1, round(side * share)) for side in (height, width))
    y, x = (height - rows) // 2, (width - columns) // 2
    return picture[y : y + rows, x : x + columns]


class DamageSamples(torch.utils.data.Dataset[dict[str, Tensor]]):
    """Statistics of frames by number, some of them left untold."""

    def __init__(self, judged: Judged, recipe: DamageRecipe, count: int, first: int) -> None:
        self._judged = judged
        self._mean = judged.statistics.mean(0)
        self._recipe = recipe
        self._count = count
        self._first = first

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        """statistics: float32 [STATISTICS]; degraded: 0 or 1."""
        rng = np.random.default_rng([self._recipe.seed, self._first + index])
        at = int(rng.integers(len(self._judged.degraded)))
        untold = torch.from_numpy(rng.random(STATISTICS) < self._recipe.dropped)
        statistics = torch.where(untold, self._mean, self._judged.statistics[at])
        return {"statistics": statistics, "degraded": self._judged.degraded[at]}


class DamageTrainee:
    """See `trainee.Trainee`. start: folder of the two networks' weights. as_they_come: gives frames of clips
    at their own size, so many of each.
    """

    identity = ""
    collate = staticmethod(stacked)

    def __init__(
        self,
        recipe: DamageRecipe,
        bank: Scenes,
        start: Path,
        as_they_come: Callable[[int], Iterable[NDArray[np.uint8]]],
    ) -> None:
        self._recipe = recipe
        self._bank = bank
        self._start = start
        self._as_they_come = as_they_come

    def build(self, place: torch.device) -> DamageJudge:
        """See `Trainee`; the networks are opened first: a run that could not end is not begun."""
        self._networks = load_network(self._start / NETWORK), load_network(self._start / CLEAN)
        frames = self._as_they_come(self._recipe.as_they_come)
        self._judged = Judged.of(self._bank, self._recipe.scenes, frames)
        self._judge = DamageJudge()
        self._judge.mean.copy_(self._judged.statistics.mean(0))
        self._judge.spread.copy_(self._judged.statistics.std(0).clamp(min=_LEAST_SPREAD))
        return self._judge.to(place)

    def start(self) -> None:
        """See `Trainee`: as it was drawn."""

    def groups(self, stage: int) -> list[dict[str, Any]]:
        """See `Trainee`."""
        del stage
        return [{"params": list(self._judge.parameters()), "share": 1.0}]

    def samples(self, stage: int, count: int, first: int) -> DamageSamples:
        """See `Trainee`."""
        del stage
        return DamageSamples(self._judged, self._recipe, count, first)

    def part(self, stage: int) -> int:
        """See `Trainee`: a whole step."""
        return self._recipe.stages[stage].scenes

    def losses(self, batch: Batch, stage: int) -> dict[str, Tensor]:
        """See `Trainee`: cross entropy of the judgement."""
        del stage
        with torch.autocast(batch["statistics"].device.type, enabled=False):
            logits = self._judge(batch["statistics"])
            return {"judged": F.binary_cross_entropy_with_logits(logits, batch["degraded"])}

    @property
    def card(self) -> dict[str, str]:
        """See `Trainee`: the cards of the networks it is put beside."""
        of_clean = {f"clean_{name}": value for name, value in card_of(self._start / CLEAN).items()}
        of_network = {f"network_{name}": value for name, value in card_of(self._start / NETWORK).items()}
        return {**of_network, **of_clean, "licence": "Apache-2.0"}

    @property
    def export_name(self) -> str:
        """See `Trainee`: one file."""
        return NETWORK

    def export(self, weights: Mapping[str, Tensor], path: Path, card: dict[str, str]) -> None:
        """See `Trainee`: all three."""
        averaged = DamageJudge()
        averaged.load_state_dict({name: value.cpu() for name, value in weights.items()})
        save_weights(LiteWeights(*self._networks, averaged), path, card)
