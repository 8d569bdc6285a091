"""Keyframe policies."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sparkvsr_bridge.errors import InvalidSettings, KeyframeRejected
from sparkvsr_bridge.settings import KEYFRAME_POLICIES
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.keyframe_choice.keyframes import SHORTEST_SHOT, choose_keyframes, suggest_next
from sparkvsr_engine.core.keyframe_choice.propagation_stats import PropagationStats
from sparkvsr_engine.core.keyframe_choice.signals import FrameSignals
from sparkvsr_engine.core.shots import shot_of, shots_of

FRAMES = 150
SPAN = FrameSpan(3, 3 + FRAMES)
frames_inside = st.integers(SPAN.start, SPAN.stop - 1)


def carrying(span, brought):
    """Propagation in which brought(frame, keyframe), 0..1, is what a keyframe brings."""
    even = PropagationStats.even(span)
    lacking = [[round(255 * (1 - brought(t, k)))] for t, k in even.pairs.tolist()]
    return PropagationStats(
        even.frames, even.detail, even.near, even.pairs, np.array(lacking, np.uint8).reshape(-1, 1)
    )


@st.composite
def ranges(draw):
    """Shots and signals of a range."""
    shots = shots_of(SPAN, draw(st.lists(frames_inside, max_size=5)))
    even = PropagationStats.even(SPAN)
    generator = np.random.default_rng(draw(st.integers(0, 99)))
    lacking = generator.integers(draw(st.sampled_from([0, 128, 255])), 256, even.lacking.shape)
    propagation = PropagationStats(even.frames, even.detail, even.near, even.pairs, lacking.astype(np.uint8))
    sharpness = draw(arrays.arrays(np.float64, FRAMES, elements=st.floats(0, 900)))
    iframes = tuple(sorted({SPAN.start, *draw(st.lists(frames_inside, max_size=20))}))
    return shots, FrameSignals(SPAN, sharpness, propagation, iframes)


def steady(shots, **changes):
    """Signals in which frames differ by the arguments alone."""
    span = FrameSpan(shots[0].start, shots[-1].stop)
    return replace(FrameSignals.unmeasured(span), **changes)


def frames_of(choices):
    return [choice.frame for choice in choices]


def choosing_policies():
    return st.sampled_from([policy for policy in KEYFRAME_POLICIES if policy not in ("none", "manual")])


@settings(max_examples=150)
@given(
    ranges(), choosing_policies(), st.integers(0, 12), st.lists(frames_inside, max_size=3), st.integers(1, 9)
)
def test_every_policy_keeps_to_range_budget_distance_and_named_frames(
    footage, policy, budget, manual, spacing
):
    shots, signals = footage
    choices = choose_keyframes(policy, budget, shots, signals, manual, spacing=spacing)
    frames = frames_of(choices)
    assert frames == sorted(set(frames))
    assert set(manual) <= set(frames)
    assert budget == 0 or len(frames) <= max(budget, len(set(manual)))
    assert all(frame in SPAN for frame in frames)
    for shot in shots:
        own_values = [frame for frame in frames if frame in shot]
        assert all(b - a >= spacing or {a, b} <= set(manual) for a, b in pairwise(own_values))
    assert all(choice.reason for choice in choices)
    assert all(choice.gain >= 0 for choice in choices)


@given(ranges(), choosing_policies(), st.integers(0, 12), st.integers(0, 3))
def test_the_same_input_gives_the_same_answer(footage, policy, budget, seed):
    first = choose_keyframes(policy, budget, *footage, seed=seed)
    assert first == choose_keyframes(policy, budget, *footage, seed=seed)


@given(
    ranges(),
    st.sampled_from(["adaptive", "uniform", "random", "shot"]),
    st.integers(0, 12),
    st.lists(frames_inside, max_size=2),
)
def test_every_long_shot_gets_its_own_before_another_gets_a_second(footage, policy, budget, manual):
    shots, signals = footage
    frames = frames_of(choose_keyframes(policy, budget, shots, signals, manual))
    added = [frame for frame in frames if frame not in manual]
    bare = [s for s in shots if len(s) >= SHORTEST_SHOT and not any(f in s for f in frames)]
    if bare:
        firsts = [shot_of(frame, shots) for frame in added]
        assert len(firsts) == len(set(firsts))
        assert budget > 0
        assert all(len(shot) >= max(map(len, bare)) for shot in firsts)


@given(ranges(), st.integers(1, 12))
def test_a_larger_budget_is_never_used_worse(footage, budget):
    shots, signals = footage
    fewer = choose_keyframes("adaptive", budget, shots, signals)
    more = choose_keyframes("adaptive", budget + 1, shots, signals)
    assert len(more) >= len(fewer)


def test_manual_names_all_and_only_what_the_artist_named():
    shots = [FrameSpan(0, 100)]
    choices = choose_keyframes("manual", 0, shots, steady(shots), [70, 10, 70])
    assert frames_of(choices) == [10, 70]
    assert {choice.reason for choice in choices} == {"named by the artist"}


def test_none_chooses_nothing_and_contradicts_named_frames():
    shots = [FrameSpan(0, 100)]
    assert choose_keyframes("none", 5, shots, steady(shots)) == ()
    with pytest.raises(InvalidSettings, match="contradicts the keyframe 10"):
        choose_keyframes("none", 0, shots, steady(shots), [10])


def test_a_named_frame_outside_the_range_is_refused_with_its_number():
    shots = [FrameSpan(0, 100)]
    with pytest.raises(KeyframeRejected, match="keyframe 100 lies outside the frames 0-99"):
        choose_keyframes("manual", 0, shots, steady(shots), [5, 100])


def test_an_unknown_policy_is_refused():
    shots = [FrameSpan(0, 100)]
    with pytest.raises(InvalidSettings, match="no keyframe policy best"):
        choose_keyframes("best", 0, shots, steady(shots))


def test_every_policy_of_the_bridge_is_known():
    shots = [FrameSpan(0, 100)]
    signals = steady(shots, iframes=(0, 50))
    for policy in KEYFRAME_POLICIES:
        choose_keyframes(policy, 2, shots, signals)


def test_iframes_come_from_the_source_and_a_source_without_any_is_refused():
    shots = shots_of(FrameSpan(0, 100), [40])
    choices = choose_keyframes("iframe", 0, shots, steady(shots, iframes=(0, 12, 40, 52, 64)))
    assert frames_of(choices) == [0, 12, 40, 52, 64]
    assert len(choose_keyframes("iframe", 2, shots, steady(shots, iframes=(0, 12, 40, 52, 64)))) == 2
    with pytest.raises(InvalidSettings, match="no I-frames"):
        choose_keyframes("iframe", 0, shots, steady(shots))


def test_shot_takes_the_first_frame_of_each_shot():
    shots = shots_of(FrameSpan(0, 100), [40, 42])
    assert frames_of(choose_keyframes("shot", 0, shots, steady(shots))) == [0, 42]
    assert frames_of(choose_keyframes("shot", 1, shots, steady(shots))) == [42]


def test_shot_passes_over_a_fade_in_that_is_still_dark():
    shots = [FrameSpan(0, 60)]
    sharpness = np.ones(60)
    sharpness[:5] = np.linspace(0, 0.4, 5)
    (choice,) = choose_keyframes("shot", 0, shots, steady(shots, sharpness=sharpness))
    assert choice.frame == 5
    assert choice.reason == "first sharp frame of its shot, 5 after its start"


def test_random_depends_on_its_seed():
    shots = [FrameSpan(0, 400)]
    result = {
        tuple(frames_of(choose_keyframes("random", 4, shots, steady(shots), seed=seed))) for seed in range(6)
    }
    assert len(result) > 3


def test_adaptive_prefers_a_frame_that_carries_far_and_gives_it_as_reason():
    shots = [FrameSpan(0, 31)]
    sharpness = np.full(31, 10.0)
    sharpness[9] = 100.0
    propagation = carrying(shots[0], lambda _, keyframe: 0.9 if keyframe == 9 else 0.2)
    signals = steady(shots, sharpness=sharpness, propagation=propagation)
    (choice,) = choose_keyframes("adaptive", 1, shots, signals)
    assert choice.frame == 9
    assert choice.reason == "the only keyframe of its shot of 31 frames; sharpest of its neighbourhood"


def test_adaptive_names_what_a_keyframe_covers():
    shots = [FrameSpan(0, 30)]
    # Another picture from frame 20 on without a reported cut.
    propagation = carrying(shots[0], lambda frame, keyframe: 0.95 if (frame < 20) == (keyframe < 20) else 0.0)
    first, second = choose_keyframes("adaptive", 2, shots, steady(shots, propagation=propagation))
    assert first.frame < 20 <= second.frame
    assert second.reason == "covers 10 frames the others reach with trust below 0.5"
    assert second.gain > 4


def test_adaptive_adds_keyframes_where_they_carry_less_far():
    shots = [FrameSpan(0, 120)]
    propagation = carrying(
        shots[0], lambda frame, keyframe: np.exp(-abs(frame - keyframe) / (200 if frame < 60 else 10))
    )
    frames = frames_of(choose_keyframes("adaptive", 6, shots, steady(shots, propagation=propagation)))
    assert sum(frame >= 60 for frame in frames) > sum(frame < 60 for frame in frames)


def test_adaptive_counts_on_what_the_artist_named():
    shots = [FrameSpan(0, 101)]
    frames = frames_of(choose_keyframes("adaptive", 2, shots, steady(shots), [10]))
    assert frames[0] == 10
    assert frames[1] > 40


def test_a_suggestion_goes_where_keyframes_help_most():
    shots = shots_of(FrameSpan(0, 200), [100])
    choice = suggest_next(shots, steady(shots), [50])
    assert 120 <= choice.frame < 180
    assert choice.reason == "the only keyframe of its shot of 100 frames"
    assert choice.gain > 1


def test_a_suggestion_is_one_of_the_frames_there_are_pictures_of():
    shots = shots_of(FrameSpan(0, 200), [100])
    choice = suggest_next(shots, steady(shots), [50], among=[20, 52, 110, 140])
    assert choice.frame == 140
    # On a coarse grid a frame is as good as its place; the one nearest to that is taken.
    assert suggest_next(shots, steady(shots), [50], among=[139, 140, 141]).frame == 140
    assert suggest_next(shots, steady(shots), [50], among=[141]).frame == 141
    # Next to a keyframe there is no room for another.
    assert suggest_next(shots, steady(shots), [50], among=[49, 52]) is None
    with pytest.raises(KeyframeRejected, match="outside the frames 0-199"):
        suggest_next(shots, steady(shots), [50], among=[140, 300])


def test_nothing_is_suggested_where_nothing_would_help():
    shots = [FrameSpan(0, 6)]
    assert suggest_next(shots, steady(shots), [2]) is None
    assert suggest_next([FrameSpan(0, 3)], steady([FrameSpan(0, 3)]), []) is None
    flat = [FrameSpan(0, 30)]
    nothing = steady(flat, propagation=carrying(flat[0], lambda *_: 0.0))
    assert suggest_next(flat, nothing, [15]) is None
