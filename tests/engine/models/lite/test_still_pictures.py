"""A still picture held for many frames: the keyframe's own frame does not blink."""

import numpy as np
import pytest

from sparkvsr_engine.models.base import Guidance
from tests.fakes.lite_shots import Rendering, small_network

rng = np.random.default_rng(3)
STILL = rng.random((16, 20, 3), np.float32)
PAINTED = rng.random((64, 80, 3), np.float32)


def still(keyframes, count=7):
    return Rendering(small_network(), [STILL] * count, 4, keyframes)


@pytest.mark.parametrize("value", [1.0, 0.5])
def test_every_frame_of_a_still_is_the_keyframes_frame(value):
    rendering = still({2: PAINTED})
    own_values = rendering.pixels(2, Guidance(value))
    for frame in (0, 1, 5):
        assert np.array_equal(rendering.pixels(frame, Guidance(value)), own_values)


def test_between_two_keyframes_of_a_still_it_goes_over_evenly():
    second = np.clip(PAINTED[::-1], 0, 1)
    rendering = still({0: PAINTED, 4: second}, 5)
    middle = rendering.pixels(2)
    assert middle == pytest.approx((PAINTED + second) / 2, abs=2e-3)


def test_a_frame_that_differs_in_colour_alone_is_no_still():
    grey = np.full((16, 20, 3), 0.5, np.float32)
    # Luma in float32 is the same, the colour is not.
    shifted = grey + np.array([0.0587, -0.0299, 0.0], np.float32)
    rendering = Rendering(small_network(), [grey, grey, shifted], 4, {0: PAINTED})
    assert np.array_equal(rendering.pixels(1), rendering.pixels(0))
    assert not np.array_equal(rendering.pixels(2), rendering.pixels(0))


def test_a_matte_limits_a_still_as_it_does_the_keyframes_own_frame():
    matte = np.zeros((64, 80), np.float32)
    matte[:, :40] = 1
    rendering = still({2: PAINTED})
    guidance = Guidance(1.0, {}, {2: matte})
    assert np.array_equal(rendering.pixels(5, guidance), rendering.pixels(2, guidance))
    assert np.array_equal(rendering.pixels(5, guidance)[:, 40:], rendering.pixels(5, Guidance(0.0))[:, 40:])
