"""Flow searches: what a rested one finds, and warps along a flow."""

import numpy as np
import pytest

from sparkvsr_engine.core.pictures.motion import FlowEstimator, pixel_grid, warp
from tests.fakes.moving import pan


def greys():
    return [(frame[..., 1] * 255).astype(np.uint8) for frame in pan(2, 64, 48, (1.5, -0.75), 1)]


def test_a_search_that_rested_finds_the_same_again():
    start, target = greys()
    estimator = FlowEstimator()
    found = estimator.estimate(start, target)
    estimator.release_buffers()
    assert np.array_equal(estimator.estimate(start, target), found)
    assert np.array_equal(FlowEstimator().estimate(start, target), found)


def test_a_search_may_rest_before_it_was_ever_used():
    start, target = greys()
    estimator = FlowEstimator()
    estimator.release_buffers()
    assert np.array_equal(estimator.estimate(start, target), FlowEstimator().estimate(start, target))


def test_a_warp_along_whole_pixels_moves_the_picture():
    picture = np.random.default_rng(0).random((12, 16), np.float32)
    flow = np.zeros((12, 16, 2), np.float32)
    flow[..., 0], flow[..., 1] = 3, -2
    assert warp(picture, flow)[4:, :-4] == pytest.approx(picture[2:-2, 3:-1], abs=1e-6)


def test_the_grid_and_a_flow_give_every_pixels_place():
    x, y = pixel_grid(3, 5)
    assert np.array_equal(x + np.zeros((3, 5), np.float32), np.tile(np.arange(5), (3, 1)))
    assert np.array_equal(y + np.zeros((3, 5), np.float32), np.repeat(np.arange(3), 5).reshape(3, 5))
