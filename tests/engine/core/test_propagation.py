"""Expected trust."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.propagation import PropagationField, StepSignals, frame_confidence, step_confidence
from sparkvsr_engine.core.shots import shots_of

FRAMES = 60
SPAN = FrameSpan(5, 5 + FRAMES)
shares = st.floats(0, 1)


def trust_on(field, keyframe):
    """Trust over the whole range."""
    return field.best({keyframe: 1.0})


@st.composite
def fields(draw):
    confidence = draw(arrays.arrays(np.float64, FRAMES, elements=shares))
    cuts = draw(st.lists(st.integers(SPAN.start, SPAN.stop), max_size=3))
    shots = shots_of(SPAN, cuts)
    return shots, PropagationField.of(shots, confidence)


@given(fields(), st.integers(5, 64))
def test_trust_never_grows_with_distance(made, keyframe):
    trust = trust_on(made[1], keyframe)
    place = keyframe - SPAN.start
    assert trust[place] == 1
    assert (np.diff(trust[place:]) <= 0).all()
    assert (np.diff(trust[: place + 1]) >= 0).all()


@given(fields(), st.integers(5, 64))
def test_trust_is_zero_across_a_cut(made, keyframe):
    shots, field = made
    trust = trust_on(field, keyframe)
    for shot in shots:
        if keyframe not in shot:
            assert not trust[shot.start - SPAN.start : shot.stop - SPAN.start].any()


@given(fields(), st.lists(st.integers(5, 64), max_size=5), st.integers(5, 64), shares)
def test_a_further_keyframe_lowers_no_frames_trust(made, keyframes, added, quality):
    field = made[1]
    before = field.best(dict.fromkeys(keyframes, 0.9))
    after = field.best({added: quality} | dict.fromkeys(keyframes, 0.9))
    assert (after >= before).all()


@given(fields(), st.lists(st.integers(5, 64), max_size=4), st.lists(st.integers(5, 64), max_size=4))
def test_gains_shrink_as_keyframes_are_added(made, keyframes, more):
    field = made[1]
    qualities = np.linspace(0.5, 1, FRAMES)
    early = field.gains(qualities, field.best(dict.fromkeys(keyframes, 1.0)))
    late = field.gains(qualities, field.best(dict.fromkeys([*keyframes, *more], 1.0)))
    assert (late <= early + 1e-9).all()


@given(fields(), st.lists(st.integers(5, 64), max_size=4))
def test_gains_are_those_of_every_frame_by_itself(made, keyframes):
    field = made[1]
    qualities = np.linspace(0.5, 1, FRAMES)
    reached = field.best(dict.fromkeys(keyframes, 0.8))
    alone = [
        np.maximum(field.best({frame: qualities[frame - SPAN.start]}) - reached, 0).sum() for frame in SPAN
    ]
    np.testing.assert_allclose(field.gains(qualities, reached), alone, atol=1e-9)
    np.testing.assert_allclose(field.gains(qualities, reached, FrameSpan(20, 31)), alone[15:26], atol=1e-9)
    singly = [field.gain(frame, qualities[frame - SPAN.start], reached) for frame in SPAN]
    np.testing.assert_allclose(singly, alone, atol=1e-9)


def test_long_ranges_are_computed_in_pieces_with_the_same_result():
    confidence = np.full(700, 0.9)
    field = PropagationField.of([FrameSpan(0, 700)], confidence)
    gains = field.gains(np.ones(700), np.zeros(700))
    assert gains[350] == pytest.approx(field.gain(350, 1.0, np.zeros(700)))
    assert gains[255] == pytest.approx(gains[256])
    np.testing.assert_allclose(gains, gains[::-1])


def test_the_formula():
    steps = StepSignals(*(np.array([value, value]) for value in (0.81, 0.19, 0.05)))
    expected = 0.81**0.5 * 0.81**0.1 * math.exp(-0.05 - 0.002)
    np.testing.assert_allclose(step_confidence(steps), expected)
    field = PropagationField.of([FrameSpan(0, 3)], frame_confidence(steps))
    assert trust_on(field, 0)[2] == pytest.approx(math.exp(-math.sqrt(-2 * math.log(expected))))


@given(shares, shares, shares, shares)
def test_worse_signals_never_raise_confidence(consistency, occluded, residual, worse):
    def confidence(*values):
        return step_confidence(StepSignals(*(np.array([value]) for value in values)))[0]

    base = confidence(consistency, occluded, residual)
    assert 0 <= base <= 1
    assert confidence(consistency * worse, occluded, residual) <= base
    assert confidence(consistency, max(occluded, worse), residual) <= base
    assert confidence(consistency, occluded, max(residual, worse)) <= base


def test_even_a_perfect_step_costs_a_little():
    steps = StepSignals(np.ones(1), np.zeros(1), np.zeros(1))
    assert 0.99 < step_confidence(steps)[0] < 1


def test_a_step_without_confidence_blocks():
    confidence = np.full(10, 0.99)
    confidence[6] = 0
    field = PropagationField.of([FrameSpan(0, 10)], confidence)
    assert trust_on(field, 2)[5] > 0.5
    assert not trust_on(field, 2)[6:].any()


@pytest.mark.parametrize("values", [np.array([1.2]), np.array([-0.1]), np.array([np.nan]), np.zeros((1, 1))])
def test_signals_out_of_range_or_shape_are_refused(values):
    with pytest.raises(ValueError, match="occluded"):
        StepSignals(np.ones(1), values, np.zeros(1))


@pytest.mark.parametrize("confidence", [np.ones(9), np.full(10, 1.5), np.full(10, np.nan)])
def test_confidence_out_of_range_or_shape_is_refused(confidence):
    with pytest.raises(ValueError, match="confidence must be 10 values"):
        PropagationField.of([FrameSpan(0, 10)], confidence)
