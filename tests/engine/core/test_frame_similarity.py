"""Sketches of frames, and what is computed from them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.core.pictures.frame_similarity import correlation, distance, is_light_change, sketch


def make_picture(seed, size=(90, 160)):
    coarse = np.random.default_rng(seed).integers(20, 236, (*size, 3)).astype(np.uint8)
    return np.repeat(np.repeat(coarse[::18, ::20], 18, 0), 20, 1)


@pytest.mark.parametrize("size", [(90, 160), (18, 32), (1080, 1920), (40, 7)])
def test_a_sketch_has_one_size(size):
    assert sketch(np.zeros((*size, 3), np.uint8)).shape == (18, 32, 3)


@given(st.floats(0.2, 1), st.floats(0, 40))
def test_correlation_is_unmoved_by_exposure(gain, lift):
    picture = sketch(make_picture(1))
    assert correlation(picture, picture * np.float32(gain) + np.float32(lift)) == pytest.approx(1, abs=1e-4)


def test_a_flat_frame_resembles_nothing():
    flat = np.full((18, 32, 3), 250, np.float32)
    assert correlation(flat, flat) == correlation(sketch(make_picture(1)), flat) == 0


@given(st.floats(0, 1))
def test_distances_to_a_mix_add_up_to_that_between_its_parts(weight):
    first, second = sketch(make_picture(1)), sketch(make_picture(2))
    mixed = first * np.float32(1 - weight) + second * np.float32(weight)
    assert distance(first, mixed) + distance(mixed, second) == pytest.approx(
        distance(first, second), rel=1e-3
    )


def test_light_is_distinguished_from_another_picture():
    first, second = sketch(make_picture(1)), sketch(make_picture(2))
    assert is_light_change(first, first * np.float32(0.5) + 120)
    assert is_light_change(first, np.full_like(first, 255))
    assert is_light_change(first, np.zeros_like(first))
    assert not is_light_change(first, second)
