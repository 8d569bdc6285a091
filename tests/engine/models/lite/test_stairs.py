"""How much is used of what the network adds to a drawn picture: by what its 2x2 blocks hold."""

import numpy as np
import pytest
import torch

from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.evaluation.graphics.measuring import model_space
from sparkvsr_engine.evaluation.graphics.scenes import draw_scene
from sparkvsr_engine.models.lite.pixels.drawn import DrawnEstimator
from sparkvsr_engine.models.lite.pixels.source_planes import SourcePlanes
from sparkvsr_engine.models.lite.pixels.stairs import BlockShares, block_shares, used_share
from sparkvsr_engine.models.lite.weight_mixer import LiteWeights
from tests.engine.models.lite.test_weight_mixer import always
from tests.fakes.lite_shots import MemoryReader, Rendering, small_network

INK, PAPER = np.array([0.1, 0.2, 0.3], np.float32), np.array([0.9, 0.8, 0.2], np.float32)


def painted(mask):
    return np.where(mask[..., None], INK, PAPER).astype(np.float32)


def checkerboard(side, shift=0):
    rows, columns = np.indices((24, 36))
    return painted((rows // side + (columns + shift) // side) % 2 == 0)


def triangle():
    rows, columns = np.indices((24, 36))
    return painted(columns < rows)


@pytest.mark.parametrize("side", [1, 2, 3, 4])
def test_checkerboards_are_recognized_by_their_crossings(side):
    shares = block_shares(checkerboard(side))
    assert shares.crossed == pytest.approx(1 / (2 * side - 1), abs=0.04)
    assert shares.stairs == 0
    assert shares.several == 0


def test_a_slanted_edge_is_stairs():
    assert block_shares(triangle()).stairs > 0.6


def test_flat_and_straight_pictures_hold_neither():
    assert block_shares(painted(np.zeros((9, 9), bool))) == BlockShares(0, 0, 0)
    assert block_shares(painted(np.indices((9, 9))[1] < 4)) == BlockShares(0, 0, 0)


def test_noise_of_many_colours_is_used_whole():
    noise = np.random.default_rng(0).random((24, 36, 3), np.float32)
    assert block_shares(noise).several > 0.9
    assert used_share(block_shares(noise), is_moving=True) == 1


@pytest.mark.parametrize(
    ("shares", "is_moving", "used"),
    [
        (BlockShares(0, 0, 0), True, 1.0),
        (BlockShares(0.5, 0, 0), False, 0.6),
        (BlockShares(0, 0.34, 0), True, 0.1),
        (BlockShares(0, 0.34, 0), False, 1.0),
        (BlockShares(0.5, 1.0, 0), True, 0.1),
        (BlockShares(0, 0.04, 0), True, 0.55),
        (BlockShares(0, 0.07, 0), True, 0.1),
        (BlockShares(0, 0.5, 0), False, 0.1),  # Squares of one and of two pixels.
        (BlockShares(0, 1.0, 0), False, 1.0),
        (BlockShares(0.5, 0, 0.2), True, 1.0),
    ],
)
def test_how_much_is_used(shares, is_moving, used):
    assert used_share(shares, is_moving) == pytest.approx(used)


def estimator_of(frames):
    height, width = frames[0].shape[:2]
    return DrawnEstimator(SourcePlanes(MemoryReader(frames), Geometry.scaled(width, height, 4)))


def test_squares_that_stand_still_are_used_whole_and_those_that_move_are_not():
    assert estimator_of([checkerboard(2)] * 5).used(2) == 1.0
    assert estimator_of([checkerboard(2, shift) for shift in (0, 0, 1, 1, 2)]).used(2) < 0.15


@pytest.mark.parametrize(("seed", "least", "most"), [(13, 1, 1), (57, 0, 0.7), (190, 0, 0.7), (54, 1, 1)])
def test_letters_are_uncertain_and_pixel_art_and_stars_are_not(seed, least, most):
    scene = draw_scene(seed, 54, 96)
    shares = block_shares(model_space(scene.source(6, 4.0), scene))
    assert least <= used_share(shares, is_moving=True) <= most


def test_only_a_part_of_the_residual_is_used_where_edges_are_uncertain():
    frames = [checkerboard(2, shift) for shift in range(5)]
    weights = LiteWeights(small_network(0), small_network(1), always(-9), small_network(2))
    with torch.inference_mode():
        part = Rendering(weights, frames, 4).shot.work.restored(2, None, ()).residual
        whole = Rendering(small_network(2), frames, 4).shot.work.restored(2, None, ()).residual
    used = estimator_of(frames).used(2)
    assert used < 0.15
    assert np.allclose(part.luma, used * whole.luma, atol=1e-6)
    assert np.allclose(part.chroma, used * whole.chroma, atol=1e-6)
