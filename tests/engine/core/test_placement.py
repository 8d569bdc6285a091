"""Placing keyframes by what they are worth."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.keyframe_choice.keyframe_value import PLACED
from sparkvsr_engine.core.keyframe_choice.placement import PlacementInput, contribution, next_best, place
from sparkvsr_engine.core.keyframe_choice.propagation_stats import PropagationStats
from sparkvsr_engine.core.shots import shots_of

seeds = st.integers(0, 500)


def random_ground(seed, frames=22, cuts=(), spacing=4, reach=6):
    generator = np.random.default_rng(seed)
    grid = np.arange(frames)
    pairs = np.array([(t, k) for t in grid for k in grid if 0 < abs(t - k) <= reach], np.int64)
    # Smooth and rough, so that what is best is now near an end and now not.
    sides = generator.integers(0, 200, (frames, 2)) * generator.integers(0, 2, (frames, 1))
    lacking = np.minimum(sides[pairs[:, 1]] + 12 * np.abs(pairs[:, :1] - pairs[:, 1:]), 255).astype(np.uint8)
    detail = generator.dirichlet((1, 1), frames).astype(np.float32)
    shots = shots_of(FrameSpan(0, frames), cuts)
    return PlacementInput(
        shots, PropagationStats(grid, detail, np.zeros(frames, np.float32), pairs, lacking), 4, spacing
    )


def even_ground(frames, cuts=(), spacing=4):
    span = FrameSpan(0, frames)
    return PlacementInput(shots_of(span, cuts), PropagationStats.even(span), 4, spacing)


def total(ground, shot, keyframes):
    """dB over a shot; keyframes in places."""
    worth = ground.values_of(shot)
    edges = [None, *keyframes, None]
    return (
        sum(worth.value(first, second) for first, second in pairwise(edges))
        + worth.own_gains[list(keyframes)].sum()
    )


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(1, 4), st.integers(1, 5), st.booleans())
def test_in_one_stretch_the_best_set_there_is_is_found(seed, count, spacing, is_wide):
    ground = random_ground(seed, spacing=spacing, reach=2 if is_wide else 6)
    (shot,) = ground.shots
    (stretch,) = ground.gaps(shot, [])
    sets = [
        chosen
        for chosen in combinations(range(22), count)
        if all(after - before >= spacing for before, after in pairwise(chosen))
    ]
    best = max(total(ground, shot, chosen) for chosen in sets)
    assert stretch.value(count) == pytest.approx(best)
    assert total(ground, shot, stretch.places(count)) == pytest.approx(best)


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(0, 21), st.integers(1, 3))
def test_beside_a_named_frame_the_best_set_there_is_is_found(seed, named, count):
    ground = random_ground(seed)
    (shot,) = ground.shots
    before, *remainder = ground.gaps(shot, [named])
    for stretch, frames in (
        (before, range(named)),
        *((second, range(named + 1, 22)) for second in remainder),
    ):
        sets = [
            chosen
            for chosen in combinations(frames, count)
            if all(b - a >= 4 for a, b in pairwise(sorted([*chosen, named])))
        ]
        if not sets:
            assert stretch.value(count) == -np.inf
            continue
        result = total(ground, shot, sorted([*stretch.places(count), named]))
        assert result == pytest.approx(max(total(ground, shot, sorted([*item, named])) for item in sets))


@settings(max_examples=40, deadline=None)
@given(seeds, st.lists(st.integers(0, 21), max_size=3, unique=True), st.lists(st.integers(1, 21), max_size=2))
def test_the_next_best_raises_the_other_frames_most(seed, keyframes, cuts):
    ground = random_ground(seed, cuts=cuts)

    def value_elsewhere(shot, keyframes, leave):
        remaining = sorted(at - shot.start for at in keyframes if at in shot)
        worth = ground.values_of(shot)
        edges = [None, *remaining, None]
        result = sum(worth.value(first, second) for first, second in pairwise(edges)) if remaining else 0.0
        place = leave - shot.start
        if leave in keyframes:
            return result
        before = max((at for at in remaining if at < place), default=None)
        after = min((at for at in remaining if at > place), default=None)
        missing = worth.missing_between(place, place + 1, before, after)[0]
        return result - 10 * np.log10(0.7 / (0.6 * missing + 0.1))

    gains = {
        at: value_elsewhere(shot, [*keyframes, at], at) - value_elsewhere(shot, keyframes, at)
        for shot in ground.shots
        for at in shot
        if len(shot) >= 4 and all(abs(at - item) >= 4 for item in keyframes if item in shot)
    }
    mixed = {
        at: with_neighbours(gains, at, keyframes, shot) for shot in ground.shots for at in shot if at in gains
    }
    for among in ((), range(1, 22, 3)):
        worth = [gain for at, gain in mixed.items() if not among or at in among]
        frame = next_best(ground, sorted(keyframes), among)
        if frame is None:
            assert max(worth, default=0) <= 1e-4
        else:
            assert not among or frame in among
            assert mixed[frame] == pytest.approx(max(worth), abs=1e-4)


def with_neighbours(gains, at, keyframes, shot):
    """A frame's gain and those near it, where there may be a keyframe and none lies between."""
    stretch = [
        item
        for item in shot
        if item in gains and not any(min(item, at) < key < max(item, at) for key in keyframes)
    ]
    shares = {item: 4 - abs(item - at) for item in stretch if abs(item - at) < 4}
    return sum(share * gains[item] for item, share in shares.items()) / sum(shares.values())


def test_one_keyframe_of_an_even_shot_lies_in_the_middle_and_two_lie_apart():
    ground = even_ground(31)
    assert place(ground, [], 1, 6) == [15]
    first, second = place(ground, [], 2, 6)
    assert first + second == pytest.approx(30, abs=1)
    assert 10 <= second - first <= 20


@settings(deadline=None)
@given(seeds, st.integers(0, 6), st.lists(st.integers(1, 21), max_size=2))
def test_placing_is_deterministic_and_keeps_to_its_room(seed, budget, cuts):
    ground = random_ground(seed, cuts=cuts)
    placed = place(ground, [], budget, 6)
    assert placed == place(random_ground(seed, cuts=cuts), [], budget, 6)
    assert len(placed) <= budget


def test_the_second_goes_to_the_shot_where_it_is_worth_more():
    placed = place(even_ground(160, cuts=(40,)), [], 3, 6)
    assert sum(frame < 40 for frame in placed) == 1


def test_without_room_named_only_what_is_worth_it_is_placed():
    assert len(place(even_ground(12), [], None, 6)) == 1
    assert 8 < len(place(even_ground(600), [], None, 6)) < 60
    assert len(place(even_ground(600), [], None, 20)) < len(place(even_ground(600), [], None, 6))


def test_a_contribution_counts_the_frames_that_gain_trust():
    ground = even_ground(60, cuts=(20,))
    alone = contribution(ground, 10, [10, 40])
    assert alone.is_alone
    assert alone.covered == 20
    near, far = (contribution(ground, at, [24, at]) for at in (28, 50))
    assert not far.is_alone
    assert far.gain > near.gain > 0
    assert far.raised > near.raised > 0
    assert far.covered >= far.rescued
    assert 0 < far.gain < 40 * PLACED.full_rise
