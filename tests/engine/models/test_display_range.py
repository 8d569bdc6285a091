"""What is cut beyond the range of display values keeps its luma."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sparkvsr_engine.models.display_range import bring_into_range

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
WILD = arrays.arrays(np.float32, (5, 7, 3), elements=st.floats(-2, 3, width=32))


def brought(picture):
    planes = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))
    bring_into_range(planes)
    return planes.numpy().transpose(1, 2, 0)


@given(WILD)
def test_all_channels_lie_within_and_luma_is_kept(picture):
    result = brought(picture)
    assert result.min() >= -1e-3
    assert result.max() <= 1 + 1e-3
    # Less than a 10-bit step beyond is left alone.
    assert result @ LUMA == pytest.approx(np.clip(picture @ LUMA, 0, 1), abs=2e-3)


@given(arrays.arrays(np.float32, (5, 7, 3), elements=st.floats(0, 1, width=32)))
def test_what_lies_within_is_left_to_the_bit(picture):
    assert np.array_equal(brought(picture), picture)


def test_grey_is_cut_and_stays_grey():
    levels = np.array([-0.25, 0.0, 0.5, 1.0, 1.5], np.float32)
    picture = np.repeat(levels[None, :, None], 3, 2)
    assert np.array_equal(brought(picture)[0, :, 1], np.clip(levels, 0, 1))
    assert np.ptp(brought(picture), axis=2).max() == 0


def test_a_dark_red_beyond_black_is_no_lighter_than_meant():
    picture = np.array([[[0.3, -0.1, 0.1]]], np.float32)
    red, green, blue = brought(picture)[0, 0]
    assert green == 0
    assert red > blue
    assert 0.299 * red + 0.114 * blue == pytest.approx(0.299 * 0.3 - 0.587 * 0.1 + 0.114 * 0.1, abs=1e-6)


def test_a_pixel_does_not_depend_on_how_many_others_are_cut():
    picture = np.random.default_rng(0).uniform(-0.5, 1.5, (6, 9, 3)).astype(np.float32)
    assert np.array_equal(brought(picture)[2:3, 3:4], brought(picture[2:3, 3:4]))
