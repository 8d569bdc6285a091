"""Weights on disk: what goes in comes out, and a file that does not fit is refused by name."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load, load_file, save_file

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.models.lite.damage import DamageJudge
from sparkvsr_engine.models.lite.loading import card_of, load_network, load_weights, save_weights
from sparkvsr_engine.models.lite.opening import open_lite
from sparkvsr_engine.models.lite.weight_mixer import LiteWeights
from tests.fakes.lite_shots import SMALL, Rendering, small_network
from tests.fakes.moving import pan


@pytest.fixture
def weights(network, tmp_path):
    path = tmp_path / "weights" / "own.safetensors"
    save_weights(network, path, {"licence": "Apache-2.0", "recipe": "name = 'own'"})
    return path


def test_weights_come_back_with_their_sizes_in_half_precision(network, weights):
    back = load_network(weights)
    assert back.config == SMALL
    for name, value in network.state_dict().items():
        assert torch.equal(back.state_dict()[name], value.to(torch.float16).float())


def test_saving_what_was_loaded_changes_nothing_more(weights, tmp_path):
    again = tmp_path / "again.safetensors"
    save_weights(load_network(weights), again, {})
    first, second = load_file(weights), load_file(again)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_the_card_lies_in_the_file(weights):
    card = card_of(weights)
    assert card["licence"] == "Apache-2.0"
    assert card["recipe"] == "name = 'own'"
    assert json.loads(card["config"]) == SMALL.to_dict()


def test_a_file_holds_networks_for_both_kinds_of_footage_and_their_judge(network, tmp_path):
    path, clean, judge = tmp_path / "all.safetensors", small_network(5), DamageJudge()
    save_weights(LiteWeights(network, clean, judge), path, {})
    back = load_weights(path)
    for put, result in ((network, back.network), (clean, back.clean), (judge, back.judge)):
        for name, value in put.state_dict().items():
            assert torch.equal(result.state_dict()[name], value.to(torch.float16).float())
    assert torch.equal(load_network(path).blind.stem.weight, back.network.blind.stem.weight)


def test_a_file_holds_networks_for_drawn_pictures_and_damaged_footage_as_well(network, tmp_path):
    path, drawn, damaged = tmp_path / "all.safetensors", small_network(6), small_network(7)
    save_weights(LiteWeights(network, small_network(5), DamageJudge(), drawn, damaged), path, {})
    back = load_weights(path)
    assert back.clean is not None
    for put, result in ((drawn, back.drawn), (damaged, back.damaged)):
        for name, value in put.state_dict().items():
            assert torch.equal(result.state_dict()[name], value.to(torch.float16).float())
    assert torch.equal(back.network.blind.stem.weight, network.blind.stem.weight.half().float())


def test_a_file_of_one_network_has_no_judge(weights):
    assert load_weights(weights).clean is None
    assert load_weights(weights).judge is None
    assert load_weights(weights).drawn is None


def test_a_card_that_cannot_be_read_is_refused_by_name(tmp_path):
    with pytest.raises(ModelMissing, match=r"none\.safetensors"):
        card_of(tmp_path / "none.safetensors")


def test_weights_are_replaced_whole_and_nothing_is_left_beside_them(network, weights):
    save_weights(network, weights, {})
    assert [path.name for path in weights.parent.iterdir()] == [weights.name]


def test_reloaded_weights_restore_the_same_pixels(weights):
    frames = pan(3, 24, 20)
    first, second = (Rendering(load_network(weights), frames).pixels(1) for _ in range(2))
    assert np.array_equal(first, second)


def test_a_model_opens_from_weights_of_ones_own(weights):
    restorer = open_lite("cpu", weights)
    assert restorer.traits.name == "lite"
    assert restorer.traits.random_access


def truncated(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def overwritten(path):
    path.write_bytes(b"these are no weights")


def emptied(path):
    path.write_bytes(b"")


def removed(path):
    path.unlink()


def tensors_of(path):
    """Copies: Windows writes over no file whose tensors are in use."""
    return load(path.read_bytes())


def without_sizes(path):
    save_file(tensors_of(path), path, {"name": "lite"})


def of_other_sizes(path):
    tensors = tensors_of(path)
    save_file(tensors, path, {"config": json.dumps({**SMALL.to_dict(), "channels": 24})})


def with_unknown_sizes(path):
    save_file(tensors_of(path), path, {"config": json.dumps({"layers": 3})})


def with_sizes_that_are_no_json(path):
    save_file(tensors_of(path), path, {"config": "{"})


def without_a_tensor(path):
    tensors = tensors_of(path)
    tensors.pop("blind.stem.weight")
    save_file(tensors, path, {"config": json.dumps(SMALL.to_dict())})


@pytest.mark.parametrize(
    "damage",
    [
        truncated,
        overwritten,
        emptied,
        removed,
        without_sizes,
        of_other_sizes,
        with_unknown_sizes,
        with_sizes_that_are_no_json,
        without_a_tensor,
    ],
)
def test_a_damaged_file_is_refused_by_name(weights, damage):
    damage(weights)
    with pytest.raises(ModelMissing, match=r"own\.safetensors"):
        load_network(weights)
    with pytest.raises(ModelMissing, match=r"own\.safetensors"):
        open_lite("cpu", weights)
