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
    used = sorted(set(draw(st.lists(st.integers(0, 199), max_size=3))))
    limit = draw(st.none() | st.integers(0, 12))
    return SpacingRules(shots, used, limit, shortest=4, spacing=draw(st.integers(1, 6)), stride=48)


def ways(rules, data):
    """What each way of spreading answers."""
    candidates = data.draw(st.lists(st.integers(-5, 210), max_size=30))
    return spread_evenly(rules), spread_randomly(rules, 7), spread_among(rules, candidates)


@given(terms(), st.data())
def test_all_ways_keep_to_room_range_and_distance(rules, data):
    for chosen in ways(rules, data):
        assert rules.limit is None or len(chosen) <= rules.limit
        assert chosen == sorted(set(chosen))
        for shot in rules.shots:
            own_values = sorted([frame for frame in (*chosen, *rules.keyframes) if frame in shot])
            added = [frame for frame in chosen if frame in shot]
            assert not added or len(shot) >= rules.shortest
            assert all(b - a >= rules.spacing for a, b in pairwise(own_values) if {a, b} & set(added))
        assert all(frame in SPAN for frame in chosen)


@given(terms())
def test_every_long_shot_gets_its_own_before_any_gets_a_second(rules):
    for chosen in (spread_evenly(rules), spread_randomly(rules, 3)):
        stored = {shot_of(frame, rules.shots) for frame in (*chosen, *rules.keyframes)}
        bare = [shot for shot in rules.shots if shot not in stored and len(shot) >= rules.shortest]
        seconds = [shot for shot in rules.shots if sum(f in shot for f in chosen) > 1]
        firsts = [
            shot
            for shot in rules.shots
            if any(f in shot for f in chosen) and not any(f in shot for f in rules.keyframes)
        ]
        if bare:
            assert not seconds
            assert rules.limit is not None
            assert all(len(shot) >= max(len(second) for second in bare) for shot in firsts)


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
    rules = SpacingRules([FrameSpan(0, 300)], [], 5, 4, 4, 48)
    assert spread_randomly(rules, 1) == spread_randomly(rules, 1)
    assert len({tuple(spread_randomly(rules, seed)) for seed in range(8)}) > 6


def test_candidates_are_chosen_far_apart():
    rules = SpacingRules([FrameSpan(0, 101)], [], 3, 4, 4, 48)
    assert spread_among(rules, range(0, 101, 10)) == [0, 50, 100]


@pytest.mark.parametrize("limit", [None, 50])
def test_candidates_too_near_to_one_another_are_thinned(limit):
    rules = SpacingRules([FrameSpan(0, 40)], [20], limit, 4, 4, 48)
    chosen = spread_among(rules, range(40))
    assert all(b - a >= 4 for a, b in pairwise(sorted([*chosen, 20])))
    assert len(chosen) >= 7
