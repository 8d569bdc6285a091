"""What restored clips of the published model are judged by, as latents and as pictures."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.evaluation.measures.weights import FETCH_COMMAND, MetricWeights
from sparkvsr_engine.models.distances.dists import DistsLoss
from sparkvsr_engine.models.distances.files import DISTS_ALPHA_BETA, LPIPS_VGG16
from sparkvsr_engine.models.lite.networks.perceptual import Perceptual
from sparkvsr_engine.training.published.recipe import ClipStageRecipe, PublishedRecipe
from sparkvsr_engine.training.trainees.losses import change_loss
from sparkvsr_engine.training.trainees.perceptual import metric_folder


class Judge:
    """The losses of a recipe on a device.

    Raises InvalidSettings without a folder for the learned ones' weights, ModelMissing when they are not
    there: at once, not after the first stage.
    """

    def __init__(self, recipe: PublishedRecipe, metric_weights: Path | None, place: torch.device) -> None:
        has_lpips = any(stage.lpips for stage in recipe.stages)
        has_dists = any(stage.dists for stage in recipe.stages)
        folder = metric_folder(recipe.name, metric_weights) if has_lpips or has_dists else Path()
        self._lpips = Perceptual(folder, place) if has_lpips else None
        self._dists = _open_dists(folder, place) if has_dists else None

    def of_latents(self, stage: ClipStageRecipe, predicted: Tensor, truth: Tensor) -> dict[str, Tensor]:
        """Weighted losses of restored latents [C, f, h, w].

        Args:
            stage: weights of the losses.
            predicted: latents [C, f, h, w].
            truth: latents [C, f, h, w].
        """
        if not stage.latent:
            return {}
        return {"latent": stage.latent * (predicted - truth).square().mean()}

    def of_pictures(self, stage: ClipStageRecipe, predicted: Tensor, truth: Tensor) -> dict[str, Tensor]:
        """Weighted losses of restored frames [F, 3, H, W], 0..1, each against the true frame of its own time.

        A single frame has no temporal loss: it is given as 0. Squares and differences are those of the -1..1
        that the published weights of losses are for.

        Args:
            stage: weights of the losses.
            predicted: [F, 3, H, W], 0..1.
            truth: [F, 3, H, W], 0..1.
        """
        losses: dict[str, Tensor] = {}
        if stage.pixel:
            losses["pixel"] = stage.pixel * (2 * (predicted - truth)).square().mean()
        if stage.lpips and self._lpips is not None:
            losses["lpips"] = stage.lpips * self._lpips(
                predicted, truth, torch.ones(len(predicted), device=predicted.device)
            )
        if stage.dists and self._dists is not None:
            pairs = zip(predicted.clamp(0, 1), truth, strict=True)
            apart = [self._dists.distance(torch.stack(pair)) for pair in pairs]
            losses["dists"] = stage.dists * torch.stack(apart).mean()
        if stage.temporal:
            losses["temporal"] = stage.temporal * 2 * change_loss(predicted, truth)
        return losses


def _open_dists(folder: Path, place: torch.device) -> DistsLoss:
    weights = MetricWeights(folder)
    missing = weights.missing((LPIPS_VGG16, DISTS_ALPHA_BETA))
    if missing:
        raise ModelMissing(
            f"{folder / missing[0]} is missing; run '{FETCH_COMMAND}', or train without the DISTS loss."
        )
    return DistsLoss(weights.path(LPIPS_VGG16), weights.path(DISTS_ALPHA_BETA), place)
