"""Weights in 8 bits: integers hold what they have to, zero stays exact, weights that ship have ranges."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.models.lite.loading import load_weights
from sparkvsr_engine.models.lite.networks import quantization
from sparkvsr_engine.models.lite.networks.quantization import (
    InputRange,
    quantized,
    ranges_of,
)
from sparkvsr_engine.models.lite.planner import shipped_weights
from sparkvsr_engine.models.lite.weight_mixer import WeightMixer
from sparkvsr_engine.models.precision import choose_precision
from tests.fakes.lite_shots import small_network


def rounded(values, low, high, common_low, common_high, levels):
    """As a graph rounds: the range's ends become the common ones, in `levels` steps."""
    place = np.round((np.clip(values, low, high) - low) / (high - low) * (levels - 1))
    return place / (levels - 1) * (common_high - common_low) + common_low


def inputs_of(rng, count=4000):
    """Channels of very different size, as activations have them: their least value is alike."""
    size = np.geomspace(0.02, 40, 12)
    values = np.maximum(rng.laplace(0, 1, (count, 12)) * size / 8, -0.28).astype(np.float32)
    return values, InputRange(values.min(0), values.max(0), np.square(values).mean(0), values.mean(0))


def error_of(weights, weight, values):
    """What rounding changes, [samples, outputs]."""
    ends = weights.low.reshape(-1), weights.high.reshape(-1)
    seen = rounded(values, *ends, weights.common_low, weights.common_high, 256)
    largest = weights.largest
    stored = rounded(weights.weight, -largest, largest, -largest, largest, 255)
    return seen @ stored[:, :, 0, 0].T + weights.bias.reshape(-1) - values @ weight[:, :, 0, 0].T


@pytest.mark.parametrize("seed", range(4))
def test_sizes_are_those_that_leave_the_least_error(seed):
    rng = np.random.default_rng(seed)
    values, inputs = inputs_of(rng)
    weight = (rng.normal(0, 1, (8, 12, 1, 1)) / inputs.high.reshape(1, -1, 1, 1)).astype(np.float32)
    chosen = quantized(weight, np.zeros(8, np.float32), inputs)
    error = np.square(error_of(chosen, weight, values)).mean(0).sum()
    assert error == pytest.approx(quantization._error(chosen, inputs), rel=0.4)
    alike = quantization._of_sizes(
        weight, np.zeros(8, np.float32), np.full(12, inputs.high.max(), np.float32), 1.0
    )
    assert error < 0.02 * np.square(error_of(alike, weight, values)).mean(0).sum()


def test_every_value_of_the_range_is_within_the_integers_and_zero_is_one_of_them():
    values, inputs = inputs_of(np.random.default_rng(7))
    weights = quantized(np.ones((2, 12, 3, 3), np.float32), np.zeros(2, np.float32), inputs)
    slack = 1 + 1e-5
    assert np.all(weights.low.reshape(-1) * slack <= values.min(0))
    assert np.all(values.max(0) <= weights.high.reshape(-1) * slack)
    zero = -weights.common_low / (weights.common_high - weights.common_low) * 255
    assert zero == pytest.approx(round(zero), abs=1e-4)


def test_values_that_are_never_negative_have_all_integers_above_zero():
    high = np.array([1.0, 3.0], np.float32)
    inputs = InputRange(0 * high, high, high, high)
    weights = quantized(np.ones((1, 2, 1, 1), np.float32), np.zeros(1, np.float32), inputs)
    assert weights.common_low == 0.0


def test_rounded_weights_leave_the_mean_of_outputs_as_it_is():
    rng = np.random.default_rng(3)
    values = (rng.uniform(0, 1, (4000, 12)) * np.geomspace(0.1, 10, 12)).astype(np.float32)
    inputs = InputRange(0 * values.min(0), values.max(0), np.square(values).mean(0), values.mean(0))
    weight = rng.normal(0, 1, (8, 12, 1, 1)).astype(np.float32)
    chosen = quantized(weight, np.zeros(8, np.float32), inputs)
    without = replace(chosen, bias=np.zeros_like(chosen.bias))
    means = [np.abs(error_of(weights, weight, values).mean(0)).mean() for weights in (chosen, without)]
    assert means[0] < 0.3 * means[1]


def test_all_sets_that_ship_have_ranges():
    weights = load_weights(shipped_weights())
    for network in (weights.network, weights.damaged, weights.clean, weights.drawn):
        inputs, state = ranges_of(network), network.state_dict()
        assert inputs is not None
        channels = {name: len(values.mean) for name, values in inputs.items()}
        assert all(state[f"{name}.weight"].shape[1] == count for name, count in channels.items())


@pytest.mark.parametrize(("damage", "drawn"), [(0.5, 0.0), (0.0, 0.5), (0.3, 0.3)])
def test_ranges_of_a_mixture_hold_those_of_what_was_mixed(damage, drawn):
    weights = load_weights(shipped_weights())
    mixture = WeightMixer(weights, choose_precision("cpu")).at(damage, drawn)
    parts = [weights.clean, *[weights.damaged] * (damage > 0), *[weights.drawn] * (drawn > 0)]
    joined = ranges_of(mixture)
    assert joined is not None
    for part in map(ranges_of, parts):
        assert all(np.all(joined[name].low <= values.low) for name, values in part.items())
        assert all(np.all(joined[name].high >= values.high) for name, values in part.items())


def test_what_was_learnt_of_a_shot_has_the_ranges_of_what_it_was_learnt_from():
    weights = load_weights(shipped_weights())
    changes = {"blind.head.bias": torch.full((24,), 0.01)}
    taught = WeightMixer(weights, choose_precision("cpu")).taught(changes)
    for damage in (0.0, 1.0):
        assert ranges_of(taught.at(damage)) is not None
    expected, inputs = ranges_of(weights.damaged), ranges_of(taught.at(1.0))
    assert all(np.array_equal(inputs[name].high, values.high) for name, values in expected.items())


def test_other_weights_have_no_ranges_and_neither_has_a_mixture_with_them():
    weights = load_weights(shipped_weights())
    network = small_network(3)
    assert ranges_of(network) is None
    mixture = deepcopy(network)
    mixture.origins = (weights.clean, network)
    assert ranges_of(mixture) is None


def test_ranges_that_cannot_be_read_are_named(tmp_path, monkeypatch):
    path = tmp_path / "lite-ranges.safetensors"
    path.write_bytes(b"no tensors")
    quantization._all_ranges.cache_clear()
    monkeypatch.setattr(quantization, "shipped_ranges", lambda: path)
    with pytest.raises(ModelMissing, match="lite-ranges"):
        ranges_of(small_network(3))
    quantization._all_ranges.cache_clear()
