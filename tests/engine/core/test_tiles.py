"""Spatial tiles."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkvsr_engine.core.blending import accumulate
from sparkvsr_engine.core.tiles import TileLimits, TilePlan, plan_tiles

LIMITS = TileLimits(768, 768, 64, 16)


@st.composite
def limits(draw):
    multiple = draw(st.sampled_from([1, 2, 8, 16]))
    overlap = draw(st.integers(0, 3)) * multiple
    height, width = (overlap + draw(st.integers(1, 8)) * multiple for _ in range(2))
    return TileLimits(height, width, overlap, multiple)


@pytest.mark.slow
@given(st.integers(1, 500), st.integers(1, 500), limits())
def test_tiles_keep_to_their_limits_and_multiple(width, height, limit):
    plan = plan_tiles(width, height, limit)
    for tile in plan:
        assert tile.x.read_length <= max(limit.width, limit.multiple)
        assert tile.y.read_length <= max(limit.height, limit.multiple)
        assert tile.x.read_length % limit.multiple == tile.y.read_length % limit.multiple == 0
        assert tile.x.read_start % limit.multiple == tile.y.read_start % limit.multiple == 0
    assert 0 <= plan.columns[-1].read_stop - width < limit.multiple
    assert 0 <= plan.rows[-1].read_stop - height < limit.multiple
    assert len(plan) == len(list(plan))


@settings(max_examples=40)
@given(st.integers(1, 120), st.integers(1, 120), limits())
def test_a_constant_frame_comes_back_constant(width, height, limit):
    canvas = np.zeros((height, width, 3), np.float32)
    for tile in plan_tiles(width, height, limit):
        piece = np.full((tile.y.read_length, tile.x.read_length, 3), 0.3, np.float32)
        accumulate(canvas, piece, tile.placed)
    np.testing.assert_allclose(canvas, 0.3, rtol=0, atol=1e-6)


def test_tiles_are_evened_out_without_adding_any():
    plan = plan_tiles(1920, 1088, LIMITS)
    assert [tile.read_length for tile in plan.rows] == [576, 576]
    assert [tile.read_length for tile in plan.columns] == [688, 688, 688]
    assert plan.computed_share < 1.2


def test_a_frame_within_the_limit_is_one_tile():
    plan = plan_tiles(700, 500, LIMITS)
    assert len(plan) == 1
    assert (plan.columns[0].read_stop, plan.rows[0].read_stop) == (704, 512)


def test_tiles_are_given_row_by_row():
    tiles = list(plan_tiles(1920, 1088, LIMITS))
    assert [tile.y.start for tile in tiles[:3]] == [0, 0, 0]
    assert tiles[0].x.start < tiles[1].x.start < tiles[2].x.start


@pytest.mark.parametrize(
    "sides", [(760, 768, 64, 16), (768, 768, 60, 16), (64, 768, 64, 16), (768, 768, -16, 16)]
)
def test_impossible_limits_are_refused(sides):
    with pytest.raises(ValueError, match="TileLimits"):
        TileLimits(*sides)


def test_a_plan_with_a_hole_is_refused():
    plan = plan_tiles(1920, 1088, LIMITS)
    with pytest.raises(ValueError, match="not 1"):
        dataclasses.replace(plan, columns=plan.columns[:-1])
    with pytest.raises(ValueError, match="not 1"):
        TilePlan(1920, 1088, plan.rows, (*plan.columns, plan.columns[0]))
