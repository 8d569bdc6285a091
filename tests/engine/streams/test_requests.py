"""What people type for rates and keyframes, and the tag of a stream."""

from __future__ import annotations

import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.movies.small_streams.tag import StreamTag, tag_of
from sparkvsr_engine.streams.placing import moved_to_cuts, segment_spans
from sparkvsr_engine.streams.requests import KeyframePlacement, parse_placement, parse_rate


@pytest.mark.parametrize(("text", "rate"), [("400k", 400_000), ("1.5M", 1_500_000), ("96000", 96_000)])
def test_rates(text, rate):
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "fast", "-4k", "4 k", "4G"])
def test_what_is_no_rate(text):
    with pytest.raises(InvalidSettings, match="is no rate"):
        parse_rate(text)


@pytest.mark.parametrize(
    ("text", "placement"),
    [
        ("auto", KeyframePlacement("adaptive")),
        ("auto:5", KeyframePlacement("adaptive", 5)),
        ("48, 0,0".replace(" ", ""), KeyframePlacement("manual", frames=(0, 48))),
        ("every:24", KeyframePlacement("manual", every=24)),
        ("every 24", KeyframePlacement("manual", every=24)),
        ("uniform:3", KeyframePlacement("uniform", 3)),
        ("none", KeyframePlacement("none")),
    ],
)
def test_placements(text, placement):
    assert parse_placement(text) == placement


@pytest.mark.parametrize("text", ["", "every", "every:0", "manual", "often", "uniform:x", "1;2"])
def test_what_is_no_placement(text):
    with pytest.raises(InvalidSettings):
        parse_placement(text)


def test_a_tag_is_read_back_and_later_ones_are_left_alone():
    tag = StreamTag(1920, 1080, ((0, 0xDEADBEEF), (48, 7)), start=3, maker="1.2")
    assert StreamTag.parse(tag.text) == tag
    assert StreamTag.parse(f"{tag.text} mood=calm") == tag
    assert tag_of({"sparkvsr_stream": tag.text}) == tag
    assert StreamTag.parse(tag.text.replace("1 ", "2 ", 1)) is None
    assert StreamTag.parse("1 size=0x4") is None
    assert tag_of({"title": "1 size=4x4"}) is None


def test_keyframes_just_behind_a_cut_are_put_on_it():
    shots = [FrameSpan(0, 40), FrameSpan(40, 90)]
    assert moved_to_cuts([2, 20, 43, 60], shots) == (0, 20, 40, 60)


def test_segments_begin_at_cuts_and_none_is_long():
    shots = [FrameSpan(0, 20), FrameSpan(20, 70), FrameSpan(70, 1000)]
    spans = segment_spans(FrameSpan(0, 1000), shots)
    assert [span.start for span in spans][:3] == [0, 70, 310]
    assert (spans[0].start, spans[-1].stop) == (0, 1000)
    assert all(len(span) <= 288 for span in spans)
