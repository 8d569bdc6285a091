"""Frame ranges as artists write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sparkvsr_nuke.frame_text import BadFrames, format_frames, parse_frames, parse_range, runs


@pytest.mark.parametrize(
    ("text", "frames"),
    [
        ("", ()),
        ("1001", (1001,)),
        ("1001-1004", (1001, 1002, 1003, 1004)),
        ("1001-1010x3", (1001, 1004, 1007, 1010)),
        ("1020 1001,1003", (1001, 1003, 1020)),
        ("-5--3", (-5, -4, -3)),
        ("1-3 2-4", (1, 2, 3, 4)),
    ],
)
def test_texts_are_read(text: str, frames: tuple[int, ...]):
    assert parse_frames(text) == frames


@pytest.mark.parametrize("text", ["a", "1-", "10-1", "1-5x0", "1..5", "1-2-3", "1-99999999"])
def test_what_is_no_range_is_refused_with_the_part_named(text: str):
    with pytest.raises(BadFrames, match=text[:3].replace(".", r"\.")):
        parse_frames(text)


@given(st.sets(st.integers(-50, 2000), max_size=60))
def test_a_text_written_is_read_again(frames: set[int]):
    assert set(parse_frames(format_frames(frames))) == frames


def test_runs_are_written_short():
    assert format_frames([1, 2, 3, 7, 9, 10]) == "1-3 7 9 10"
    assert runs([1, 2, 5]) == [(1, 2), (5, 5)]


def test_one_range_is_asked_for():
    assert parse_range("1001-1048") == (1001, 1048)
    with pytest.raises(BadFrames, match="gaps"):
        parse_range("1001-1010 1020")
    with pytest.raises(BadFrames, match="empty"):
        parse_range(" ")
