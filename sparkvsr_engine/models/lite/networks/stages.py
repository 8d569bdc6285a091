"""The network's passes put together, for one frame at run time and for batches in training alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from sparkvsr_engine.models.lite.networks.network import MOST_KEYFRAMES, NEIGHBOURS, LiteNetwork
from sparkvsr_engine.models.lite.pixels.consistency import SourceSamples, followed, rest_of, settled
from sparkvsr_engine.models.lite.pixels.filters import halved
from sparkvsr_engine.models.lite.pixels.planes import CELL, Planes, fold, fold_half, unfold


@dataclass(frozen=True, eq=False)
class Target:
    """The frame to restore: its upsampled source as planes, half-size luma [N, 1, H/2, W/2], the four
    neighbours' half-size luma brought onto it [N, 4, H/2, W/2], and output size over source size [N].
    """

    source: Planes
    half: Tensor
    neighbours: Tensor
    scale: Tensor
    samples: SourceSamples | None = None


@dataclass(frozen=True, eq=False)
class Reference:
    """A keyframe warped onto the target.

    residual: keyframe minus its upsampled source frame, planes. half: that source frame's half-size luma.
    distance: frames between the two [N], 0 where a batch entry has no such keyframe. missing: what the
    keyframe lacks of its source, brought onto the target's own samples [N, 1, h, w].
    """

    residual: Planes
    half: Tensor
    distance: Tensor
    missing: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Blind:
    """What the blind path found: features, and the residual."""

    features: Tensor
    residual: Planes


@dataclass(frozen=True, eq=False)
class Keyed:
    """Per keyframe what it changes against the blind result, and its gate [N, 16, h, w]."""

    changes: tuple[Planes, ...]
    gates: tuple[Tensor, ...]


def restore_blind(network: LiteNetwork, target: Target, margin: int = 0) -> Blind:
    """The pass that sees the source alone.

    Args:
        network: the network.
        target: what the network sees of the frame.
        margin: see `network.BlindPath`.
    """
    around = torch.cat([fold_half(target.neighbours[:, i : i + 1]) for i in range(len(NEIGHBOURS))], 1)
    features, cells, faith = network.blind(
        fold(target.source), fold_half(target.half), around, target.scale, margin
    )
    residual = unfold(cells.float())
    if target.samples is not None:
        step = followed(target.source.luma + residual.luma, faith, target.samples)
        residual = Planes(residual.luma + step, residual.chroma)
    return Blind(features, residual)


def restore_keyed(
    network: LiteNetwork, target: Target, blind: Blind, references: Sequence[Reference]
) -> Keyed:
    """The pass that weighs one or two warped keyframes; what is absent changes nothing.

    Args:
        network: the network.
        target: what the network sees of the frame.
        blind: the result without keyframes.
        references: warped keyframes, one or two.
    """
    encoded = [_encode(network, target, reference) for reference in references]
    present = [reference.distance > 0 for reference in references]
    for _ in range(MOST_KEYFRAMES - len(references)):
        encoded.append(torch.zeros_like(encoded[0]))
        present.append(torch.zeros_like(present[0]))
    gates, mends = network.keyed(blind.features, encoded, torch.stack(present, 1))
    full_gates = [F.pixel_shuffle(gates[:, i], CELL) for i in range(len(references))]
    changes = tuple(
        _change(reference.residual, blind.residual, gate, mends[:, i])
        for i, (reference, gate) in enumerate(zip(references, full_gates, strict=True))
    )
    if target.samples is not None:
        changes = _settled(target, target.samples, blind, references, changes, full_gates)
    return Keyed(changes, tuple(gates[:, i] for i in range(len(references))))


def _encode(network: LiteNetwork, target: Target, reference: Reference) -> Tensor:
    change = fold_half(reference.half - target.half)
    return network.keyed.encode(fold(reference.residual), change, reference.distance)


def _change(residual: Planes, blind: Planes, gate: Tensor, mend: Tensor) -> Planes:
    """gate * (keyframe's residual - blind residual) + mend; gate: [N, 1, H, W]."""
    apart = residual - blind
    return Planes(apart.luma * gate, apart.chroma * halved(gate)) + unfold(mend)


def _settled(
    target: Target,
    samples: SourceSamples,
    blind: Blind,
    references: Sequence[Reference],
    changes: Sequence[Planes],
    gates: Sequence[Tensor],
) -> tuple[Planes, ...]:
    """The changes in agreement with the source, luma alone: with chroma it was not tried."""
    difference = rest_of(target.source.luma + blind.residual.luma, samples)
    return tuple(
        change
        if reference.missing is None
        else Planes(settled(change.luma, gate, reference.missing, difference, samples), change.chroma)
        for reference, change, gate in zip(references, changes, gates, strict=True)
    )
