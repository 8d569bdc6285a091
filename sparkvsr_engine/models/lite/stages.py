"""The network's passes put together, for one frame at run time and for batches in training alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from sparkvsr_engine.models.lite.network import MOST_KEYFRAMES, LiteNetwork
from sparkvsr_engine.models.lite.planes import Planes, fold, fold_half, unfold
from sparkvsr_engine.models.lite.warping import grow_flow, warp


@dataclass(frozen=True, eq=False)
class Target:
    """The frame to restore: its upsampled source as planes, half-size luma [N, 1, H/2, W/2], and the four
    neighbours' half-size luma brought onto it [N, 4, H/2, W/2]."""

    source: Planes
    half: Tensor
    neighbours: Tensor


@dataclass(frozen=True, eq=False)
class Reference:
    """A keyframe as the network takes it.

    residual: keyframe minus its upsampled source frame, planes of the whole frame. half: that source
    frame's half-size luma. flow: from the target to the keyframe on the half grid [N, 2, h/2, w/2].
    distance: frames between the two [N], 0 where a batch entry has no such keyframe.
    origin: [N, 2] where the target's crop starts in the whole frame, full-size pixels; None for (0, 0).
    """

    residual: Planes
    half: Tensor
    flow: Tensor
    distance: Tensor
    origin: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Aligned:
    """A keyframe brought onto the target.

    residual: planes by the final flow. first_flow, first_luma: the flow after the first pass, and luma by it.
    """

    residual: Planes
    flow: Tensor
    encoded: Tensor
    first_flow: Tensor
    first_luma: Tensor


@dataclass(frozen=True, eq=False)
class Blind:
    """What the blind path found: features, and the residual as planes and cells."""

    features: Tensor
    residual: Planes
    cells: Tensor
    half: Tensor


def restore_blind(network: LiteNetwork, target: Target) -> Blind:
    """The pass that sees the source alone."""
    half = fold_half(target.half)
    around = torch.cat([fold_half(target.neighbours[:, i : i + 1]) for i in range(4)], 1)
    features, cells = network.blind(_nhwc(fold(target.source)), half, _nhwc(around))
    cells = cells.float()
    return Blind(features, unfold(cells), cells, half)


def align(network: LiteNetwork, blind: Blind, reference: Reference) -> Aligned:
    """Bring a keyframe onto the target and say what was seen on the way."""
    aligner, keyed = network.aligner, network.keyed
    origin = reference.origin
    half_origin = None if origin is None else origin / 2
    flow = reference.flow
    change, seen = aligner.see(blind.features, blind.half, _brought(reference, flow, half_origin))
    first = flow = flow + change
    luma = warp(reference.residual.luma, grow_flow(flow, 2), cubic=True, origin=origin)
    change, seen = aligner.look_closer(
        seen,
        blind.half,
        _brought(reference, flow, half_origin),
        F.pixel_unshuffle(luma, 8),
        blind.cells[:, :64],
    )
    flow = flow + change
    residual = Planes(
        warp(reference.residual.luma, grow_flow(flow, 2), cubic=True, origin=origin),
        warp(reference.residual.chroma, flow, origin=half_origin),
    )
    difference = _brought(reference, flow, half_origin) - blind.half
    encoded = keyed.encode(_nhwc(fold(residual)), difference, seen, reference.distance)
    return Aligned(residual, flow, encoded, first, luma)


@dataclass(frozen=True, eq=False)
class Keyed:
    """Per keyframe what it changes against the blind result, and its gate [N, 64, h, w]."""

    changes: tuple[Planes, ...]
    gates: tuple[Tensor, ...]


def restore_keyed(network: LiteNetwork, blind: Blind, aligned: Sequence[Aligned], present: Tensor) -> Keyed:
    """The pass that weighs up to two aligned keyframes; present: bool [N, 2]."""
    encoded = [one.encoded for one in aligned]
    encoded += [torch.zeros_like(encoded[0])] * (MOST_KEYFRAMES - len(encoded))
    gates, mends = network.keyed(blind.features, encoded, present)
    changes = tuple(
        _change(one.residual, blind.residual, gates[:, i], mends[:, i]) for i, one in enumerate(aligned)
    )
    return Keyed(changes, tuple(gates[:, i] for i in range(len(aligned))))


def _change(residual: Planes, blind: Planes, gate: Tensor, mend: Tensor) -> Planes:
    """gate * (keyframe's residual - blind residual) + mend."""
    at_full = F.pixel_shuffle(gate, 8)
    at_half = F.avg_pool2d(at_full, 2)
    apart = residual - blind
    return Planes(apart.luma * at_full, apart.chroma * at_half) + unfold(mend)


def _brought(reference: Reference, flow: Tensor, origin: Tensor | None) -> Tensor:
    """Luma cells of the keyframe's source frame warped onto the target."""
    return fold_half(warp(reference.half, flow, origin=origin))


def _nhwc(cells: Tensor) -> Tensor:
    return cells.contiguous(memory_format=torch.channels_last)
