"""`lite` on crops of damaged shots, as the trainer sees it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sparkvsr_engine.models.lite.learning.crops import Crop, turned
from sparkvsr_engine.models.lite.learning.objective import Objective
from sparkvsr_engine.models.lite.learning.recipe import LearningRecipe
from sparkvsr_engine.models.lite.networks.perceptual import POSITIONS
from sparkvsr_engine.training.shots.shot_bank import ShotBank
from sparkvsr_engine.training.shots.shot_recipe import ShotRecipe
from sparkvsr_engine.training.trainees.lite_network import LiteNetworkTrainee
from sparkvsr_engine.training.trainees.trainee import Batch, stacked
from sparkvsr_engine.training.trainees.warm_start import start_from_weights


def collate(shots: Sequence[Sequence[Crop]]) -> dict[str, Tensor]:
    """Crops of several shots to one batch."""
    return stacked([crop for shot in shots for crop in shot])


class ShotSamples(torch.utils.data.Dataset[list[Crop]]):
    """Some crops of a shot, each turned in one of eight ways, by number; see `crops.CropPool.batch`."""

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
        crops = [
            turned({name: _of(plane[at]) for name, plane in planes.items()}, int(rng.integers(8)))
            for at in chosen
        ]
        return [{**crop, "position": torch.tensor(int(rng.integers(POSITIONS)))} for crop in crops]


class ShotTrainee(LiteNetworkTrainee[ShotRecipe]):
    """See `trainee.Trainee`. start: weights file that is gone on with. metric_weights: folder of the
    perceptual loss's.
    """

    collate = staticmethod(collate)

    def __init__(
        self, recipe: ShotRecipe, bank: ShotBank, start: Path, metric_weights: Path | None = None
    ) -> None:
        super().__init__(recipe, metric_weights, partial(start_from_weights, path=start))
        self._bank = bank

    def samples(self, stage: int, count: int, first: int) -> ShotSamples:
        """See `Trainee`."""
        return ShotSamples(self._bank, self._recipe, self._recipe.stages[stage].crops, count, first)

    def part(self, stage: int) -> int:
        """See `Trainee`: a shot's crops, so that parts run side by side."""
        del stage
        return 1

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


def _of(plane: Any) -> Tensor:
    tensor = torch.from_numpy(np.array(plane))
    return tensor.float() if tensor.dtype == torch.float16 else tensor
