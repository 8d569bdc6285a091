"""Weights of `lite` in 8 bits, for backends that multiply integers faster than short floats.

What a convolution reads and its weights become integers of 8 bits. Channels differ in range by factors of a
hundred, so each channel is divided by a size of its own and the weights that read it multiplied by that (Xiao
et al., SmoothQuant, arXiv:2211.10438); weights then have a step for each output channel. How far sizes follow
the channels' ranges, and how much of the integers is for negative values, is what leaves the least error of
rounding. Ranges were measured once, on training footage and generated graphics
(`scripts/measure_lite_ranges.py`), for the sets of weights that ship, and are stored by a digest of these.
Mixtures of them and what was learnt from them run under ranges wide enough for all of their origins; weights
that were trained anew stay in floats.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from torch import Tensor

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.models.lite.networks.network import LiteNetwork
from sparkvsr_engine.models.lite.planner import shipped_ranges

_Values = NDArray[np.float32]

# The largest step of an integer of 8 bits, with a sign and without.
_SIGNED, _UNSIGNED = 127, 255
# A channel that hardly varies is given a range all the same, as a share of the widest one's.
_LEAST = 1e-3
# Exponents of a channel's range that makes its size: 0 is one size for all, 1 each its own.
_EXPONENTS = (0.5, 0.65, 0.8, 0.9, 1.0)
# Least values, as a share of the largest, that integers reach down to.
_DEPTHS = (0.0, 0.03, 0.06, 0.1, 0.15, 0.25, 0.35, 0.5, 0.7, 1.0)


@dataclass(frozen=True, eq=False)
class InputRange:
    """Least and largest values of each channel that a convolution reads, the mean of their squares, and their
    mean, float32 [C]; low <= 0 < high.
    """

    low: _Values
    high: _Values
    power: _Values
    mean: _Values


Ranges = Mapping[str, InputRange]


@dataclass(frozen=True, eq=False)
class QuantizedWeights:
    """One convolution in 8 bits.

    low, high: of each channel read, float32 [1, C, 1, 1]; they become the ends of 0..255. common_low,
    common_high: what these ends stand for in the convolution. weight: for channels so divided, float32
    [outputs, C, rows, columns]. largest: of the weights of each output, float32 [outputs, 1, 1, 1]; it
    becomes 127. bias: stays in floats, [1, outputs, 1, 1].
    """

    low: _Values
    high: _Values
    common_low: float
    common_high: float
    weight: _Values
    largest: _Values
    bias: _Values


def quantized(weight: _Values, bias: _Values, inputs: InputRange) -> QuantizedWeights:
    """A convolution made ready to run in 8 bits.

    Args:
        weight: float32 [outputs, C, rows, columns].
        bias: float32 [outputs].
        inputs: ranges of what it reads.
    """
    candidates = [
        _of_sizes(weight, bias, _sizes(inputs, depth, exponent), depth)
        for depth in _DEPTHS
        if depth > 0 or not inputs.low.any()
        for exponent in _EXPONENTS
    ]
    best = min(candidates, key=lambda candidate: _error(candidate, inputs))
    return replace(best, bias=best.bias + _lost_in_the_mean(best, inputs))


def _lost_in_the_mean(weights: QuantizedWeights, inputs: InputRange) -> _Values:
    """What outputs lack in the mean because weights are rounded [1, outputs, 1, 1] (bias correction, Nagel et
    al., arXiv:1906.04721); on damaged footage it is most of what 8 bits cost.
    """
    step = weights.largest / _SIGNED
    lost = (weights.weight - np.round(weights.weight / step) * step).sum((2, 3))
    return (lost @ (inputs.mean / weights.high.reshape(-1))).reshape(1, -1, 1, 1).astype(np.float32)


def _sizes(inputs: InputRange, depth: float, exponent: float) -> _Values:
    """What each channel is divided by [C], so that all of its values are within -depth..1."""
    needed = inputs.high if depth == 0 else np.maximum(inputs.high, -inputs.low / np.float32(depth))
    needed = np.maximum(needed, needed.max() * np.float32(_LEAST))
    return np.asarray(needed**exponent * needed.max() ** (1 - exponent), np.float32)


def _of_sizes(weight: _Values, bias: _Values, sizes: _Values, depth: float) -> QuantizedWeights:
    # Zero is one of the steps: what is padded stays exact.
    zero = math.ceil(_UNSIGNED * depth / (depth + 1))
    common_low = -zero / (_UNSIGNED - zero)
    per_channel = sizes.reshape(1, -1, 1, 1)
    scaled = weight * per_channel
    largest = np.maximum(np.abs(scaled).max((1, 2, 3), keepdims=True), np.float32(1e-12))
    low = np.asarray(per_channel * np.float32(common_low), np.float32)
    offset = bias.reshape(1, -1, 1, 1)
    return QuantizedWeights(low, per_channel, common_low, 1.0, scaled, largest, offset)


def _error(candidate: QuantizedWeights, inputs: InputRange) -> float:
    """Expected square of what rounding changes, summed over outputs: steps are uniformly wrong."""
    taps = candidate.weight.shape[2] * candidate.weight.shape[3]
    step = (candidate.common_high - candidate.common_low) / _UNSIGNED
    of_inputs = float(np.square(candidate.weight).sum()) * step**2
    power = float((inputs.power / np.square(candidate.high.reshape(-1))).sum())
    of_weights = float(np.square(candidate.largest / _SIGNED).sum()) * taps * power
    return (of_inputs + of_weights) / 12


def weights_digest(weights: Mapping[str, Tensor]) -> str:
    """A name for what weights hold, in the half precision they are stored in."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(name.encode())
        digest.update(weights[name].detach().cpu().half().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def ranges_of(network: LiteNetwork) -> Ranges | None:
    """The ranges under which a network runs in 8 bits: measured for its weights, or wide enough for all of
    its origins; None where one of them has none.

    Raises ModelMissing where the package's file cannot be read.
    """
    if not network.origins:
        return _all_ranges().get(weights_digest(network.state_dict()))
    parts = [ranges_of(part) for part in network.origins]
    complete = [part for part in parts if part is not None]
    return _joined(complete) if len(complete) == len(parts) else None


def _joined(parts: Sequence[Ranges]) -> Ranges:
    return {
        name: InputRange(
            np.asarray(np.minimum.reduce([part[name].low for part in parts])),
            np.asarray(np.maximum.reduce([part[name].high for part in parts])),
            np.asarray(np.mean([part[name].power for part in parts], 0), np.float32),
            np.asarray(np.mean([part[name].mean for part in parts], 0), np.float32),
        )
        for name in parts[0]
    }


@cache
def _all_ranges() -> dict[str, Ranges]:
    """By the digest of the weights they are for."""
    try:
        with safe_open(shipped_ranges(), "np") as file:
            digests: dict[str, str] = json.loads((file.metadata() or {})["digests"])
            tensors = {name: np.asarray(file.get_tensor(name), np.float32) for name in file.keys()}  # noqa: SIM118
        return {digest: _part_of(tensors, f"{part}/") for part, digest in digests.items()}
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise _unreadable(error) from error


def _part_of(tensors: Mapping[str, _Values], prefix: str) -> Ranges:
    return {
        name.removeprefix(prefix): InputRange(*rows)
        for name, rows in tensors.items()
        if name.startswith(prefix)
    }


def _unreadable(error: Exception) -> ModelMissing:
    return ModelMissing(f"The ranges {shipped_ranges()} cannot be read ({error}); reinstall sparkvsr.")
