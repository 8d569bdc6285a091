"""What depends on which keyframe, against brute force."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.core.dependency import (
    carried_from,
    chunk_boundaries,
    keyframes_behind,
    neighbours,
    prediction_order,
)
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.grid_windows import GridLayout, plan_windows
from sparkvsr_engine.core.windows import Window
from tests.fakes.dependency_rule import affected_windows

SHOT = FrameSpan(10, 50)
digests = st.dictionaries(st.integers(0, 60), st.sampled_from("abc"), max_size=8)


def nearest_by_search(frame, keyframes, shot):
    """The set a frame depends on, by the rule's own words."""
    inside = [keyframe for keyframe in keyframes if keyframe in shot]
    if frame in inside:
        return {frame}
    before = [keyframe for keyframe in inside if keyframe < frame]
    after = [keyframe for keyframe in inside if keyframe > frame]
    return {*before[-1:], *after[:1]}


def state_of(frame, keyframes, shot):
    """All that decides a frame's pixels, apart from the source."""
    return {(k, keyframes[k]) for k in nearest_by_search(frame, sorted(keyframes), shot)}


@given(digests, st.integers(10, 49))
def test_neighbours_are_the_nearest_on_either_side_inside_the_shot(keyframes, frame):
    result = neighbours(frame, sorted(keyframes), SHOT)
    assert {k for k in result if k is not None} == nearest_by_search(frame, sorted(keyframes), SHOT)


def test_a_keyframes_own_frame_depends_on_it_alone():
    assert neighbours(20, [15, 20, 25], SHOT) == (20, None)
    assert neighbours(21, [15, 20, 25], SHOT) == (20, 25)
    assert neighbours(12, [5, 15], SHOT) == (None, 15)
    assert neighbours(49, [15, 50], SHOT) == (15, None)


@given(st.lists(st.integers(0, 60), max_size=8), st.integers(1, 20))
def test_chunks_cover_the_shot_once_in_order(keyframes, target):
    chunks = chunk_boundaries(SHOT, keyframes, target)
    assert [frame for chunk in chunks for frame in chunk] == list(SHOT)
    assert all(len(chunk) <= target for chunk in chunks)
    assert all(FrameSpan(k, k + 1) in chunks for k in keyframes if k in SHOT)


@given(digests, st.integers(10, 49), st.integers(1, 20))
def test_every_single_edit_affects_whole_chunks_before_and_after(keyframes, frame, target):
    for edited in ({**keyframes, frame: "x"}, {k: d for k, d in keyframes.items() if k != frame}):
        affected = {f for f in SHOT if state_of(f, keyframes, SHOT) != state_of(f, edited, SHOT)}
        for chunk in chunk_boundaries(SHOT, list(edited), target):
            if affected & set(chunk) != set(chunk):
                assert not affected & set(chunk)
                assert chunk in chunk_boundaries(SHOT, list(keyframes), target)


@given(st.lists(st.integers(0, 60), max_size=8), st.integers(1, 20), st.integers(10, 49), st.integers(10, 49))
def test_a_part_of_a_shot_keeps_the_borders_of_the_whole(keyframes, target, first, second):
    expected = FrameSpan(min(first, second), max(first, second) + 1)
    whole = chunk_boundaries(SHOT, keyframes, target)
    part = chunk_boundaries(SHOT, keyframes, target, expected)
    assert [frame for chunk in part for frame in chunk] == list(expected)
    assert {chunk.start for chunk in part} <= {chunk.start for chunk in whole} | {expected.start}


def test_stretches_are_cut_evenly():
    assert chunk_boundaries(FrameSpan(0, 26), [0], 12) == [
        FrameSpan(0, 1),
        FrameSpan(1, 9),
        FrameSpan(9, 17),
        FrameSpan(17, 26),
    ]


def test_pieces_of_no_frames_are_refused():
    with pytest.raises(ValueError, match="0 frames"):
        chunk_boundaries(SHOT, [], 0)


LAYOUT = GridLayout(length=17, overlap=9)
LONG = FrameSpan(3, 120)
long_digests = st.dictionaries(st.integers(0, 130), st.sampled_from("ab"), max_size=4)


@given(long_digests)
def test_windows_are_ordered_so_that_carried_frames_exist(keyframes):
    windows = plan_windows(LONG, list(keyframes), LAYOUT)
    order = prediction_order(windows)
    assert sorted(order) == list(range(len(windows)))
    for index in order:
        source = carried_from(windows, index)
        assert source is None or order.index(source) < order.index(index)
        assert source is None or windows[index].carries in windows[source].context


@given(long_digests)
def test_no_window_depends_on_less_than_it_looks_at(keyframes):
    windows = plan_windows(LONG, list(keyframes), LAYOUT)
    for window, behind in zip(windows, keyframes_behind(windows), strict=True):
        assert set(window.keyframes) <= set(behind) <= set(keyframes)


def test_the_chain_ends_at_a_window_with_a_keyframe_in_its_first_slot():
    old = {0: "a", 48: "a"}
    windows = plan_windows(FrameSpan(0, 129), list(old), GridLayout(33, 9))
    assert affected_windows(windows, old, {**old, 0: "b"}) == [0, 1]
    assert windows[2].carries is None
    assert affected_windows(windows, old, {**old, 48: "b"}) == [1, 2, 3, 4]


def test_windows_without_carried_frames_are_predicted_in_order():
    windows = [Window(FrameSpan(0, 9), FrameSpan(0, 9)), Window(FrameSpan(9, 18), FrameSpan(9, 18))]
    assert prediction_order(windows) == [0, 1]
    assert carried_from(windows, 1) is None
