"""What a training step of `lite` computes: a batch through the network, and what its results are judged by.

Stage 1 teaches propagation where the network works, in cells and flows; stage 2 judges finished pixels. Both
run this code, their weights differ (`recipe.StageRecipe`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from sparkvsr_engine.models.lite.network import MOST_KEYFRAMES, LiteNetwork
from sparkvsr_engine.models.lite.planes import Planes
from sparkvsr_engine.models.lite.stages import (
    Aligned,
    Blind,
    Keyed,
    Reference,
    Target,
    align,
    restore_blind,
    restore_keyed,
)
from sparkvsr_engine.training.losses import alignment_loss, flow_loss, planes_loss
from sparkvsr_engine.training.perceptual import Perceptual, picture_of
from sparkvsr_engine.training.recipe import StageRecipe

Batch = Mapping[str, Tensor]


@dataclass(frozen=True, eq=False)
class Results:
    """A batch's results. present: bool [N, 2]. restored: residual planes with every keyframe at full influence."""

    blind: Blind
    aligned: tuple[Aligned, ...]
    keyed: Keyed
    present: Tensor
    restored: Planes


def collate(scenes: Sequence[Sequence[Mapping[str, Tensor]]]) -> dict[str, Tensor]:
    """Crops of several scenes to one batch."""
    crops = [crop for scene in scenes for crop in scene]
    return {name: torch.stack([crop[name] for crop in crops]) for name in crops[0]}


def run_batch(network: LiteNetwork, batch: Batch) -> Results:
    """A batch of `samples` through the network."""
    source = Planes(batch["luma"], batch["chroma"])
    blind = restore_blind(network, Target(source, batch["half"], batch["neighbours"]))
    aligned = tuple(align(network, blind, _reference(batch, slot)) for slot in range(MOST_KEYFRAMES))
    present = torch.stack([batch[f"key{slot}_distance"] > 0 for slot in range(MOST_KEYFRAMES)], 1)
    keyed = restore_keyed(network, blind, aligned, present)
    restored = blind.residual
    for change in keyed.changes:
        restored = restored + change
    return Results(blind, aligned, keyed, present, restored)


def losses_of(
    results: Results, batch: Batch, stage: StageRecipe, perceptual: Perceptual | None
) -> dict[str, Tensor]:
    """Each loss by name, weighted; their sum is what is minimised."""
    truth = Planes(batch["truth_luma"], batch["truth_chroma"])
    wanted = Planes(batch["wanted_luma"], batch["wanted_chroma"])
    found = {
        "blind": stage.blind * planes_loss(results.blind.residual, truth),
        "keyed": stage.keyed * planes_loss(results.restored, wanted),
    }
    if stage.flow or stage.alignment:
        found |= _motion_losses(results, batch, stage, wanted)
    if stage.perceptual and perceptual is not None:
        source = Planes(batch["luma"], batch["chroma"])
        one, other = picture_of(source + results.restored), picture_of(source + wanted)
        found["perceptual"] = stage.perceptual * perceptual(one, other)
    return found


def _motion_losses(results: Results, batch: Batch, stage: StageRecipe, truth: Planes) -> dict[str, Tensor]:
    flow = torch.zeros(())
    alignment = torch.zeros(())
    blind = results.blind.residual.luma.detach()
    for slot, aligned in enumerate(results.aligned):
        present = results.present[:, slot]
        wanted, weight = batch[f"key{slot}_true_flow"], batch[f"key{slot}_true_weight"]
        for each in (aligned.first_flow, aligned.flow):
            flow = flow + flow_loss(each, wanted, weight, present)
        for luma in (aligned.first_luma, aligned.residual.luma):
            alignment = alignment + alignment_loss(luma, truth.luma, blind, present)
    return {"flow": stage.flow * flow, "alignment": stage.alignment * alignment}


def _reference(batch: Batch, slot: int) -> Reference:
    def of(name: str) -> Tensor:
        return batch[f"key{slot}_{name}"]

    return Reference(Planes(of("luma"), of("chroma")), of("half"), of("flow"), of("distance"), batch["origin"])
