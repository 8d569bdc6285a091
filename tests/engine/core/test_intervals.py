"""Stretches along one axis."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.core.blending import interval_weights
from sparkvsr_engine.core.intervals import Interval, grid_length, plan_intervals


@st.composite
def plans(draw):
    """An axis, the planner's arguments and its answer."""
    grid = draw(st.sampled_from([1, 4, 8, 16]))
    remainder = draw(st.integers(0, grid - 1))
    length = draw(st.integers(1, 8)) * grid + remainder
    overlap = draw(st.integers(0, (length - remainder) // grid - 1)) * grid + remainder
    size = draw(st.integers(1, 400))
    return size, length, overlap, grid, plan_intervals(size, length, overlap, grid)


@given(plans())
def test_weights_add_up_to_one_everywhere(plan):
    size, _, _, _, intervals = plan
    total = np.zeros(size, np.float32)
    for interval in intervals:
        total[interval.start : interval.stop] += interval_weights(interval)
    np.testing.assert_allclose(total, 1, rtol=0, atol=1e-6)


@given(plans())
def test_starts_and_lengths_lie_on_the_grid(plan):
    size, length, _, grid, intervals = plan
    assert all(interval.read_start % grid == 0 for interval in intervals)
    assert all(interval.read_length % grid == length % grid for interval in intervals)
    assert all(interval.read_length <= length for interval in intervals)
    assert 0 <= intervals[-1].read_stop - size < grid


@given(plans())
def test_neighbours_read_at_least_the_overlap_in_common(plan):
    _, length, overlap, _, intervals = plan
    for first, second in itertools.pairwise(intervals):
        assert first.read_stop - second.read_start >= overlap
        assert (
            second.start - first.stop == -first.fade_out == -second.fade_in == -min(overlap, length - overlap)
        )


@given(plans())
def test_no_place_is_put_out_more_than_twice(plan):
    size, _, _, _, intervals = plan
    count = np.zeros(size, int)
    for interval in intervals:
        count[interval.start : interval.stop] += 1
    assert count.min() == 1
    assert count.max() <= 2


def test_a_tail_is_shifted_back_on_the_grid():
    intervals = plan_intervals(100, 33, 9, 8)
    assert [i.read_start for i in intervals] == [0, 24, 48, 72]
    assert [i.read_start for i in plan_intervals(82, 33, 9, 8)] == [0, 24, 48, 56]


@pytest.mark.parametrize(("size", "expected"), [(1, 1), (2, 9), (9, 9), (10, 17), (33, 33)])
def test_a_short_axis_gets_the_smallest_length_on_the_grid(size, expected):
    assert grid_length(size, 33, 8) == expected
    assert plan_intervals(size, 33, 9, 8) == [Interval(0, size, 0, expected)]


@pytest.mark.parametrize("arguments", [(0, 33, 9, 8), (50, 33, 8, 8), (50, 33, 33, 8), (50, 33, -7, 8)])
def test_arguments_that_leave_no_stride_on_the_grid_are_refused(arguments):
    with pytest.raises(ValueError, match="no intervals"):
        plan_intervals(*arguments)


def test_an_interval_puts_out_only_what_it_reads_and_fades_only_what_it_holds():
    with pytest.raises(ValueError, match="does not read"):
        Interval(0, 9, 1, 9)
    with pytest.raises(ValueError, match="fades more"):
        Interval(0, 9, 0, 9, fade_in=5, fade_out=5)
