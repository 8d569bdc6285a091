"""Ramps and accumulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.core.blending import accumulate, fade_weights, ramp
from sparkvsr_engine.core.intervals import Interval, plan_intervals


@given(st.integers(1, 300))
def test_a_ramp_rises_strictly_between_zero_and_one(length):
    weights = ramp(length)
    assert weights.dtype == np.float32
    assert weights[0] > 0
    assert weights[-1] < 1
    assert (np.diff(weights) > 0).all()


@given(st.integers(0, 300))
def test_a_ramp_and_its_mirror_add_up_to_one(length):
    np.testing.assert_allclose(ramp(length) + ramp(length)[::-1], 1, atol=1e-6)


def test_fades_longer_than_the_stretch_are_refused():
    with pytest.raises(ValueError, match="cannot fade in"):
        fade_weights(4, 3, 2)


@given(st.integers(1, 90), st.integers(1, 50), st.integers(1, 50))
def test_a_constant_stays_a_constant_in_time_and_space(frames, height, width):
    axes = [
        plan_intervals(frames, 17, 9, 8),
        plan_intervals(height, 24, 8, 8),
        plan_intervals(width, 32, 8, 8),
    ]
    canvas = np.zeros((frames, height, width, 1), np.float32)
    for placed in [(t, y, x) for t in axes[0] for y in axes[1] for x in axes[2]]:
        piece = np.full((*(interval.read_length for interval in placed), 1), 0.625, np.float32)
        accumulate(canvas, piece, placed)
    np.testing.assert_allclose(canvas, 0.625, rtol=0, atol=1e-6)


def test_pieces_cut_from_a_picture_give_the_picture_back():
    picture = np.random.default_rng(1).random((50, 70, 3), np.float32)
    padded = np.pad(picture, ((0, 16), (0, 16), (0, 0)))
    canvas = np.zeros_like(picture)
    for y in plan_intervals(50, 32, 8, 8):
        for x in plan_intervals(70, 32, 8, 8):
            piece = padded[y.read_start : y.read_stop, x.read_start : x.read_stop]
            accumulate(canvas, piece, (y, x))
    np.testing.assert_allclose(canvas, picture, atol=1e-6)


def test_a_piece_of_the_wrong_size_is_refused():
    with pytest.raises(ValueError, match="not what was read"):
        accumulate(np.zeros((9, 4), np.float32), np.zeros((8, 4), np.float32), [Interval(0, 9, 0, 9)])
