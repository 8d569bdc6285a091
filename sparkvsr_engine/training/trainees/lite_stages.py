"""What a training step of `lite` computes: a batch through the network, and what its results are judged by.

All stages of a recipe run this code, the weights of their losses differ (`recipe.StageRecipe`): a stage may
judge residuals alone, or finished pictures as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor

from sparkvsr_engine.models.lite.networks.batches import Results
from sparkvsr_engine.models.lite.networks.losses import planes_loss, squares_against
from sparkvsr_engine.models.lite.networks.perceptual import Perceptual, picture_of
from sparkvsr_engine.models.lite.pixels.planes import Planes
from sparkvsr_engine.training.recipe import StageRecipe
from sparkvsr_engine.training.sampling.samples import NEXT
from sparkvsr_engine.training.trainees.trainee import Batch, stacked


def collate(scenes: Sequence[Sequence[Mapping[str, Tensor]]]) -> dict[str, Tensor]:
    """Crops of several scenes to one batch."""
    return stacked([crop for scene in scenes for crop in scene])


def losses_of(
    results: Results, batch: Batch, stage: StageRecipe, perceptual: Perceptual | None
) -> dict[str, Tensor]:
    """Each loss by name, weighted; their sum is what is minimised.

    Args:
        results: what the network gave.
        batch: what it was given.
        stage: weights of the losses.
        perceptual: the perceptual loss, None where it does not count.
    """
    alone = Planes(batch["blind_luma"], batch["blind_chroma"])
    target = Planes(batch["wanted_luma"], batch["wanted_chroma"])
    losses = {"blind": stage.blind * planes_loss(results.blind, alone)}
    if stage.keyed:
        losses["keyed"] = stage.keyed * planes_loss(results.restored, target)
    if stage.squared:
        losses["squared"] = stage.squared * squares_against(results.blind, alone)
    if stage.perceptual and perceptual is not None:
        source = Planes(batch["luma"], batch["chroma"])
        result_picture, target_picture = picture_of(source + results.restored), picture_of(source + target)
        losses["perceptual"] = stage.perceptual * perceptual(
            result_picture, target_picture, batch["degraded"]
        )
    return losses


def error_of(results: Results, batch: Batch) -> Tensor:
    """What restored luma lacks of the wanted one, [N, 1, H, W]."""
    return results.restored.luma - batch["wanted_luma"]


def following_of(batch: Batch) -> Batch:
    """The batch of the next frames in a batch of pairs."""
    return {name.removeprefix(NEXT): value for name, value in batch.items() if name.startswith(NEXT)}
