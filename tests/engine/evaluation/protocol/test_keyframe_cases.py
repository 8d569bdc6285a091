import cv2
import numpy as np
import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.evaluation.pixels import resize_bicubic
from sparkvsr_engine.evaluation.protocol.clips import TruthClip, downscaled
from sparkvsr_engine.evaluation.protocol.keyframe_cases import (
    KEYFRAME_CASES,
    SHIFT_PIXELS,
    KeyframeCase,
    choose_cases,
    make_keyframes,
    truth_of,
)
from tests.fakes.scenes import scene

TRUTH = TruthClip("scene", tuple(scene(number) for number in range(5)))
SOURCE = downscaled(TRUTH, 4)


class Doubler:
    """An image model of another scale than the benchmark's."""

    scale = 2

    def upscale(self, picture, is_cancelled=None):
        assert picture.dtype == np.float32
        return picture.repeat(2, axis=0).repeat(2, axis=1)


def test_three_keyframes_lie_at_first_middle_and_last():
    assert KEYFRAME_CASES["three"].frames(range(31)) == (0, 15, 30)
    assert KEYFRAME_CASES["one"].frames(range(31)) == (0,)
    assert KEYFRAME_CASES["none"].frames(range(31)) == ()


def test_a_policy_can_choose_the_keyframes():
    brightest = KeyframeCase(
        "brightest", "brightest frame", choose=lambda source: [source.index(max(source))]
    )
    assert brightest.frames([3, 9, 4]) == (1,)
    assert not brightest.is_blind
    assert KEYFRAME_CASES["none"].is_blind


def test_true_keyframes_are_the_truth():
    keyframes = make_keyframes(KEYFRAME_CASES["three"], TRUTH, SOURCE)
    assert sorted(keyframes) == [0, 2, 4]
    assert np.array_equal(keyframes[2], TRUTH.frames[2])


def test_isr_keyframes_are_made_from_the_source_at_the_truths_size():
    keyframes = make_keyframes(KEYFRAME_CASES["isr"], TRUTH, SOURCE, Doubler())
    expected = resize_bicubic(SOURCE[2].repeat(2, axis=0).repeat(2, axis=1), 192, 144)
    assert keyframes[2].dtype == np.uint8
    # The model's picture is resampled in float32, `resize_bicubic` works in fixed point.
    assert np.abs(keyframes[2].astype(int) - expected).mean() < 0.5


def test_a_wrong_keyframe_is_the_stranger_at_the_truths_size():
    stranger = scene(seed=9, width=96, height=96)
    keyframes = make_keyframes(KEYFRAME_CASES["wrong"], TRUTH, SOURCE, stranger=stranger)
    assert np.array_equal(keyframes[2], resize_bicubic(stranger, 192, 144))


def test_a_shifted_keyframe_lies_to_the_right():
    shifted = make_keyframes(KEYFRAME_CASES["shifted"], TRUTH, SOURCE)[2]
    assert np.array_equal(shifted[:, SHIFT_PIXELS:], TRUTH.frames[2][:, :-SHIFT_PIXELS])
    assert np.array_equal(shifted[:, 0], TRUTH.frames[2][:, 0])


def test_a_cast_keyframe_is_warmer():
    cast = make_keyframes(KEYFRAME_CASES["cast"], TRUTH, SOURCE)[2].astype(float)
    change = cast.mean((0, 1)) - TRUTH.frames[2].mean((0, 1))
    assert change[0] > 5
    assert abs(change[1]) < 0.01
    assert change[2] < -5


def test_drawn_keyframes_have_deeper_colours_and_the_truth_is_drawn_alike():
    case = KEYFRAME_CASES["look"]
    drawn = truth_of(case, TRUTH)
    keyframes = make_keyframes(case, drawn, SOURCE)
    assert sorted(keyframes) == [0, 2, 4]
    assert all(np.array_equal(keyframes[frame], drawn.frames[frame]) for frame in keyframes)
    assert np.array_equal(truth_of(case, TRUTH).frames[2], drawn.frames[2])

    assert np.abs(drawn.frames[2].astype(int) - TRUTH.frames[2]).mean() > 5
    plain = cv2.stylization(TRUTH.frames[2], sigma_s=60, sigma_r=0.45)
    spans = [np.ptp(picture.astype(int), -1).mean() for picture in (drawn.frames[2], plain)]
    assert spans[0] > 1.15 * spans[1]
    assert truth_of(KEYFRAME_CASES["three"], TRUTH) is TRUTH


@pytest.mark.parametrize(("name", "lack"), [("isr", "an upscaler"), ("wrong", "another clip")])
def test_a_case_that_lacks_something_is_refused(name, lack):
    with pytest.raises(ValueError, match=lack):
        make_keyframes(KEYFRAME_CASES[name], TRUTH, SOURCE)


def test_cases_are_chosen_by_name():
    assert [case.name for case in choose_cases(["three", "none"])] == ["three", "none"]
    with pytest.raises(InvalidSettings, match="no keyframe case 'four'; there are none, one, three"):
        choose_cases(["four"])
