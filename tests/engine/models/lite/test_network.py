"""Shapes, what an absent keyframe may not do, and that the two paths stay apart."""

import pytest
import torch

from sparkvsr_engine.models.lite.networks.network import (
    MOST_KEYFRAMES,
    NEIGHBOURS,
    LiteConfig,
    LiteNetwork,
    ResidualBlock,
)
from sparkvsr_engine.models.lite.pixels.planes import CELL_CHANNELS, HALF_CHANNELS, LUMA_CHANNELS
from tests.fakes.lite_shots import SMALL

ROWS, COLUMNS = 6, 9


def cells(channels, count=2, seed=0):
    return torch.rand(count, channels, ROWS, COLUMNS, generator=torch.Generator().manual_seed(seed)) - 0.5


def run_blind(network, source, neighbours=None, scale=4.0):
    half = cells(HALF_CHANNELS, seed=1)
    still = half.repeat(1, len(NEIGHBOURS), 1, 1) if neighbours is None else neighbours
    with torch.inference_mode():
        return network.blind(source, half, still, torch.full((len(source),), scale))


def run_keyed(network, present, seed=0):
    features = cells(SMALL.channels, seed=seed)
    distance = torch.tensor([3, 7])
    with torch.inference_mode():
        encoded = [
            network.keyed.encode(
                cells(CELL_CHANNELS, seed=slot), cells(HALF_CHANNELS, seed=slot + 5), distance
            )
            for slot in range(MOST_KEYFRAMES)
        ]
        return network.keyed(features, encoded, present)


def test_the_sizes_are_json_values_and_come_back():
    assert LiteConfig(**SMALL.to_dict()) == SMALL


def test_the_blind_path_gives_features_residual_cells_and_faith(network):
    features, residual, faith = run_blind(network, cells(CELL_CHANNELS))
    assert features.shape == (2, SMALL.channels, ROWS, COLUMNS)
    assert residual.shape == (2, CELL_CHANNELS, ROWS, COLUMNS)
    assert faith.shape == (2, 1, ROWS, COLUMNS)
    assert faith.min() > 0
    assert faith.max() < 0.5


def test_the_blind_path_sees_neighbours_and_scale(network):
    source = cells(CELL_CHANNELS)
    plain = run_blind(network, source)[1]
    moving = run_blind(network, source, cells(len(NEIGHBOURS) * HALF_CHANNELS, seed=9))[1]
    assert not torch.equal(plain, moving)
    assert not torch.equal(plain, run_blind(network, source, scale=2.0)[1])


def test_scales_beyond_four_enter_as_four(network):
    source = cells(CELL_CHANNELS)
    assert torch.equal(run_blind(network, source, scale=4.0)[1], run_blind(network, source, scale=8.0)[1])


def test_entries_of_a_batch_do_not_see_each_other(network):
    source = cells(CELL_CHANNELS)
    changed = source.clone()
    changed[1] += 0.2
    first, second = run_blind(network, source)[1], run_blind(network, changed)[1]
    assert torch.allclose(first[0], second[0], atol=1e-6)
    assert not torch.allclose(first[1], second[1], atol=1e-4)


def test_gates_share_out_trust_and_leave_some_to_the_blind_result(network):
    gates, mends = run_keyed(network, torch.ones(2, MOST_KEYFRAMES, dtype=torch.bool))
    assert gates.shape == (2, MOST_KEYFRAMES, LUMA_CHANNELS, ROWS, COLUMNS)
    assert mends.shape == (2, MOST_KEYFRAMES, CELL_CHANNELS, ROWS, COLUMNS)
    assert gates.min() > 0
    assert gates.sum(1).max() < 1


@pytest.mark.parametrize("present", [(True, False), (False, True), (False, False)])
def test_an_absent_keyframe_has_no_gate_and_mends_nothing(network, present):
    gates, mends = run_keyed(network, torch.tensor([present, (True, True)]))
    for slot, is_there in enumerate(present):
        assert bool(gates[0, slot].any()) == is_there
        assert bool(mends[0, slot].any()) == is_there
    assert gates[1].min() > 0
    assert torch.isfinite(gates).all()


def test_a_keyframe_at_distance_zero_is_encoded_as_nothing(network):
    with torch.inference_mode():
        encoded = network.keyed.encode(cells(CELL_CHANNELS), cells(HALF_CHANNELS), torch.tensor([0, 4]))
    assert not encoded[0].any()
    assert encoded[1].any()


def test_the_keyed_path_distinguishes_near_from_far(network):
    with torch.inference_mode():
        near, far = (
            network.keyed.encode(cells(CELL_CHANNELS), cells(HALF_CHANNELS), torch.tensor([at, at]))
            for at in (1, 30)
        )
    assert not torch.equal(near, far)


def test_training_the_keyed_path_leaves_no_gradient_in_the_blind_path_of_its_own():
    network = LiteNetwork(SMALL)
    features, residual, faith = network.blind(
        cells(CELL_CHANNELS), cells(HALF_CHANNELS), cells(16, seed=2), torch.tensor([4.0, 2.0])
    )
    (residual.sum() + faith.sum()).backward()
    assert all(weight.grad is None for weight in network.keyed.parameters())
    assert all(weight.grad is not None for weight in network.blind.parameters())
    assert features.requires_grad


@pytest.mark.parametrize("dilation", [1, 2])
def test_blocks_keep_their_shape(dilation):
    features = cells(8)
    assert ResidualBlock(8, dilation)(features).shape == features.shape
