import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkvsr_bridge.errors import JobCancelled
from sparkvsr_engine.core.blending import accumulate
from sparkvsr_engine.models.isr import open_isr
from sparkvsr_engine.models.isr.bundled_models.bundled import BUNDLED
from sparkvsr_engine.models.isr.bundled_models.bundled_networks import load_bundled
from sparkvsr_engine.models.isr.bundled_models.networks import RRDBNet
from sparkvsr_engine.models.isr.locating import read_weights
from sparkvsr_engine.models.isr.tiling import PieceLimits, plan_side, run_in_pieces
from sparkvsr_engine.models.isr.torch_upscaler import LoadedNetwork, TorchUpscaler
from sparkvsr_engine.models.isr.upscaler import never_cancelled

CPU = torch.device("cpu")


def rrdb(blocks=1):
    torch.manual_seed(5)
    network = RRDBNet(8, blocks, growth=4)
    return LoadedNetwork("tiny", "digest", network, network, network.scale, network.reach)


@given(
    size=st.integers(1, 700),
    reach=st.integers(0, 40),
    half_fade=st.integers(0, 10),
    spare=st.integers(0, 300),
)
@settings(deadline=None)
def test_pieces_cover_a_side_once_and_stay_within_the_limit(size, reach, half_fade, spare):
    fade = 2 * half_fade
    limits = PieceLimits(2 * reach + max(1, 3 * fade) + spare, reach, fade)
    pieces = plan_side(size, limits)
    weight = np.zeros((size, 1), np.float32)
    ones = np.ones((limits.side, 1), np.float32)
    for piece in pieces:
        assert piece.read_length <= limits.side
        assert piece.start - piece.read_start >= min(reach, piece.start)
        assert piece.read_stop - piece.stop >= min(reach, size - piece.stop)
    for piece in pieces:
        accumulate(weight, ones[: piece.read_length], (piece,))
    np.testing.assert_allclose(weight, 1, atol=1e-6)


@pytest.mark.parametrize("name", ["realesr-animevideov3", "span-x4", "span-x2"])
def test_pieces_of_a_shipped_model_equal_one_go(name):
    rng = np.random.default_rng(2)
    picture = np.clip(np.cumsum(rng.normal(0, 0.05, (70, 150, 3)), 1) + 0.5, 0, 1).astype(np.float32)
    model = BUNDLED[name]
    whole = open_isr(name, "cpu").upscale(picture)
    loaded = load_bundled(model, read_weights(model, None))
    in_pieces = TorchUpscaler(loaded, CPU, 2, side=2 * loaded.reach + 3 * 16 + 8).upscale(picture)
    # Only the order of float32 sums differs; SPAN works in a range of 255.
    np.testing.assert_allclose(in_pieces, whole, atol=2e-4)


def test_pieces_of_a_dense_network_equal_one_go(picture):
    picture = np.tile(picture, (1, 3, 1))
    loaded = rrdb()
    assert loaded.reach <= 24
    whole = TorchUpscaler(loaded, CPU, 1).upscale(picture)
    in_pieces = TorchUpscaler(loaded, CPU, 1, side=90).upscale(picture)
    np.testing.assert_allclose(in_pieces, whole, atol=1e-6)


def test_cancelling_stops_between_two_pieces():
    request = []

    def is_cancelled():
        request.append(None)
        return len(request) > 2

    picture = np.zeros((20, 200, 3), np.float32)
    with pytest.raises(JobCancelled):
        run_in_pieces(lambda piece: piece, picture, 1, PieceLimits(20, 1, 2), is_cancelled)
    assert len(request) == 3


def test_a_piece_that_would_be_all_margin_is_refused():
    with pytest.raises(ValueError, match="side of 96"):
        PieceLimits(80, 24, 16)


def test_a_picture_in_pieces_keeps_its_pixels():
    picture = np.random.default_rng(0).random((33, 190, 3), np.float32)
    np.testing.assert_allclose(
        run_in_pieces(lambda piece: piece, picture, 1, PieceLimits(40, 5, 8), never_cancelled),
        picture,
        atol=1e-6,
    )
