"""Spreading by distance."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.keyframe_choice.spread import (
    SpacingRules,
    spread_among,
    spread_evenly,
    spread_randomly,
)
from sparkvsr_engine.core.shots import shot_of, shots_of

SPAN = FrameSpan(0, 200)


@st.composite
def terms(draw):
    shots = shots_of(SPAN, draw(st.lists(st.integers(1, 199), max_size=6)))
    taken = sorted(set(draw(st.lists(st.integers(0, 199), max_size=3))))
    room = draw(st.none() | st.integers(0, 12))
    return SpacingRules(shots, taken, room, shortest=4, spacing=draw(st.integers(1, 6)), stride=48)


def ways(made, data):
    """What each way of spreading answers."""
    candidates = data.draw(st.lists(st.integers(-5, 210), max_size=30))
    return spread_evenly(made), spread_randomly(made, 7), spread_among(made, candidates)


@given(terms(), st.data())
def test_all_ways_keep_to_room_range_and_distance(made, data):
    for chosen in ways(made, data):
        assert made.limit is None or len(chosen) <= made.limit
        assert chosen == sorted(set(chosen))
        for shot in made.shots:
            own = sorted([frame for frame in (*chosen, *made.keyframes) if frame in shot])
            added = [frame for frame in chosen if frame in shot]
            assert not added or len(shot) >= made.shortest
            assert all(b - a >= made.spacing for a, b in pairwise(own) if {a, b} & set(added))
        assert all(frame in SPAN for frame in chosen)


@given(terms())
def test_every_long_shot_gets_its_own_before_any_gets_a_second(made):
    for chosen in (spread_evenly(made), spread_randomly(made, 3)):
        held = {shot_of(frame, made.shots) for frame in (*chosen, *made.keyframes)}
        bare = [shot for shot in made.shots if shot not in held and len(shot) >= made.shortest]
        seconds = [shot for shot in made.shots if sum(f in shot for f in chosen) > 1]
        firsts = [
            shot
            for shot in made.shots
            if any(f in shot for f in chosen) and not any(f in shot for f in made.keyframes)
        ]
        if bare:
            assert not seconds
            assert made.limit is not None
            assert all(len(shot) >= max(len(other) for other in bare) for shot in firsts)


def test_one_lies_in_the_middle_and_more_are_evenly_apart():
    shots = [FrameSpan(0, 121)]
    assert spread_evenly(SpacingRules(shots, [], 1, 4, 4, 48)) == [60]
    assert spread_evenly(SpacingRules(shots, [], 3, 4, 4, 48)) == [20, 60, 100]


def test_frames_that_are_taken_bound_the_gaps():
    shots = [FrameSpan(0, 101)]
    assert spread_evenly(SpacingRules(shots, [0, 100], 1, 4, 4, 48)) == [50]
    assert spread_evenly(SpacingRules(shots, [0, 100], 3, 4, 4, 48)) == [25, 50, 75]
    assert spread_evenly(SpacingRules(shots, [40], 1, 4, 4, 48)) == [80]


@given(st.integers(4, 400))
def test_without_a_budget_distances_come_down_to_the_stride(length):
    chosen = spread_evenly(SpacingRules([FrameSpan(0, length)], [], None, 4, 4, 48))
    assert len(chosen) == -(-length // 48)
    assert all(b - a <= 49 for a, b in pairwise(chosen))


def test_random_frames_are_the_same_for_the_same_seed_and_others_for_another():
    made = SpacingRules([FrameSpan(0, 300)], [], 5, 4, 4, 48)
    assert spread_randomly(made, 1) == spread_randomly(made, 1)
    assert len({tuple(spread_randomly(made, seed)) for seed in range(8)}) > 6


def test_candidates_are_chosen_far_apart():
    made = SpacingRules([FrameSpan(0, 101)], [], 3, 4, 4, 48)
    assert spread_among(made, range(0, 101, 10)) == [0, 50, 100]


@pytest.mark.parametrize("room", [None, 50])
def test_candidates_too_near_to_one_another_are_thinned(room):
    made = SpacingRules([FrameSpan(0, 40)], [20], room, 4, 4, 48)
    chosen = spread_among(made, range(40))
    assert all(b - a >= 4 for a, b in pairwise(sorted([*chosen, 20])))
    assert len(chosen) >= 7
