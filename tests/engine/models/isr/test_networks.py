import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkvsr_engine.models.isr.bundled_models import networks
from sparkvsr_engine.models.isr.bundled_models.networks import SPAN, RRDBNet, SRVGGNetCompact
from sparkvsr_engine.models.isr.upscaler import resample

NETWORKS = {
    "compact": lambda: SRVGGNetCompact(8, 2, 3),
    "rrdb": lambda: RRDBNet(8, 1, growth=4),
    "span": lambda: SPAN(8, 2, 2),
}


def seeded(name):
    torch.manual_seed(3)
    return NETWORKS[name]().eval().requires_grad_(False)


def run(network, picture):
    planes = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None]
    return network(planes)[0].permute(1, 2, 0).numpy()


@pytest.mark.parametrize("name", NETWORKS)
@given(height=st.integers(1, 9), width=st.integers(1, 9))
@settings(max_examples=12, deadline=None)
def test_any_size_is_enlarged_by_the_scale(name, height, width):
    network = seeded(name)
    enlarged = run(network, np.full((height, width, 3), 0.5, np.float32))
    assert enlarged.shape == (height * network.scale, width * network.scale, 3)


@pytest.mark.parametrize("name", NETWORKS)
def test_no_pixel_depends_on_what_lies_beyond_the_stated_reach(name):
    network = seeded(name)
    reach, scale = network.reach, network.scale
    picture = np.random.default_rng(1).random((6, 2 * reach + 7, 3), np.float32)
    changed = picture.copy()
    changed[:, 0] = 1 - changed[:, 0]
    before, after = run(network, picture), run(network, changed)
    beyond = slice((reach + 1) * scale, None)
    np.testing.assert_allclose(after[:, beyond], before[:, beyond], atol=1e-6)
    assert np.abs(after[:, :scale] - before[:, :scale]).max() > 1e-4


def test_strips_of_the_last_layers_equal_one_go(monkeypatch, picture):
    network = seeded("rrdb")
    whole = run(network, picture)
    monkeypatch.setattr(networks, "STRIP_PIXELS", 5 * picture.shape[1])
    np.testing.assert_allclose(run(network, picture), whole, atol=1e-6)


def test_compact_network_without_residual_repeats_the_picture(picture):
    network = seeded("compact")
    for parameter in network.body[-1].parameters():
        parameter.zero_()
    np.testing.assert_array_equal(run(network, picture), picture.repeat(3, 0).repeat(3, 1))


@given(width=st.integers(1, 50), height=st.integers(1, 50))
@settings(max_examples=20, deadline=None)
def test_resampling_keeps_a_constant_and_hits_the_size(width, height):
    grey = np.full((13, 29, 3), 0.25, np.float32)
    resized = resample(grey, width, height)
    assert resized.shape == (height, width, 3)
    np.testing.assert_allclose(resized, 0.25, atol=1e-5)


@pytest.mark.parametrize("factor", [0.25, 0.5, 0.6, 1.5])
def test_resampling_keeps_positions(factor):
    """A slope stays a slope over the same field of view: no half-pixel shift at any ratio."""
    middles = (np.arange(80, dtype=np.float32) + 0.5) / 80
    slope = np.broadcast_to(middles[None, :, None], (40, 80, 3))
    width = round(80 * factor)
    resized = resample(slope.astype(np.float32), width, 40)
    expected = (np.arange(width) + 0.5) / width
    inner = slice(width // 8, -(width // 8))
    np.testing.assert_allclose(resized[20, inner, 0], expected[inner], atol=2e-3)
