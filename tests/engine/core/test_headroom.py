"""Light beyond 0..1: taken off, enlarged without overshoot, put back."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.core.pictures.headroom import (
    add_headroom,
    mix_headroom,
    resize_headroom,
    resize_with_headroom,
    split_headroom,
)


def picture(seed, low=-3.0, high=4.0, size=(9, 12)):
    return np.random.default_rng(seed).uniform(low, high, (*size, 3)).astype(np.float32)


def test_a_picture_within_stays_itself():
    inside = picture(0, 0.0, 1.0)
    found, light = split_headroom(inside)
    assert found is inside
    assert light is None


@given(st.integers(0, 99))
def test_both_parts_make_the_picture(seed):
    whole = picture(seed)
    inside, light = split_headroom(whole)
    assert light is not None
    assert 0 <= inside.min() <= inside.max() <= 1
    np.testing.assert_allclose(inside + light, whole, atol=1e-6)


@given(st.integers(0, 99), st.integers(9, 40), st.integers(12, 50))
def test_enlarged_light_is_never_stronger_than_it_was(seed, height, width):
    light = split_headroom(picture(seed))[1]
    assert light is not None
    found = resize_headroom(light, width, height)
    assert found.shape == (height, width, 3)
    assert light.min() - 1e-5 <= found.min() <= found.max() <= light.max() + 1e-5


def test_a_glint_does_not_ring_where_a_picture_is_enlarged():
    glint = np.full((16, 16, 3), 0.4, np.float32)
    glint[8, 8] = 1.4

    def cubic(inside, width, height):
        return cv2.resize(inside, (width, height), interpolation=cv2.INTER_CUBIC)

    found = resize_with_headroom(glint, 64, 64, cubic)
    assert found.max() <= np.float32(1.4)
    assert found.min() >= 0.4 - 0.1
    assert cubic(glint, 64, 64).min() < 0.3


@given(st.integers(0, 99))
def test_what_was_restored_too_strongly_does_not_add_to_light_beyond(seed):
    light = split_headroom(picture(seed))[1]
    assert light is not None
    restored = picture(seed + 100, -0.2, 1.2)
    found = add_headroom(restored, light)
    assert (found[light > 0] <= 1 + light[light > 0]).all()
    assert (found[light < 0] >= light[light < 0]).all()
    np.testing.assert_array_equal(found[light == 0], restored[light == 0])


@pytest.mark.parametrize(("share", "left"), [(0.0, 1.0), (0.25, 0.75), (1.0, 0.0), (2.0, 0.0)])
def test_on_its_own_frame_a_keyframes_light_takes_the_place_of_the_sources(share, left):
    source, keyframe = picture(1), picture(2)
    np.testing.assert_allclose(mix_headroom(source, None, share), source * left, atol=1e-6)
    np.testing.assert_allclose(mix_headroom(None, keyframe, share), keyframe * (1 - left), atol=1e-6)
    wanted = source * left + keyframe * (1 - left)
    np.testing.assert_allclose(mix_headroom(source, keyframe, share), wanted, atol=1e-5)
    assert mix_headroom(None, None, share) is None


def test_a_matte_tells_where_a_keyframes_light_is_heard():
    source, keyframe = picture(1), picture(2)
    matte = np.zeros((9, 12), np.float32)
    matte[2, 3] = 1
    found = mix_headroom(source, keyframe, matte)
    assert found is not None
    np.testing.assert_allclose(found[2, 3], keyframe[2, 3], atol=1e-6)
    np.testing.assert_array_equal(found[5], source[5])
