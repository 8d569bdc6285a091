import numpy as np
import pytest

from sparkvsr_engine.evaluation.measures.temporal import TemporalMeasure, change_error, visible_mask
from tests.fakes.scenes import scene, softened, with_noise


def scores(results, references):
    measure = TemporalMeasure()
    return [measure.feed(*pair) for pair in zip(results, references, strict=True)]


def clip(count=3, **options):
    return [scene(number, **options) for number in range(count)]


def test_the_first_frame_has_no_pair():
    assert scores(clip(2), clip(2))[0] is None


def test_the_truth_against_itself_moves_rightly():
    for pair in scores(clip(), clip())[1:]:
        assert pair.tof == 0.0
        assert pair.change_error == 0.0
        assert pair.ewarp < 0.05


def test_flicker_raises_the_warping_error_and_smoothing_does_not():
    truth = clip()
    noisy = scores([with_noise(frame, 12, seed) for seed, frame in enumerate(truth)], truth)[1]
    soft = scores([softened(frame) for frame in truth], truth)[1]
    # Two independent noises of 12 levels: 1000 * 2 * (12 / 255)^2, a little less for the interpolation.
    assert noisy.ewarp == pytest.approx(4.25, rel=0.05)
    assert soft.ewarp < 0.05
    assert noisy.tof > soft.tof


def test_a_frozen_result_has_the_truths_motion_missing():
    truth = clip(speed=(3.0, 0.0))
    frozen = scores([truth[0]] * 3, truth)[1]
    assert frozen.tof == pytest.approx(3.0, abs=0.3)


def test_occlusion_is_taken_from_the_truth_and_not_counted():
    truth = clip(2, speed=(0.0, 0.0))
    covered = [frame.copy() for frame in truth]
    covered[0][40:80, 40:80] = 0
    covered[1][40:80, 90:130] = 0
    same_everywhere = scores(covered, covered)[1]
    jumping = scores(covered, truth)[1]
    assert same_everywhere.ewarp < jumping.ewarp


def test_flow_out_of_the_picture_is_not_visible():
    away = np.full((20, 30, 2), (8.0, 0.0), np.float32)
    mask = visible_mask(away, -away)
    assert mask[:, :22].all()
    assert not mask[:, 22:].any()


def test_a_steady_error_is_no_jump_but_one_that_comes_is():
    truth = clip(2)
    darker = [frame // 2 for frame in truth]
    steady = change_error((truth[0] // 2, truth[0]), (truth[0] // 2, truth[0]))
    comes = change_error((truth[0], truth[0]), (darker[1], truth[1]))
    assert steady == 0.0
    assert comes > 100


def test_only_one_frame_is_held_back():
    measure = TemporalMeasure()
    for number in range(4):
        measure.feed(scene(number), scene(number))
    stored = [value for value in vars(measure).values() if isinstance(value, tuple)]
    assert len(stored) == 1
    assert np.array_equal(stored[0][0], scene(3))
