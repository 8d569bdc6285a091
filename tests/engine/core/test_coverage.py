"""Placing keyframes by expected trust."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sparkvsr_engine.core.coverage import Ground, contributions, next_best, place
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.propagation import PropagationField
from sparkvsr_engine.core.shots import shots_of


def make_ground(shots, confidence, qualities=None, reached=None, spacing=4):
    frames = shots[-1].stop - shots[0].start
    field = PropagationField.of(shots, np.broadcast_to(np.float64(confidence), frames))
    return Ground(
        shots,
        field,
        np.ones(frames) if qualities is None else qualities,
        np.zeros(frames) if reached is None else reached,
        4,
        spacing,
    )


def total(ground, frames):
    return ground.field.best({frame: ground.quality(frame) for frame in frames}).sum()


@st.composite
def grounds(draw, frames=40):
    confidence = draw(arrays.arrays(np.float64, frames, elements=st.floats(0.3, 1)))
    qualities = draw(arrays.arrays(np.float64, frames, elements=st.floats(0.5, 1)))
    shots = shots_of(FrameSpan(0, frames), draw(st.lists(st.integers(1, frames - 1), max_size=2)))
    return make_ground(shots, confidence, qualities)


def test_one_keyframe_of_a_steady_shot_lies_in_the_middle_and_two_at_the_quarters():
    ground = make_ground([FrameSpan(0, 81)], 0.95)
    assert place(ground, [], 1, 6) == [40]
    assert place(ground, [], 2, 6) == pytest.approx([20, 60], abs=2)


def test_a_keyframe_avoids_the_far_side_of_an_occlusion():
    confidence = np.full(60, 0.99)
    confidence[20] = 0.05
    ground = make_ground([FrameSpan(0, 60)], confidence)
    assert place(ground, [], 1, 6)[0] >= 20
    first, second = place(ground, [], 2, 6)
    assert first < 20 <= second


@settings(max_examples=25)
@given(grounds(frames=24))
def test_two_keyframes_are_nearly_the_best_pair_there_is(ground):
    if len(ground.shots) > 1:
        return
    frames = range(24)
    pairs = [pair for pair in itertools.combinations(frames, 2) if pair[1] - pair[0] >= 4]
    best = max(total(ground, pair) for pair in pairs)
    assert total(ground, place(ground, [], 2, 6)) >= 0.97 * best


@given(grounds(), st.integers(0, 5))
def test_placing_is_deterministic_and_keeps_to_its_room(ground, room):
    placed = place(ground, [], room, 6)
    assert placed == place(ground, [], room, 6)
    assert len(placed) <= room


@given(grounds(), st.lists(st.integers(0, 39), max_size=2))
def test_contributions_are_what_is_lost_without_the_keyframe(ground, fixed):
    placed = place(ground, sorted(set(fixed)), 3, 6)
    qualities = {frame: ground.quality(frame) for frame in {*placed, *fixed}}
    together = ground.field.best(qualities)
    for frame, added in contributions(ground, qualities).items():
        others = ground.field.best({k: q for k, q in qualities.items() if k != frame})
        assert added.gain == pytest.approx((together - others).sum(), abs=1e-9)
        assert added.rescued <= added.covered <= 40


@given(grounds(), st.lists(st.integers(0, 39), max_size=3, unique=True))
def test_the_next_best_is_the_best_of_all_that_keep_their_distance(ground, fixed):
    frame = next_best(ground, fixed, fixed)
    reached = ground.field.best(dict.fromkeys(fixed, 1.0))
    clear = {
        other: ground.field.gain(other, ground.quality(other), reached)
        for shot in ground.shots
        for other in shot
        if len(shot) >= 4 and all(abs(other - k) >= 4 for k in fixed if k in shot)
    }
    if frame is None:
        assert not any(gain > 0 for gain in clear.values())
    else:
        assert clear[frame] == pytest.approx(max(clear.values()))


def test_trust_that_is_there_already_draws_no_keyframe():
    reached = np.ones(60)
    reached[40:50] = 0.1
    ground = make_ground([FrameSpan(0, 60)], 0.9, reached=reached)
    assert 40 <= next_best(ground, [], []) < 50


def test_without_room_named_only_what_is_worth_it_is_placed():
    ground = make_ground([FrameSpan(0, 30)], 0.999)
    assert len(place(ground, [], None, 6)) == 1
    long = make_ground([FrameSpan(0, 600)], 0.95)
    assert 8 < len(place(long, [], None, 6)) < 60
    assert len(place(long, [], None, 20)) < len(place(long, [], None, 6))
