"""Batches of crops through the network, in training: the passes a frame takes at run time, put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from sparkvsr_engine.models.lite.networks.network import MOST_KEYFRAMES, LiteNetwork
from sparkvsr_engine.models.lite.networks.stages import Reference, Target, restore_blind, restore_keyed
from sparkvsr_engine.models.lite.networks.torch_passes import TorchPasses
from sparkvsr_engine.models.lite.pixels.consistency import SourceSamples
from sparkvsr_engine.models.lite.pixels.planes import Planes

Batch = Mapping[str, Tensor]


@dataclass(frozen=True, eq=False)
class Results:
    """A batch's residual planes: the blind path's own, and with keyframes at full influence."""

    blind: Planes
    restored: Planes


def run_batch(network: LiteNetwork, batch: Batch, is_keyed: bool = True) -> Results:
    """A batch through the network; without keyframes the blind result stands for both.

    Args:
        network: the network.
        batch: source planes `luma`, `chroma`; `half`, `neighbours`, `scale` of `stages.Target`; `own`,
            `has_samples` of `consistency.SourceSamples`; per slot of a keyframe `key0_luma` and so on of
            `stages.Reference`.
        is_keyed: whether the batch has keyframes.
    """
    source = Planes(batch["luma"], batch["chroma"])
    samples = SourceSamples(batch["own"], source.luma.shape[-2], source.luma.shape[-1], batch["has_samples"])
    target = Target(source, batch["half"], batch["neighbours"], batch["scale"], samples)
    passes = TorchPasses(network)
    blind = restore_blind(passes, target)
    if not is_keyed:
        return Results(blind.residual, blind.residual)
    references = [_reference(batch, slot) for slot in range(MOST_KEYFRAMES)]
    restored = blind.residual
    for change in restore_keyed(passes, target, blind, references).changes:
        restored = restored + change
    return Results(blind.residual, restored)


def _reference(batch: Batch, slot: int) -> Reference:
    def of(name: str) -> Tensor:
        return batch[f"key{slot}_{name}"]

    return Reference(Planes(of("luma"), of("chroma")), of("half"), of("distance"), of("missing"))
