"""Which file frame a Read shows: frame modes and what lies outside the range, as Foundry documents them."""

from __future__ import annotations

import pytest
from sparkvsr_nuke.footage.frame_mapping import ReadTiming, UnclearMapping


@pytest.mark.parametrize(
    ("mode", "value", "frame", "number"),
    [
        ("expression", "", 1005, 1005),
        ("expression", "frame+499", 1, 500),
        ("expression", "frame*1.0", 7, 7),
        ("expression", "clamp(frame, 1001, 1010)", 2000, 1010),
        ("offset", "-499", 1, 500),
        ("offset", "1000", 2001, 1001),
        ("start at", "1", 1, 500),
        ("start at", "100", 100, 500),
    ],
)
def test_frame_modes(mode: str, value: str, frame: int, number: int):
    timing = ReadTiming(500, 600, mode, value) if number == 500 else ReadTiming(0, 5000, mode, value)
    assert timing.file_frame(frame) == number


@pytest.mark.parametrize(
    ("way", "below", "above"),
    [("hold", 10, 12), ("loop", 12, 10), ("bounce", 11, 11), ("black", None, None)],
)
def test_outside_the_range(way: str, below: int | None, above: int | None):
    timing = ReadTiming(10, 12, before=way, after=way)
    assert (timing.file_frame(9), timing.file_frame(13)) == (below, above)


def test_a_bounce_goes_back_and_forth():
    timing = ReadTiming(10, 12, after="bounce")
    assert [timing.file_frame(frame) for frame in range(10, 19)] == [10, 11, 12, 11, 10, 11, 12, 11, 10]


def test_a_range_of_one_frame_shows_it_everywhere():
    for way in ("hold", "loop", "bounce"):
        timing = ReadTiming(7, 7, before=way, after=way)
        assert {timing.file_frame(frame) for frame in (-3, 7, 20)} == {7}


@pytest.mark.parametrize(
    "text", ["frame/2", "[value x]", "frame.x", "__import__('os')", "curve", "1e400", "frame**2"]
)
def test_what_is_no_plain_arithmetic_is_not_guessed(text: str):
    with pytest.raises(UnclearMapping):
        ReadTiming(1, 100, "expression", text).file_frame(3)


@pytest.mark.parametrize("timing", [
    ReadTiming(1001, 1010, "expression", "frame+500"),
    ReadTiming(1001, 1010, "offset", "-500", "loop", "bounce"),
    ReadTiming(1001, 1010, "start at", "3", "hold", "hold"),
    ReadTiming(1001, 1010),
])  # fmt: skip
def test_a_shifted_timing_shows_every_number_shifted(timing: ReadTiming):
    for frame in range(-20, 1100, 7):
        number = timing.file_frame(frame)
        assert timing.shifted(-1).file_frame(frame) == (None if number is None else number - 1)
