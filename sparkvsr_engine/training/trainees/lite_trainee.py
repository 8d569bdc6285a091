"""`lite` as the trainer sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from sparkvsr_engine.models.lite.networks.batches import run_batch
from sparkvsr_engine.models.lite.networks.network import LiteNetwork
from sparkvsr_engine.training.recipe import LiteRecipe
from sparkvsr_engine.training.sampling.samples import SampleSource
from sparkvsr_engine.training.scenes.bank import Scenes
from sparkvsr_engine.training.trainees.lite_network import LiteNetworkTrainee
from sparkvsr_engine.training.trainees.lite_stages import collate, error_of, following_of, losses_of
from sparkvsr_engine.training.trainees.losses import flicker_loss
from sparkvsr_engine.training.trainees.trainee import Batch


class LiteTrainee(LiteNetworkTrainee[LiteRecipe]):
    """See `trainee.Trainee`. metric_weights: folder of the perceptual loss's; start: fills a new network."""

    collate = staticmethod(collate)

    def __init__(
        self,
        recipe: LiteRecipe,
        bank: Scenes,
        metric_weights: Path | None = None,
        start: Callable[[LiteNetwork], None] | None = None,
    ) -> None:
        super().__init__(recipe, metric_weights, start)
        self._bank = bank

    def samples(self, stage: int, count: int, first: int) -> SampleSource:
        """See `Trainee`."""
        chosen = self._recipe.stages[stage]
        spoil = self._recipe.sample.spoil
        spoil = replace(spoil, graded=spoil.graded + chosen.graded)
        sample = replace(self._recipe.sample, spoil=spoil)
        paired = bool(chosen.temporal)
        return SampleSource(self._bank, sample, count, first, crop=chosen.crop, paired=paired)

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
