"""`lite` on crops of damaged shots, as the trainer sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sparkvsr_engine.models.lite.learning.crops import Crop, turned
from sparkvsr_engine.models.lite.learning.objective import Objective
from sparkvsr_engine.models.lite.learning.recipe import LearningRecipe
from sparkvsr_engine.models.lite.loading import save_weights
from sparkvsr_engine.models.lite.networks.network import LiteNetwork
from sparkvsr_engine.models.lite.networks.perceptual import Perceptual
from sparkvsr_engine.training.shots.shot_bank import ShotBank
from sparkvsr_engine.training.shots.shot_recipe import ShotRecipe
from sparkvsr_engine.training.trainees.perceptual import open_perceptual
from sparkvsr_engine.training.trainees.trainee import Batch, stacked
from sparkvsr_engine.training.trainees.warm_start import start_from_weights


def collate(shots: Sequence[Sequence[Crop]]) -> dict[str, Tensor]:
    """Crops of several shots to one batch."""
    return stacked([crop for shot in shots for crop in shot])


class ShotSamples(torch.utils.data.Dataset[list[Crop]]):
    """Some crops of a shot, each in one of eight positions, by number."""

    def __init__(self, bank: ShotBank, recipe: ShotRecipe, crops: int, count: int, first: int) -> None:
        self._bank = bank
        self._recipe = recipe
        self._crops = crops
        self._count = count
        self._first = first

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> list[Crop]:
        """The crops of one sample, float32."""
        rng = np.random.default_rng([self._recipe.seed, 1, self._first + index])
        planes = self._bank.scene(int(rng.integers(self._recipe.shots.shots)))
        chosen = rng.integers(len(planes["luma"]), size=self._crops)
        return [
            turned({name: _of(plane[at]) for name, plane in planes.items()}, int(rng.integers(8)))
            for at in chosen
        ]


class ShotTrainee:
    """See `trainee.Trainee`. start: weights file that is gone on with. metric_weights: folder of the
    perceptual loss's.
    """

    identity = ""
    collate = staticmethod(collate)

    def __init__(
        self, recipe: ShotRecipe, bank: ShotBank, start: Path, metric_weights: Path | None = None
    ) -> None:
        self._recipe = recipe
        self._bank = bank
        self._start = start
        self._metric_weights = metric_weights
        self._perceptual: Perceptual | None = None

    def build(self, place: torch.device) -> LiteNetwork:
        """See `Trainee`."""
        is_used = any(stage.perceptual for stage in self._recipe.stages)
        self._perceptual = open_perceptual(self._recipe.name, is_used, self._metric_weights, place)
        self._network = LiteNetwork(self._recipe.network).to(place)
        return self._network

    def start(self) -> None:
        """See `Trainee`; on the processor, wherever the network is trained."""
        place = next(self._network.parameters()).device
        start_from_weights(self._network.cpu(), self._start)
        self._network.to(place)

    def groups(self, stage: int) -> list[dict[str, Any]]:
        """See `Trainee`: the blind path bursts at rates that the keyed one takes."""
        share = self._recipe.stages[stage].blind_share
        return [
            {"params": list(self._network.blind.parameters()), "share": share},
            {"params": list(self._network.keyed.parameters()), "share": 1.0},
        ]

    def samples(self, stage: int, count: int, first: int) -> ShotSamples:
        """See `Trainee`."""
        return ShotSamples(self._bank, self._recipe, self._recipe.stages[stage].crops, count, first)

    def part(self, stage: int) -> int:
        """See `Trainee`: a whole step."""
        return self._recipe.stages[stage].scenes

    def losses(self, batch: Batch, stage: int) -> dict[str, Tensor]:
        """See `Trainee`: those that a shot is learnt by, with weights of their own."""
        chosen = self._recipe.stages[stage]
        weights = LearningRecipe(
            chosen.steps,
            blind=chosen.blind,
            grid=chosen.grid,
            textures=chosen.textures,
            perceptual=chosen.perceptual,
        )
        return Objective(weights, self._perceptual).losses(self._network, batch)

    @property
    def card(self) -> dict[str, str]:
        """See `Trainee`."""
        return {"licence": "Apache-2.0"}

    @property
    def export_name(self) -> str:
        """See `Trainee`: one file."""
        return f"{self._recipe.name}.safetensors"

    def export(self, weights: Mapping[str, Tensor], path: Path, card: dict[str, str]) -> None:
        """See `Trainee`."""
        averaged = LiteNetwork(self._recipe.network)
        averaged.load_state_dict({name: value.cpu() for name, value in weights.items()})
        save_weights(averaged, path, card)


def _of(plane: Any) -> Tensor:
    tensor = torch.from_numpy(np.array(plane))
    return tensor.float() if tensor.dtype == torch.float16 else tensor
