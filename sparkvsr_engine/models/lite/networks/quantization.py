"""Weights of `lite` in 8 bits, for backends that multiply integers faster than short floats.

What a convolution reads and its weights become integers of 8 bits. Channels differ in range by factors of a
hundred, so each channel is divided by its own largest value and the weights that read it multiplied by that
(Xiao et al., SmoothQuant, arXiv:2211.10438, with all of the difficulty moved to the weights); weights then
have a step for each output channel. Ranges were measured once, on training footage and generated graphics
(`scripts/measure_lite_ranges.py`), for the sets of weights that ship, and are known by what the weights hold:
weights mixed by damage, learnt or trained anew stay in floats.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from torch import Tensor

from sparkvsr_bridge.errors import ModelMissing

_Values = NDArray[np.float32]

# The largest step of an integer of 8 bits, with a sign and without.
_SIGNED, _UNSIGNED = 127, 255
# A channel that hardly varies is given a range all the same, as a share of the widest one's.
_LEAST = 1e-3


@dataclass(frozen=True, eq=False)
class InputRange:
    """Least and largest values of each channel that a convolution reads, float32 [C]; low <= 0 < high."""

    low: _Values
    high: _Values


Ranges = Mapping[str, InputRange]


@dataclass(frozen=True, eq=False)
class QuantizedWeights:
    """One convolution in 8 bits.

    low, high: of each channel read, float32 [1, C, 1, 1]; they become the ends of 0..255. common_low,
    common_high: what these ends stand for in the convolution. weight: for channels so divided, float32
    [outputs, C, rows, columns]. largest: of the weights of each output, float32 [outputs, 1, 1, 1]; it
    becomes 127.
    """

    low: _Values
    high: _Values
    common_low: float
    common_high: float
    weight: _Values
    largest: _Values


def quantized(weight: _Values, inputs: InputRange) -> QuantizedWeights:
    """A convolution's weights [outputs, C, rows, columns] made ready for inputs of a range."""
    size = np.maximum(-inputs.low, inputs.high)
    size = np.maximum(size, size.max() * np.float32(_LEAST))
    # Zero is one of the steps: what is padded stays exact.
    lowest = float(np.max(-inputs.low / size))
    zero = round(_UNSIGNED * lowest / (lowest + 1))
    common_high = 1.0
    common_low = -common_high * zero / (_UNSIGNED - zero)
    per_channel = size.reshape(1, -1, 1, 1)
    scaled = weight * per_channel
    largest = np.abs(scaled).max((1, 2, 3), keepdims=True)
    low = np.asarray(per_channel * np.float32(common_low), np.float32)
    return QuantizedWeights(low, per_channel, common_low, common_high, scaled, np.maximum(largest, 1e-12))


def weights_digest(weights: Mapping[str, Tensor]) -> str:
    """A name for what weights hold, in the half precision they are stored in."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(name.encode())
        digest.update(weights[name].detach().cpu().half().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def ranges_path() -> Path:
    """The ranges in the package."""
    return Path(__file__).parents[1] / "weights" / "lite-ranges.safetensors"


def ranges_of(digest: str) -> Ranges | None:
    """The ranges under which weights of a digest run in 8 bits; None where none were measured for them.

    Raises ModelMissing where the package's file cannot be read.
    """
    return _all_ranges().get(digest)


def ranges_identity() -> str:
    """A key for the ranges' content; raises ModelMissing."""
    try:
        return hashlib.sha256(ranges_path().read_bytes()).hexdigest()[:8]
    except OSError as error:
        raise _unreadable(error) from error


@cache
def _all_ranges() -> dict[str, Ranges]:
    """By the digest of the weights they are for."""
    try:
        with safe_open(ranges_path(), "np") as file:
            digests: dict[str, str] = json.loads((file.metadata() or {})["digests"])
            values = {name: np.asarray(file.get_tensor(name), np.float32) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise _unreadable(error) from error
    return {
        digest: {
            name.removeprefix(f"{part}/"): InputRange(*pair)
            for name, pair in values.items()
            if name.startswith(f"{part}/")
        }
        for part, digest in digests.items()
    }


def _unreadable(error: Exception) -> ModelMissing:
    return ModelMissing(f"The ranges {ranges_path()} cannot be read ({error}); reinstall sparkvsr.")
