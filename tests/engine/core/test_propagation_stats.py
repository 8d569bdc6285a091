"""The record of measured propagation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.keyframe_choice.propagation_stats import (
    FULL_GRID,
    REACH,
    WIDEST_STRIDE,
    PropagationStats,
    grid_stride,
)


@given(st.integers(1, 5000))
def test_the_grid_grows_coarser_with_the_shot_up_to_a_limit(frames):
    stride = grid_stride(frames)
    assert stride in (1, 2, 4)
    assert stride == WIDEST_STRIDE or frames <= FULL_GRID * stride
    assert stride == 1 or frames > FULL_GRID * stride // 2


@given(st.integers(0, 50), st.integers(1, 150))
def test_an_even_one_brings_less_the_farther_away(first, frames):
    even = PropagationStats.even(FrameSpan(first, first + frames))
    distance = np.abs(even.pairs[:, 0] - even.pairs[:, 1])
    assert (distance <= REACH).all()
    order = np.argsort(distance, kind="stable")
    assert (np.diff(even.lacking[order, 0].astype(int)) >= 0).all()
    assert np.allclose(even.detail.sum(1), 1)


def test_a_part_keeps_pairs_of_its_own_frames_alone():
    part = PropagationStats.even(FrameSpan(0, 30)).within(FrameSpan(10, 14))
    assert part.frames.tolist() == [10, 11, 12, 13]
    assert len(part.pairs) == len(part.lacking) == 12
    assert part.pairs.min() == 10
    assert part.pairs.max() == 13


def test_arrays_that_do_not_fit_are_refused():
    even = PropagationStats.even(FrameSpan(0, 3))
    with pytest.raises(ValueError, match="detail has shape"):
        PropagationStats(even.frames[1:], even.detail, even.near, even.pairs, even.lacking)
    with pytest.raises(ValueError, match="lacking has shape"):
        PropagationStats(even.frames, even.detail, even.near, even.pairs, np.repeat(even.lacking, 2, 1))
