"""The network's passes by OpenVINO on the processor.

Graphs in floats serve any weights for a size. Where it is asked for, the sets of weights that ship, mixtures
of them, and what was learnt from them run in 8 bits, each with graphs of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch
from openvino import Model
from torch import Tensor

from sparkvsr_engine.models.backends.openvino_graph import CompiledGraph, half_precision
from sparkvsr_engine.models.lite.networks.network import MOST_SCALE, LiteConfig, LiteNetwork
from sparkvsr_engine.models.lite.networks.openvino_graphs import (
    Quantized,
    keyed_graph,
    stem_graph,
    trunk_graph,
)
from sparkvsr_engine.models.lite.networks.quantization import quantized, ranges_of, weights_digest
from sparkvsr_engine.models.lite.networks.stages import Blind, Change, Reference, Target
from sparkvsr_engine.models.lite.pixels.planes import CELL, Planes
from sparkvsr_engine.storage.bounded_dict import BoundedDict

# A shot in bands has three sizes of them, each with three graphs, two of those for each of three mixtures of
# weights: the trunk is with features or without (`frame_restorer`), hardly ever both.
_KEPT_GRAPHS = 21
# Cells from which on graphs give their memory back after every run: bands are as large.
_LARGE = 300_000

# Kind, sizes of the network, rows and columns of cells, what else it depends on, and the digest of weights in
# 8 bits.
_Key = tuple[str, LiteConfig, int, int, int, str]


@dataclass(frozen=True, eq=False)
class Weights:
    """One set of weights.

    tensors: by name, float32. quantized: the convolutions that run in 8 bits, none where no ranges were
    measured. digest: of these, empty without.
    """

    tensors: dict[str, Tensor]
    quantized: Quantized
    digest: str


class OpenVinoRunner:
    """Compiled graphs for networks of any weights; the latest are kept.

    in_eight_bits: whether weights whose ranges are in the package run in 8 bits.
    """

    def __init__(self, *, in_eight_bits: bool = False) -> None:
        self.precision = half_precision()
        self._in_eight_bits = in_eight_bits
        self._graphs: BoundedDict[_Key, CompiledGraph] = BoundedDict(_KEPT_GRAPHS)
        self._weights: WeakKeyDictionary[LiteNetwork, Weights] = WeakKeyDictionary()

    def passes(self, network: LiteNetwork) -> OpenVinoPasses:
        """The passes under these weights; the network is float32, on the CPU, and does not change."""
        if network not in self._weights:
            self._weights[network] = self._made_ready(network)
        return OpenVinoPasses(self, network.config, self._weights[network])

    def _made_ready(self, network: LiteNetwork) -> Weights:
        tensors = {name: value.detach().contiguous() for name, value in network.state_dict().items()}
        ranges = ranges_of(network) if self._in_eight_bits else None
        if ranges is None:
            return Weights(tensors, {}, "")
        weights = {
            name: quantized(tensors[f"{name}.weight"].numpy(), tensors[f"{name}.bias"].numpy(), inputs)
            for name, inputs in ranges.items()
        }
        return Weights(tensors, weights, weights_digest(tensors))

    def run(
        self, key: _Key, model: Callable[[], Model], precision: str, tensors: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """Outputs of a graph, which is compiled where that has not been done.

        Args:
            key: see `_Key`.
            model: makes it.
            precision: of its convolutions, `f32` or `bf16`.
            tensors: its inputs among others.
        """
        graph = self._graphs.get_or_make(key, lambda: CompiledGraph(model(), precision))
        outputs = graph.run(tensors)
        if key[2] * key[3] >= _LARGE:
            graph.release_memory()
        return outputs


class OpenVinoPasses:
    """See `stages.NetworkPasses`; of one frame at a time."""

    def __init__(self, runner: OpenVinoRunner, config: LiteConfig, weights: Weights) -> None:
        self._runner = runner
        self._config = config
        self._weights = weights
        self._shapes = {name: tuple(value.shape) for name, value in weights.tensors.items()}

    def blind(self, target: Target, margin: int, *, with_features: bool) -> tuple[Blind, Tensor]:
        """See `stages.NetworkPasses.blind`."""
        rows, columns = _cells(target)
        shapes, config, run, weights = self._shapes, self._config, self._runner.run, self._weights
        tensors = {
            **weights.tensors,
            **_planes("", target.source),
            "half": target.half,
            "neighbours": target.neighbours,
            "scale": target.scale.clamp(max=MOST_SCALE),
        }
        stem = run(
            ("stem", config, rows, columns, margin, ""),
            lambda: stem_graph(shapes, rows, columns, margin),
            "f32",
            tensors,
        )
        out = run(
            ("features" if with_features else "trunk", config, rows, columns, margin, weights.digest),
            lambda: trunk_graph(
                shapes, config, rows, columns, margin, weights.quantized, with_features=with_features
            ),
            self._runner.precision,
            weights.tensors | stem,
        )
        return Blind(out.get("features"), Planes(out["luma"], out["chroma"])), out["faith"]

    def keyed(self, target: Target, blind: Blind, references: Sequence[Reference]) -> tuple[Change, ...]:
        """See `stages.NetworkPasses.keyed`."""
        rows, columns = _cells(target)
        shapes, config, count, weights = self._shapes, self._config, len(references), self._weights
        assert blind.features is not None
        tensors = weights.tensors | {"features": blind.features, "half": target.half}
        tensors |= _planes("blind_", blind.residual)
        for index, reference in enumerate(references):
            tensors |= _planes(f"key{index}_", reference.residual)
            tensors[f"key{index}_half"] = reference.half
            tensors[f"key{index}_far"] = torch.log1p(reference.distance.float()) / 3.0
        out = self._runner.run(
            ("keyed", config, rows, columns, count, weights.digest),
            lambda: keyed_graph(shapes, config, rows, columns, count, weights.quantized),
            self._runner.precision,
            tensors,
        )
        return tuple(
            Change(Planes(out[f"luma{i}"], out[f"chroma{i}"]), out[f"gate{i}"], out[f"trust{i}"])
            for i in range(count)
        )


def _cells(target: Target) -> tuple[int, int]:
    rows, columns = target.source.luma.shape[-2:]
    return rows // CELL, columns // CELL


def _planes(slot: str, planes: Planes) -> dict[str, Tensor]:
    return {f"{slot}luma": planes.luma, f"{slot}chroma": planes.chroma}
