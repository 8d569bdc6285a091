"""Shots from cuts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.shots import shot_of, shots_of

SPAN = FrameSpan(10, 60)


@given(st.lists(st.integers(0, 80)))
def test_shots_cover_the_range_once_and_start_at_the_cuts(cuts):
    shots = shots_of(SPAN, cuts)
    assert [frame for shot in shots for frame in shot] == list(SPAN)
    assert {shot.start for shot in shots} == {SPAN.start, *(cut for cut in cuts if cut in SPAN)}


@given(st.lists(st.integers(0, 80)), st.integers(10, 59))
def test_every_frame_lies_in_its_shot(cuts, frame):
    assert frame in shot_of(frame, shots_of(SPAN, cuts))


@pytest.mark.parametrize("frame", [9, 60, -1])
def test_a_frame_of_no_shot_is_refused(frame):
    with pytest.raises(ValueError, match=f"frame {frame} lies in no shot"):
        shot_of(frame, shots_of(SPAN, [20]))
