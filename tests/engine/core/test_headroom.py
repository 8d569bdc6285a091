"""Light beyond 0..1: taken off, enlarged without overshoot, put back."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.core.pictures.headroom import (
    FrameLight,
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
    result, light = split_headroom(inside)
    assert result is inside
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
    result = resize_headroom(light, width, height)
    assert result.shape == (height, width, 3)
    assert light.min() - 1e-5 <= result.min() <= result.max() <= light.max() + 1e-5


def test_a_glint_does_not_ring_where_a_picture_is_enlarged():
    glint = np.full((16, 16, 3), 0.4, np.float32)
    glint[8, 8] = 1.4

    def cubic(inside, width, height):
        return cv2.resize(inside, (width, height), interpolation=cv2.INTER_CUBIC)

    result = resize_with_headroom(glint, 64, 64, cubic)
    assert result.max() <= np.float32(1.4)
    assert result.min() >= 0.4 - 0.1
    assert cubic(glint, 64, 64).min() < 0.3


@given(st.integers(0, 99))
def test_what_was_restored_too_strongly_does_not_add_to_light_beyond(seed):
    light = split_headroom(picture(seed))[1]
    assert light is not None
    restored = picture(seed + 100, -0.2, 1.2)
    result = add_headroom(restored, light)
    assert (result[light > 0] <= 1 + light[light > 0]).all()
    assert (result[light < 0] >= light[light < 0]).all()
    np.testing.assert_array_equal(result[light == 0], restored[light == 0])


@pytest.mark.parametrize(("share", "remaining"), [(0.0, 1.0), (0.25, 0.75), (1.0, 0.0), (2.0, 0.0)])
def test_on_its_own_frame_a_keyframes_light_takes_the_place_of_the_sources(share, remaining):
    source, keyframe = picture(1), picture(2)
    for lights, expected, tolerance in (
        ((source, None), source * remaining, 1e-6),
        ((None, keyframe), keyframe * (1 - remaining), 1e-6),
        ((source, keyframe), source * remaining + keyframe * (1 - remaining), 1e-5),
    ):
        mixed = mix_headroom(*lights, share)
        assert mixed is not None
        np.testing.assert_allclose(mixed, expected, atol=tolerance)
    assert mix_headroom(None, None, share) is None


def test_a_matte_limits_where_a_keyframes_light_counts():
    source, keyframe = picture(1), picture(2)
    matte = np.zeros((9, 12), np.float32)
    matte[2, 3] = 1
    result = mix_headroom(source, keyframe, matte)
    assert result is not None
    np.testing.assert_allclose(result[2, 3], keyframe[2, 3], atol=1e-6)
    np.testing.assert_array_equal(result[5], source[5])


@pytest.mark.parametrize("share", [0.0, 0.25, 2.0, "matte"])
@pytest.mark.parametrize("has_source", [True, False])
def test_light_kept_for_a_frame_is_added_as_mixed_anew(share, has_source):
    source = split_headroom(picture(1))[1] if has_source else None
    keyframe = split_headroom(picture(2))[1]
    if share == "matte":
        share = np.random.default_rng(3).random((9, 12), np.float32)
    restored = picture(4, -0.2, 1.2)
    light = FrameLight.of(source, keyframe, is_keyframe=True)
    assert light is not None
    mixed = mix_headroom(source, keyframe, share)
    assert mixed is not None
    np.testing.assert_allclose(light.added_to(restored, share), add_headroom(restored, mixed), atol=1e-6)


def test_a_frame_without_a_keyframe_keeps_its_light_at_any_guidance():
    source = split_headroom(picture(1))[1]
    light = FrameLight.of(source)
    assert light is not None
    assert source is not None
    restored = picture(4, -0.2, 1.2)
    np.testing.assert_array_equal(light.added_to(restored, 1.0), add_headroom(restored, source))
    assert FrameLight.of(None) is None
