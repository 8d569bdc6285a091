"""Which frame a strip shows when: whole numbers, any trims."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_bridge.hosts.timing import StripTiming, placement_of


@st.composite
def timings(draw):
    content_start, frames = draw(st.integers(-500, 5000)), draw(st.integers(1, 300))
    left = draw(st.integers(content_start - 50, content_start + frames - 1))
    right = draw(st.integers(left + 1, content_start + frames + 50))
    return StripTiming(content_start, frames, left, right, draw(st.integers(0, 40)))


@given(timings(), st.integers(-10, 400))
def test_a_visible_frame_shows_content_that_is_there(timing: StripTiming, offset: int):
    content = timing.content_at(timing.left + offset)
    assert timing.skipped <= content < timing.skipped + timing.content_frames


@given(timings(), st.integers(0, 300))
def test_timeline_and_content_are_inverses_inside_the_content(timing: StripTiming, offset: int):
    frame = timing.content_start + offset % timing.content_frames
    assert timing.timeline_of(timing.content_at(frame)) == frame


@given(timings())
def test_the_result_covers_what_its_source_covers_frame_for_frame(timing: StripTiming):
    placed = placement_of(timing)
    result = StripTiming(placed.start, placed.frames, placed.left, placed.right)
    first, _ = timing.shown_content()
    assert (result.left, result.right) == (timing.left, timing.right)
    for frame in range(timing.left, timing.right):
        assert result.content_at(frame) + first == timing.content_at(frame)
