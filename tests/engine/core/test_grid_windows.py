"""Windows of 8n+1 frames."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkvsr_engine.core.blending import fade_weights
from sparkvsr_engine.core.dependency import carried_from
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.grid_windows import (
    GridLayout,
    SlotMap,
    chunks_of,
    keyframe_slots,
    plan_windows,
    run_length,
)

LAYOUTS = [GridLayout(9, 1), GridLayout(17, 9), GridLayout(33, 9), GridLayout(49, 1), GridLayout(49, 41)]


def shots():
    return st.builds(
        lambda start, length: FrameSpan(start, start + length), st.integers(-5, 90), st.integers(1, 200)
    )


@st.composite
def planned(draw):
    """A shot, keyframes (some outside it), a layout and the plan."""
    shot, layout = draw(shots()), draw(st.sampled_from(LAYOUTS))
    keyframes = draw(st.lists(st.integers(shot.start - 3, shot.stop + 3), max_size=5))
    slot_map = draw(st.sampled_from(SlotMap))
    return shot, keyframes, layout, slot_map, plan_windows(shot, keyframes, layout, slot_map)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_every_frame_is_owned_once_at_any_length(layout):
    for frames in range(1, 401):
        total = np.zeros(frames, np.float32)
        for window in plan_windows(FrameSpan(0, frames), [], layout):
            weights = fade_weights(len(window.span), window.fade_in, window.fade_out)
            total[window.span.start : window.span.stop] += weights
        np.testing.assert_allclose(total, 1, rtol=0, atol=1e-6)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_windows_lie_on_the_grid_of_their_shot_at_any_length(layout):
    for frames in range(1, 401):
        shot = FrameSpan(7, 7 + frames)
        windows = plan_windows(shot, [], layout)
        assert all((window.context.start - shot.start) % 8 == 0 for window in windows)
        assert all(run_length(window, layout) % 8 == 1 for window in windows)
        assert all(run_length(window, layout) - len(window.context) < 8 for window in windows)
        assert all(run_length(window, layout) <= layout.length for window in windows)
        assert windows[-1].context.stop == shot.stop


@given(planned())
def test_nothing_outside_the_shot_is_read_or_looked_at(plan):
    shot, keyframes, _, _, windows = plan
    for window in windows:
        assert window.context.intersection(shot) == window.context
        assert set(window.keyframes) <= {frame for frame in keyframes if frame in window.context}
        assert list(window.keyframes) == sorted(set(window.keyframes))


@given(planned())
def test_no_window_is_blind_where_the_shot_has_a_keyframe(plan):
    shot, keyframes, _, _, windows = plan
    if any(frame in shot for frame in keyframes):
        assert all(window.keyframes or window.carries is not None for window in windows)
    else:
        assert all(window.carries is None for window in windows)


@given(planned())
def test_the_first_slot_is_filled_from_the_first_keyframe_on(plan):
    _, keyframes, _, slot_map, windows = plan
    anchored = [bool(window.keyframes) for window in windows]
    first = anchored.index(True) if True in anchored else len(windows)
    for window in windows[first + 1 :]:
        slots = keyframe_slots(window.context, keyframes, slot_map)
        assert (window.carries is None) == (0 in slots)
        assert window.carries in (None, window.context.first)
    assert all(window.carries == window.context.last for window in windows[:first] if True in anchored)


@given(planned())
def test_carried_frames_come_from_a_neighbour_that_restores_them(plan):
    _, _, layout, _, windows = plan
    for index, window in enumerate(windows):
        source = carried_from(windows, index)
        if source is not None:
            assert abs(source - index) == 1
            assert window.carries in windows[source].context
            assert run_length(window, layout) == len(window.context) or window.carries == window.context.first


@given(planned())
def test_chunks_hold_every_frame_once_with_the_windows_it_needs(plan):
    shot, _, _, _, windows = plan
    chunks = chunks_of(windows)
    assert [frame for chunk in chunks for frame in chunk.span] == list(shot)
    for chunk in chunks:
        for frame in chunk.span:
            assert [w for w in windows if frame in w.span] == [w for w in chunk.windows if frame in w.span]


@given(planned(), st.data())
def test_a_part_of_a_shot_gets_the_same_windows_as_in_the_whole(plan, data):
    shot, _, _, _, windows = plan
    start = data.draw(st.integers(shot.start, shot.stop - 1))
    expected = FrameSpan(start, data.draw(st.integers(start + 1, shot.stop)))
    chunks = chunks_of(windows, expected)
    assert [frame for chunk in chunks for frame in chunk.span] == list(expected)
    for chunk in chunks:
        for frame in chunk.span:
            assert [w for w in windows if frame in w.span] == [w for w in chunk.windows if frame in w.span]


@settings(max_examples=30)
@given(planned())
def test_spans_do_not_move_with_the_keyframes(plan):
    shot, _, layout, slot_map, windows = plan
    bare = plan_windows(shot, [], layout, slot_map)
    assert [(w.span, w.context) for w in windows] == [(w.span, w.context) for w in bare]


@pytest.mark.parametrize(
    ("local", "causal", "trained"),
    [(0, 0, 0), (1, 1, 0), (3, 1, 0), (4, 1, 1), (5, 2, 1), (31, 8, 7), (32, 8, 8)],
)
def test_slot_maps_are_those_measured(local, causal, trained):
    assert SlotMap.CAUSAL.slot(local) == causal
    assert SlotMap.TRAINED.slot(local) == trained


@given(st.integers(0, 400))
def test_slot_maps_agree_on_multiples_of_four_alone(local):
    assert (SlotMap.CAUSAL.slot(local) == SlotMap.TRAINED.slot(local)) == (local % 4 == 0)


@given(st.integers(0, 8))
def test_every_keyframe_of_a_window_has_a_slot_that_exists(grid_steps):
    context = FrameSpan(0, 8 * grid_steps + 1)
    for slot_map in SlotMap:
        slots = keyframe_slots(context, list(context), slot_map)
        assert max(slots) == 2 * grid_steps
        assert all(frame == 4 * slot for slot, frame in slots.items())


def test_a_keyframe_past_the_end_of_a_window_has_no_slot_in_it():
    assert keyframe_slots(FrameSpan(0, 33), [33, 35], SlotMap.TRAINED) == {}


def test_of_two_keyframes_in_one_slot_the_better_placed_is_kept():
    assert keyframe_slots(FrameSpan(0, 33), [8, 10], SlotMap.TRAINED) == {2: 8}
    assert keyframe_slots(FrameSpan(0, 33), [6, 7], SlotMap.CAUSAL) == {2: 7}


@pytest.mark.parametrize(("length", "overlap"), [(32, 9), (33, 8), (9, 9), (17, 25)])
def test_layouts_off_the_grid_are_refused(length, overlap):
    with pytest.raises(ValueError, match="8n"):
        GridLayout(length, overlap)


def test_a_long_clip_of_the_published_model():
    windows = plan_windows(FrameSpan(0, 193), [0, 96, 192])
    assert [w.context.start for w in windows] == [0, 24, 48, 72, 96, 120, 144, 160]
    assert [w.carries for w in windows] == [None, 24, 48, 72, None, 120, 144, 160]
