"""OpenVINO computes what torch does, under any weights, and leaves its results alone afterwards."""

from __future__ import annotations

import pytest

pytest.importorskip("openvino")

import cv2
import numpy as np
import torch

from sparkvsr_engine.models.lite.loading import load_weights
from sparkvsr_engine.models.lite.networks.openvino_passes import OpenVinoRunner
from sparkvsr_engine.models.lite.networks.stages import restore_blind, restore_keyed
from sparkvsr_engine.models.lite.networks.torch_passes import TorchPasses
from sparkvsr_engine.models.lite.planner import shipped_weights
from tests.engine.models.lite.test_stages import reference_of, target_of
from tests.fakes.lite_shots import Rendering, small_network
from tests.fakes.moving import pan

FLOAT_ERROR = 2e-5


@pytest.fixture(scope="module")
def runner():
    runner = OpenVinoRunner()
    runner.precision = "f32"
    return runner


@pytest.fixture(scope="module")
def shipped():
    return load_weights(shipped_weights())


def results(passes, references, margin=2):
    with torch.inference_mode():
        blind = restore_blind(passes, target_of(), margin, with_features=bool(references))
        return blind, restore_keyed(passes, target_of(), blind, references) if references else None


def largest(first, second):
    return float((first - second).abs().max())


@pytest.mark.parametrize("margin", [0, 2])
def test_the_blind_pass_is_torchs_in_float32(runner, network, margin):
    passed, _ = results(runner.passes(network), [], margin)
    expected, _ = results(TorchPasses(network), [], margin)
    assert largest(passed.residual.luma, expected.residual.luma) < FLOAT_ERROR
    assert largest(passed.residual.chroma, expected.residual.chroma) < FLOAT_ERROR


@pytest.mark.parametrize("distances", [(3,), (3, 11)])
def test_the_keyed_pass_is_torchs_in_float32(runner, network, distances):
    references = [reference_of([distance], seed=distance) for distance in distances]
    _, passed = results(runner.passes(network), references)
    _, expected = results(TorchPasses(network), references)
    for first, second in zip(passed.changes, expected.changes, strict=True):
        assert largest(first.luma, second.luma) < FLOAT_ERROR
        assert largest(first.chroma, second.chroma) < FLOAT_ERROR
    for first, second in zip(
        (*passed.gates, *passed.trusts), (*expected.gates, *expected.trusts), strict=True
    ):
        assert largest(first, second) < FLOAT_ERROR


def half_runner():
    return OpenVinoRunner()


def eight_bit_runner():
    return OpenVinoRunner(in_eight_bits=True)


@pytest.mark.parametrize("make_runner", [half_runner, eight_bit_runner])
def test_the_blind_result_is_the_same_to_the_bit_whether_a_keyframe_follows_or_not(shipped, make_runner):
    # Graphs with and without features are compiled apart.
    passes = make_runner().passes(shipped.clean)
    alone, _ = results(passes, [])
    followed, _ = results(passes, [reference_of([3])])
    assert alone.features is None
    assert followed.features is not None
    assert torch.equal(alone.residual.luma, followed.residual.luma)
    assert torch.equal(alone.residual.chroma, followed.residual.chroma)


def test_one_graph_serves_all_weights(runner):
    networks = [small_network(seed) for seed in (1, 2)]
    passed = [results(runner.passes(network), [])[0].residual.luma for network in networks]
    expected = [results(TorchPasses(network), [])[0].residual.luma for network in networks]
    assert not torch.equal(*passed)
    assert all(largest(*pair) < FLOAT_ERROR for pair in zip(passed, expected, strict=True))


def test_results_lie_in_memory_of_their_own(runner, network):
    first, _ = results(runner.passes(network), [])
    before = first.residual.luma.clone()
    results(runner.passes(small_network(7)), [])
    assert torch.equal(first.residual.luma, before)


@pytest.mark.slow
# Sharp pictures are not what the weights for damaged footage are for.
@pytest.mark.parametrize(("damage", "most"), [(0.0, 2 / 255), (0.3, 2 / 255), (1.0, 3 / 255)])
@pytest.mark.parametrize("keyframes", [(), (0, 4)])
def test_in_8_bits_the_weights_that_ship_restore_nearly_what_they_do_in_floats(
    shipped, monkeypatch, keyframes, damage, most
):
    truth = pan(5, 256, 160)
    source = [cv2.resize(frame, (64, 40), interpolation=cv2.INTER_AREA) for frame in truth]
    pictures = []
    for in_eight_bits in (False, True):
        passes = OpenVinoRunner(in_eight_bits=in_eight_bits).passes
        monkeypatch.setattr(Rendering, "passes_of", staticmethod(passes))
        weights = load_weights(shipped_weights())
        pictures.append(
            Rendering(weights, source, keyframes={at: truth[at] for at in keyframes}, damage=damage).pixels(2)
        )
    error = float(np.sqrt(np.square(pictures[0] - pictures[1]).mean()))
    assert 0 < error < most


def test_weights_without_ranges_are_the_same_in_both(network):
    passed, _ = results(OpenVinoRunner(in_eight_bits=True).passes(network), [])
    expected, _ = results(OpenVinoRunner().passes(network), [])
    assert torch.equal(passed.residual.luma, expected.residual.luma)


def test_sets_of_weights_in_8_bits_do_not_share_graphs(shipped):
    runner = OpenVinoRunner(in_eight_bits=True)
    first, _ = results(runner.passes(shipped.clean), [])
    results(runner.passes(shipped.drawn), [])
    again, _ = results(runner.passes(shipped.clean), [])
    assert torch.equal(first.residual.luma, again.residual.luma)
