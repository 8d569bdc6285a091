import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.media.pixels import divide_alpha, from_float, multiply_alpha, to_float


@pytest.mark.parametrize("sample", ["uint8", "uint16"])
def test_every_integer_comes_back(sample):
    every = np.arange(np.iinfo(sample).max + 1, dtype=sample).reshape(-1, 2)
    assert (from_float(to_float(every), sample) == every).all()


def test_integers_become_the_unit_range():
    assert to_float(np.array([[0, 255]], np.uint8)).tolist() == [[0.0, 1.0]]
    assert to_float(np.array([[0, 65535]], np.uint16)).tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize("sample", ["uint8", "uint16"])
def test_values_outside_become_black_and_white(sample):
    result = from_float(np.array([[-3.0, 0.0, 1.0, 17.5]], np.float32), sample)
    assert result.tolist() == [[0, 0, np.iinfo(sample).max, np.iinfo(sample).max]]


@given(st.floats(0, 1, width=32))
def test_rounding_goes_to_the_nearest_integer(value):
    result = int(from_float(np.full((1, 1), value, np.float32), "uint16")[0, 0])
    assert abs(result - value * 65535) <= 0.5 + 1e-2  # float32 itself is coarser than that near 1


def test_halfs_are_bounded_instead_of_infinite():
    result = from_float(np.array([[1e9, -1e9, 0.5]], np.float32), "float16")
    assert result.tolist() == [[65504.0, -65504.0, 0.5]]


def test_shape_and_channels_stay():
    picture = np.zeros((3, 5, 4), np.float32)
    assert from_float(picture, "uint8").shape == (3, 5, 4)
    assert from_float(picture[..., 0], "uint16").shape == (3, 5)


def test_results_never_share_memory_with_what_was_given():
    picture = np.zeros((2, 2, 3), np.float32)
    assert not np.shares_memory(to_float(picture), picture)
    assert not np.shares_memory(from_float(picture, "float32"), picture)


def test_alpha_is_divided_out_where_there_is_some():
    colours = np.array([[[0.2, 0.4, 0.6], [0.1, 0.1, 0.1]]], np.float32)
    alpha = np.array([[[0.5], [0.0]]], np.float32)
    stored = multiply_alpha(colours, alpha)
    assert divide_alpha(stored, alpha)[0, 0] == pytest.approx([0.2, 0.4, 0.6])
    assert divide_alpha(stored, alpha)[0, 1].tolist() == [0.0, 0.0, 0.0]
