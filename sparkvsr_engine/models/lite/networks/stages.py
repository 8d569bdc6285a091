"""The network's passes put together, for one frame at run time and for batches in training alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from sparkvsr_engine.models.lite.pixels.consistency import SourceSamples, followed, rest_of, settled
from sparkvsr_engine.models.lite.pixels.planes import Planes


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
    """The blind path's residual, and its features for the keyed path, None where they were not asked for."""

    features: Tensor | None
    residual: Planes


@dataclass(frozen=True, eq=False)
class Change:
    """What a keyframe changes against the blind result, its gate per pixel [N, 1, H, W] and the mean of it
    per cell [N, 1, h, w].
    """

    planes: Planes
    gate: Tensor
    trust: Tensor


@dataclass(frozen=True, eq=False)
class Keyed:
    """Per keyframe what it changes against the blind result, its gate per pixel [N, 1, H, W], and how far it
    is trusted per cell [N, 1, h, w].
    """

    changes: tuple[Planes, ...]
    gates: tuple[Tensor, ...]
    trusts: tuple[Tensor, ...]


class NetworkPasses(Protocol):
    """Both paths of the network under one mixture of weights, by whatever runs it."""

    def blind(self, target: Target, margin: int, *, with_features: bool) -> tuple[Blind, Tensor]:
        """The blind path as the network leaves it.

        Args:
            target: what the network sees of the frame.
            margin: see `network.BlindPath`.
            with_features: whether `keyed` will be asked for; it changes nothing else.

        Returns:
            The result, and per cell how far the source's own samples are to be believed, 0..1 [N, 1, h, w].
        """
        ...

    def keyed(self, target: Target, blind: Blind, references: Sequence[Reference]) -> tuple[Change, ...]:
        """What each of one or two keyframes changes, as the network leaves it.

        Args:
            target: what the network sees of the frame.
            blind: what `blind` gave with features, its residual in agreement with the source.
            references: warped keyframes, one or two.
        """
        ...


def restore_blind(
    passes: NetworkPasses, target: Target, margin: int = 0, *, with_features: bool = True
) -> Blind:
    """The pass that sees the source alone.

    Args:
        passes: of the network.
        target: what the network sees of the frame.
        margin: see `network.BlindPath`.
        with_features: see `NetworkPasses.blind`.
    """
    blind, faith = passes.blind(target, margin, with_features=with_features)
    if target.samples is None:
        return blind
    residual = blind.residual
    step = followed(target.source.luma + residual.luma, faith, target.samples)
    return Blind(blind.features, Planes(residual.luma + step, residual.chroma))


def restore_keyed(
    passes: NetworkPasses, target: Target, blind: Blind, references: Sequence[Reference]
) -> Keyed:
    """The pass that weighs one or two warped keyframes; what is absent changes nothing.

    Args:
        passes: of the network.
        target: what the network sees of the frame.
        blind: the result without keyframes.
        references: warped keyframes, one or two.
    """
    changes = passes.keyed(target, blind, references)
    planes = tuple(change.planes for change in changes)
    if target.samples is not None:
        planes = _settled(target, target.samples, blind, references, changes)
    gates, trusts = zip(*((change.gate, change.trust) for change in changes), strict=True)
    return Keyed(planes, gates, trusts)


def _settled(
    target: Target,
    samples: SourceSamples,
    blind: Blind,
    references: Sequence[Reference],
    changes: Sequence[Change],
) -> tuple[Planes, ...]:
    """The changes in agreement with the source, luma alone: with chroma it was not tried."""
    difference = rest_of(target.source.luma + blind.residual.luma, samples)
    return tuple(
        change.planes
        if reference.missing is None
        else Planes(
            settled(change.planes.luma, change.gate, reference.missing, difference, samples),
            change.planes.chroma,
        )
        for reference, change in zip(references, changes, strict=True)
    )
