"""What keyframes are worth between them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.keyframe_choice.keyframe_value import PLACED, SUGGESTED, Measure, ShotValues
from sparkvsr_engine.core.keyframe_choice.propagation_stats import PropagationStats

MEASURES = (PLACED, SUGGESTED, Measure(detail_power=1.0))


def random_rehearsal(seed, frames=18, reach=5, stride=1, blocks=3):
    generator = np.random.default_rng(seed)
    grid = np.arange(0, frames, stride)
    pairs = np.array([(t, k) for t in grid for k in grid if 0 < abs(t - k) <= reach], np.int64).reshape(-1, 2)
    lacking = generator.integers(0, 256, (len(pairs), blocks)).astype(np.uint8)
    detail = generator.random((len(grid), blocks)).astype(np.float32)
    return PropagationStats(
        grid, detail / detail.sum(1, keepdims=True), np.zeros(len(grid), np.float32), pairs, lacking
    )


def missing(propagation, frame, keyframes, measure):
    """S of a frame under its neighbours, as the formula has it."""
    before = max((k for k in keyframes if k < frame), default=None)
    after = min((k for k in keyframes if k > frame), default=None)
    least = np.ones(propagation.detail.shape[1])
    for keyframe in (before, after):
        row = np.flatnonzero((propagation.pairs == (frame, keyframe if keyframe is not None else -1)).all(1))
        if len(row):
            brought = 1 - (propagation.lacking[row[0]] / 255) ** measure.lacking_power
            lost = np.exp(-measure.loss_per_frame * abs(frame - keyframe))
            least = np.minimum(least, 1 - brought * lost)
    place = np.flatnonzero(propagation.frames == frame)[0]
    counts = propagation.detail[place] ** measure.detail_power
    return float((counts * least).sum() / counts.sum())


@given(st.integers(0, 99), st.integers(1, 9), st.integers(1, 6), st.sampled_from(MEASURES))
def test_intervals_are_sums_over_the_frames_between(seed, reach, least_reach, measure):
    propagation = random_rehearsal(seed, reach=reach)
    worth = ShotValues.of(propagation, FrameSpan(0, 18), least_reach, measure)
    for before, after in [(None, None), (None, 9), (4, None), (3, 5), (2, 16), (0, 17), (7, 8)]:
        first, stop = (0 if before is None else before + 1), (18 if after is None else after)
        ends = [end for end in (before, after) if end is not None]
        lacking = [np.array(missing(propagation, t, ends, measure)) for t in range(first, stop)]
        expected = sum(measure.rise_of(one) for one in lacking)
        assert worth.value(before, after) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(("measure", "ratio"), [(PLACED, 7), (SUGGESTED, 31)])
def test_a_keyframe_is_worth_most_on_its_own_frame_and_nothing_where_all_is_missing(measure, ratio):
    assert measure.rise_of(np.ones(1))[0] == pytest.approx(0)
    assert measure.rise_of(np.zeros(1))[0] == measure.full_rise == pytest.approx(10 * np.log10(ratio))


@given(st.integers(1, 60), st.sampled_from([1, 2, 4]))
def test_places_stand_for_all_frames_of_the_shot(frames, stride):
    worth = ShotValues.of(random_rehearsal(0, frames, 8, stride), FrameSpan(0, frames), 4)
    assert worth.weights.sum() == frames
    assert (worth.weights > 0).all()
    assert worth.own_gains.sum() == pytest.approx(frames * PLACED.full_rise)


def test_a_shot_the_grid_passed_over_is_taken_for_even():
    worth = ShotValues.of(random_rehearsal(0, 20, 8, 4), FrameSpan(1, 4), 4)
    assert worth.frames.tolist() == [1, 2, 3]
