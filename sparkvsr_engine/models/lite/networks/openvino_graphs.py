"""The paths of `lite` as OpenVINO graphs, from planes to planes, for one size of the canvas.

They compute what `network` and `torch_passes` do; a test holds both against each other. Weights in floats are
inputs, so that one compiled graph serves every mixture of weights and whatever was learnt; weights in 8 bits
(`quantization`) are constants, because the processor wants them packed. Folding into cells, and what mixes a
keyframe in, are in the graphs, which spares passes over memory. Warps stay in float32 outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from openvino import Model, Node, Type
from openvino import opset15 as ops

from sparkvsr_engine.models.attention_block import LARGEST_FEATURE
from sparkvsr_engine.models.lite.networks import network
from sparkvsr_engine.models.lite.networks.network import MOST_KEYFRAMES, NEIGHBOURS, LiteConfig
from sparkvsr_engine.models.lite.networks.quantization import QuantizedWeights
from sparkvsr_engine.models.lite.pixels.planes import CELL, CELL_CHANNELS, LUMA_CHANNELS

Shapes = Mapping[str, tuple[int, ...]]
Quantized = Mapping[str, QuantizedWeights]
_CELLS = "depth_first"
_LEVELS = 256


class GraphBuilder:
    """Nodes of one graph, and its inputs by name.

    shapes: of the weights, which are named as in `LiteNetwork.state_dict`. rows, columns: of cells.
    quantized: the convolutions that run in 8 bits, by name.
    """

    def __init__(self, shapes: Shapes, rows: int, columns: int, quantized: Quantized | None = None) -> None:
        self._shapes = shapes
        self._quantized = quantized or {}
        self.rows = rows
        self.columns = columns
        self._inputs: dict[str, Node] = {}

    def input(self, name: str, *shape: int) -> Node:
        """A float32 input."""
        if name not in self._inputs:
            self._inputs[name] = ops.parameter(list(shape), Type.f32, name=name)
        return self._inputs[name]

    def convolution(self, features: Node, name: str, dilation: int = 1, pad: int | None = None) -> Node:
        """A convolution under the weights of a name.

        Args:
            features: what it reads.
            name: of its weights, without `.weight`.
            dilation: cells from one tap to the next.
            pad: zeros around; None for as many as keep the size.
        """
        shape = self._shapes[f"{name}.weight"]
        if name in self._quantized:
            features, weight = _in_eight_bits(features, self._quantized[name])
            # A constant is fused with the convolution and what follows it; an input is another pass.
            bias = ops.constant(self._quantized[name].bias)
        else:
            weight = self.input(f"{name}.weight", *shape)
            bias = self.input(f"{name}.bias", 1, shape[0], 1, 1)
        around = [dilation * (shape[-1] // 2) if pad is None else pad] * 2
        return ops.add(ops.convolution(features, weight, [1, 1], around, around, [dilation] * 2), bias)

    def luma(self, slot: str) -> Node:
        """A plane at full size."""
        return self.input(f"{slot}luma", 1, 1, CELL * self.rows, CELL * self.columns)

    def halves(self, name: str, count: int = 1) -> Node:
        """Planes at half size."""
        return self.input(name, 1, count, CELL // 2 * self.rows, CELL // 2 * self.columns)

    def residual(self, slot: str) -> tuple[Node, Node]:
        """Luma and chroma."""
        return self.luma(slot), self.halves(f"{slot}chroma", 2)

    def folded_residual(self, slot: str) -> Node:
        """Luma and chroma in cells, see `planes.fold`."""
        luma, chroma = self.residual(slot)
        return ops.concat([_folded(luma, CELL), _folded(chroma, CELL // 2)], 1)

    def difference(self, name: str, count: int = 1) -> Node:
        """Planes at half size less the frame's own."""
        return ops.subtract(self.halves(name, count), self.halves("half"))

    def model(self, **outputs: Node) -> Model:
        """The graph of these outputs."""
        results = []
        for name, node in outputs.items():
            result = ops.result(node)
            result.output(0).get_tensor().set_names({name})
            results.append(result)
        # Its stub has one class of the name, its module another.
        make: Any = Model
        return make(results, list(self._inputs.values()), "lite")


def stem_graph(shapes: Shapes, rows: int, columns: int, margin: int) -> Model:
    """Planes to the first features of the blind path [1, rows + 2 margin, columns + 2 margin, C].

    Of its own, because it is too fine for short floats. Channels come last, as convolutions have them: any
    other order takes two more passes.

    Args:
        shapes: of the weights.
        rows: of cells.
        columns: of cells.
        margin: see `network.BlindPath`.
    """
    graph = GraphBuilder(shapes, rows, columns)
    change = graph.difference("neighbours", len(NEIGHBOURS))
    square = ops.power(ops.multiply(change, _number(1 / network.OUTLIER)), _number(2))
    plausible = ops.divide(change, ops.add(square, _number(1)))
    scale = ops.multiply(graph.input("scale", 1, 1, 1, 1), _number(1 / network.MOST_SCALE))
    scale_cells = ops.broadcast(scale, _integers(1, 1, rows, columns))
    cells = ops.concat([graph.folded_residual(""), _folded(plausible, 2), scale_cells], 1)
    around = _integers(0, 0, 1 + margin, 1 + margin)
    seen = ops.pad(ops.multiply(cells, _number(network.STEM_GAIN)), around, around, "edge")
    shallow = graph.convolution(seen, "blind.stem", pad=0)
    return graph.model(shallow=ops.transpose(shallow, _integers(0, 2, 3, 1)))


def trunk_graph(
    shapes: Shapes,
    config: LiteConfig,
    rows: int,
    columns: int,
    margin: int,
    quantized: Quantized | None = None,
    *,
    with_features: bool = True,
) -> Model:
    """First features to residual planes, the faith in the source, and features [1, C, rows, columns].

    Args:
        shapes: of the weights.
        config: sizes of the network.
        rows: of cells.
        columns: of cells.
        margin: see `network.BlindPath`.
        quantized: see `GraphBuilder`.
        with_features: without them it takes a pass less; the rest is the same to the bit.
    """
    graph = GraphBuilder(shapes, rows, columns, quantized)
    first = graph.input("shallow", 1, rows + 2 * margin, columns + 2 * margin, config.channels)
    shallow = ops.transpose(first, _integers(0, 3, 1, 2))
    deep, early, late = shallow, shallow, shallow
    for index in range(config.blind_blocks):
        deep, late = _attention(graph, deep, f"blind.blocks.{index}")
        early = deep if index == 0 else early
    stages = ops.concat([shallow, graph.convolution(deep, "blind.last"), early, late], 1)
    features = graph.convolution(stages, "blind.join")
    luma, chroma = _unfolded(_inside(graph.convolution(features, "blind.head"), margin))
    # One channel is cut out in less time than all that it is made of.
    faith = _inside(ops.sigmoid(graph.convolution(features, "blind.faith")), margin)
    outputs = {"luma": luma, "chroma": chroma, "faith": faith}
    return graph.model(**outputs, **({"features": _inside(features, margin)} if with_features else {}))


def keyed_graph(
    shapes: Shapes,
    config: LiteConfig,
    rows: int,
    columns: int,
    references: int,
    quantized: Quantized | None = None,
) -> Model:
    """Blind features and warped keyframes to what each changes, its gate, and its trust per cell.

    Args:
        shapes: of the weights.
        config: sizes of the network.
        rows: of cells.
        columns: of cells.
        references: keyframes, 1 or 2; all of them are there.
        quantized: see `GraphBuilder`.
    """
    graph = GraphBuilder(shapes, rows, columns, quantized)
    encoded = [_encoded(graph, f"key{index}_") for index in range(references)]
    absent = (1, config.key_channels, rows, columns)
    encoded += [_zeros(*absent)] * (MOST_KEYFRAMES - references)
    features = graph.input("features", 1, config.channels, rows, columns)
    out = graph.convolution(
        ops.concat([ops.multiply(features, _number(network.FEATURE_GAIN)), *encoded], 1), "keyed.stem"
    )
    for index in range(config.keyed_blocks):
        inner = ops.relu(graph.convolution(out, f"keyed.blocks.{index}.first", 1 + index % 2))
        out = ops.add(out, graph.convolution(inner, f"keyed.blocks.{index}.second"))
    head = graph.convolution(out, "keyed.head")
    logits = [_channels(head, LUMA_CHANNELS * index, LUMA_CHANNELS) for index in range(references)]
    # The blind result is one of the candidates, with logit 0.
    candidates = [_zeros(1, LUMA_CHANNELS, rows, columns), *logits]
    apart = ops.concat([ops.unsqueeze(candidate, _integers(1)) for candidate in candidates], 1)
    shares = ops.softmax(apart, 1)
    outputs: dict[str, Node] = {}
    for index in range(references):
        outputs |= _changed(graph, shares, head, index)
    return graph.model(**outputs)


def _in_eight_bits(features: Node, weights: QuantizedWeights) -> tuple[Node, Node]:
    """What a convolution reads and its weights, both rounded to 8 bits."""
    low, high = (ops.constant(np.float32(end)) for end in (weights.common_low, weights.common_high))
    seen = ops.fake_quantize(
        features, ops.constant(weights.low), ops.constant(weights.high), low, high, _LEVELS
    )
    least, most = ops.constant(-weights.largest), ops.constant(weights.largest)
    stored = ops.constant(np.ascontiguousarray(weights.weight))
    # Both signs alike: one level of 256 stays unused.
    return seen, ops.fake_quantize(stored, least, most, least, most, _LEVELS - 1)


def _attention(graph: GraphBuilder, features: Node, name: str) -> tuple[Node, Node]:
    """See `attention_block.AttentionBlock`."""
    first = ops.swish(graph.convolution(features, f"{name}.c1"))
    deep = graph.convolution(ops.swish(graph.convolution(first, f"{name}.c2")), f"{name}.c3")
    weighed = ops.multiply(ops.add(deep, features), ops.subtract(ops.sigmoid(deep), _number(0.5)))
    return ops.clamp(weighed, -LARGEST_FEATURE, LARGEST_FEATURE), first


def _encoded(graph: GraphBuilder, slot: str) -> Node:
    """See `network.KeyedPath.encode`; a keyframe's distance comes as log(1 + frames) / 3."""
    change = _folded(graph.difference(f"{slot}half"), CELL // 2)
    seen = ops.concat([graph.folded_residual(slot), change], 1)
    ones = ops.constant(np.ones((1, 1, graph.rows, graph.columns), np.float32))
    far = ops.multiply(ones, graph.input(f"{slot}far", 1, 1, 1, 1))
    return graph.convolution(
        ops.concat([ops.multiply(seen, _number(network.RESIDUAL_GAIN)), ones, far], 1), "keyed.encoder"
    )


def _changed(graph: GraphBuilder, shares: Node, head: Node, index: int) -> dict[str, Node]:
    """What one keyframe changes, see `stages`."""
    gate_cells = ops.squeeze(_channels(shares, index + 1, 1), _integers(1))
    gate = ops.depth_to_space(gate_cells, _CELLS, CELL)
    first = MOST_KEYFRAMES * LUMA_CHANNELS + index * CELL_CHANNELS
    luma_mend, chroma_mend = _unfolded(_channels(head, first, CELL_CHANNELS))
    luma, chroma = (
        ops.subtract(planes, blind)
        for planes, blind in zip(graph.residual(f"key{index}_"), graph.residual("blind_"), strict=True)
    )
    half_gate = ops.avg_pool(gate, [2, 2], [0, 0], [0, 0], [2, 2], exclude_pad=True)
    return {
        f"luma{index}": ops.add(ops.multiply(luma, gate), luma_mend),
        f"chroma{index}": ops.add(ops.multiply(chroma, half_gate), chroma_mend),
        f"gate{index}": gate,
        f"trust{index}": ops.reduce_mean(gate_cells, _integers(1), keep_dims=True),
    }


def _folded(planes: Node, side: int) -> Node:
    return ops.space_to_depth(planes, _CELLS, side)


def _unfolded(cells: Node) -> tuple[Node, Node]:
    """See `planes.unfold`."""
    chroma = _channels(cells, LUMA_CHANNELS, CELL_CHANNELS - LUMA_CHANNELS)
    return (
        ops.depth_to_space(_channels(cells, 0, LUMA_CHANNELS), _CELLS, CELL),
        ops.depth_to_space(chroma, _CELLS, CELL // 2),
    )


def _channels(features: Node, first: int, count: int) -> Node:
    return ops.slice(features, _integers(first), _integers(first + count), _integers(1), _integers(1))


def _inside(cells: Node, margin: int) -> Node:
    if not margin:
        return cells
    return ops.slice(
        cells, _integers(margin, margin), _integers(-margin, -margin), _integers(1, 1), _integers(2, 3)
    )


def _zeros(*shape: int) -> Node:
    return ops.constant(np.zeros(shape, np.float32))


def _number(value: float) -> Node:
    return ops.constant(np.float32(value))


def _integers(*values: int) -> Node:
    return ops.constant(np.array(values, np.int64))
