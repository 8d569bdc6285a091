"""The network's passes by torch: at run time on every device, and in training."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from sparkvsr_engine.models.lite.networks.network import MOST_KEYFRAMES, NEIGHBOURS, LiteNetwork
from sparkvsr_engine.models.lite.networks.stages import Blind, Change, Reference, Target
from sparkvsr_engine.models.lite.pixels.filters import halved
from sparkvsr_engine.models.lite.pixels.planes import CELL, Planes, fold, fold_half, unfold


class TorchPasses:
    """See `stages.NetworkPasses`."""

    def __init__(self, network: LiteNetwork) -> None:
        self._network = network

    def blind(self, target: Target, margin: int, *, with_features: bool) -> tuple[Blind, Tensor]:
        """See `stages.NetworkPasses.blind`."""
        around = torch.cat([fold_half(target.neighbours[:, i : i + 1]) for i in range(len(NEIGHBOURS))], 1)
        features, cells, faith = self._network.blind(
            fold(target.source), fold_half(target.half), around, target.scale, margin
        )
        return Blind(features if with_features else None, unfold(cells.float())), faith

    def keyed(self, target: Target, blind: Blind, references: Sequence[Reference]) -> tuple[Change, ...]:
        """See `stages.NetworkPasses.keyed`."""
        assert blind.features is not None
        encoded = [self._encoded(target, reference) for reference in references]
        present = [reference.distance > 0 for reference in references]
        for _ in range(MOST_KEYFRAMES - len(references)):
            encoded.append(torch.zeros_like(encoded[0]))
            present.append(torch.zeros_like(present[0]))
        gates, mends = self._network.keyed(blind.features, encoded, torch.stack(present, 1))
        return tuple(
            _change(reference.residual, blind.residual, gates[:, i], mends[:, i])
            for i, reference in enumerate(references)
        )

    def _encoded(self, target: Target, reference: Reference) -> Tensor:
        change = fold_half(reference.half - target.half)
        return self._network.keyed.encode(fold(reference.residual), change, reference.distance)


def _change(residual: Planes, blind: Planes, gates: Tensor, mend: Tensor) -> Change:
    """gate * (keyframe's residual - blind residual) + mend; gates: [N, 16, h, w]."""
    gate = F.pixel_shuffle(gates, CELL)
    apart = residual - blind
    planes = Planes(apart.luma * gate, apart.chroma * halved(gate)) + unfold(mend)
    return Change(planes, gate, gates.mean(1, keepdim=True))
