"""`lite` as the trainer sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sparkvsr_engine.models.lite.loading import save_weights
from sparkvsr_engine.models.lite.networks.batches import run_batch
from sparkvsr_engine.models.lite.networks.network import LiteNetwork
from sparkvsr_engine.models.lite.networks.perceptual import Perceptual
from sparkvsr_engine.training.recipe import LiteRecipe
from sparkvsr_engine.training.sampling.samples import SampleSource
from sparkvsr_engine.training.scenes.bank import Scenes
from sparkvsr_engine.training.trainees.lite_stages import collate, error_of, following_of, losses_of
from sparkvsr_engine.training.trainees.losses import flicker_loss
from sparkvsr_engine.training.trainees.perceptual import open_perceptual
from sparkvsr_engine.training.trainees.trainee import Batch


class LiteTrainee:
    """See `trainee.Trainee`. metric_weights: folder of the perceptual loss's; start: fills a new network."""

    identity = ""
    collate = staticmethod(collate)

    def __init__(
        self,
        recipe: LiteRecipe,
        bank: Scenes,
        metric_weights: Path | None = None,
        start: Callable[[LiteNetwork], None] | None = None,
    ) -> None:
        self._recipe = recipe
        self._bank = bank
        self._metric_weights = metric_weights
        self._start = start
        self._perceptual: Perceptual | None = None

    def build(self, place: torch.device) -> LiteNetwork:
        """See `Trainee`; the perceptual loss is opened at once, not after hours of a first stage."""
        is_used = any(stage.perceptual for stage in self._recipe.stages)
        self._perceptual = open_perceptual(self._recipe.name, is_used, self._metric_weights, place)
        self._network = LiteNetwork(self._recipe.network).to(place)
        return self._network

    def start(self) -> None:
        """See `Trainee`; on the processor, wherever the network is trained."""
        if self._start is not None:
            place = next(self._network.parameters()).device
            self._start(self._network.cpu())
            self._network.to(place)

    def groups(self, stage: int) -> list[dict[str, Any]]:
        """See `Trainee`: the blind path may start from trained weights and then moves less, or not at all."""
        share = self._recipe.stages[stage].blind_share
        # Nothing is to be learnt through it either, which takes a good part of a step's time.
        self._network.blind.requires_grad_(share > 0)
        return [
            {"params": list(self._network.blind.parameters()), "share": share},
            {"params": list(self._network.keyed.parameters()), "share": 1.0},
        ]

    def samples(self, stage: int, count: int, first: int) -> SampleSource:
        """See `Trainee`."""
        chosen = self._recipe.stages[stage]
        spoil = self._recipe.sample.spoil
        spoil = replace(spoil, graded=spoil.graded + chosen.graded)
        sample = replace(self._recipe.sample, spoil=spoil)
        paired = bool(chosen.temporal)
        return SampleSource(self._bank, sample, count, first, crop=chosen.crop, paired=paired)

    def part(self, stage: int) -> int:
        """See `Trainee`: a whole step."""
        return self._recipe.stages[stage].scenes

    def losses(self, batch: Batch, stage: int) -> dict[str, Tensor]:
        """See `Trainee`."""
        chosen = self._recipe.stages[stage]
        results = run_batch(self._network, batch, is_keyed=bool(chosen.keyed))
        losses = losses_of(results, batch, chosen, self._perceptual)
        if chosen.temporal:
            after = following_of(batch)
            error = error_of(run_batch(self._network, after), after)
            apart = flicker_loss(error_of(results, batch), error, batch["ahead"])
            losses["temporal"] = chosen.temporal * apart
        return losses

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
