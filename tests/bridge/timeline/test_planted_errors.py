"""The check that no frame slips, and proof that it bites: one frame off, origin 0 and no handles fail it."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_bridge.timeline import planning
from sparkvsr_bridge.timeline.records import KEY
from sparkvsr_bridge.timeline.results import write_back
from sparkvsr_bridge.timeline.timing import exact_rate
from sparkvsr_bridge.timeline.uses import ranges
from tests.fakes.timelines import S, Shelf, clip_of, conformed, cut_of, rt, tr

HANDLES = 8


def frame_at(time, origin, first, rate):
    return first + math.floor((time - origin) * rate + Fraction(1, 10_000))


def slipped(clip, first, rate, dissolve=0):
    """Record frames of a clip whose result shows another frame than its source, or none; lacking handles.

    first: the source's frame at the origin of its own reference. Counts from the references alone.
    """
    references = clip.media_references()
    source, result = references["DEFAULT_MEDIA"], references[KEY]
    start, record = clip.source_range.start_time, exact_rate(clip.source_range.duration.rate)
    speed = Fraction(next((effect.time_scalar for effect in clip.effects), 1.0))
    count = round(clip.source_range.duration.value) + dissolve
    stored = range(result.start_frame, result.start_frame + round(result.available_range.duration.value))
    differences = []
    expected = []
    for k in range(count):
        time = Fraction(start.value) / exact_rate(start.rate) + speed * k / record
        frames = []
        for reference, at in ((source, first), (result, result.start_frame)):
            origin = reference.available_range.start_time
            frames.append(frame_at(time, Fraction(origin.value) / exact_rate(origin.rate), at, rate))
        expected.append(frames[0])
        if frames[0] != frames[1] or frames[1] not in stored:
            differences.append((k, *frames))
    if stored[0] > min(expected) - HANDLES or stored[-1] < max(expected) + HANDLES:
        differences.append(("handles", stored[0], stored[-1]))
    return differences


def check(shelf):
    """Every way of counting at once."""
    hour = shelf.movie("hour.mov", 200, timecode="01:00:00:00")
    film = shelf.movie("film.mov", 200, (24000, 1001))
    dissolve = S.Transition(transition_type="SMPTE_Dissolve", in_offset=rt(0), out_offset=rt(20))
    clips = [
        clip_of(shelf.movie("solo.mov", 200), tr(86450, 20), tr(86400, 200)),
        dissolve,
        clip_of(hour, tr(90100, 20, 25), tr(86400, 200)),
        clip_of(film, tr(86450, 20, 23.976024627685547), tr(86400, 200, 23.976)),
        clip_of(hour, tr(86450, 20), tr(86400, 200), effects=[S.LinearTimeWarp(time_scalar=2.0)]),
    ]
    report, out = conformed(cut_of(*clips), shelf, handles=HANDLES)
    assert report.is_whole
    a, b, c, d = out.find_clips()
    rates = [Fraction(24), Fraction(24), Fraction(24000, 1001), Fraction(24)]
    lengths = [20, 0, 0, 0]
    return [
        slip
        for clip, rate, more in zip((a, b, c, d), rates, lengths, strict=True)
        for slip in slipped(clip, 0, rate, more)
    ]


def test_nothing_slips(shelf):
    assert check(shelf) == []


def test_one_frame_off_is_seen(shelf, monkeypatch):
    honest = write_back.available_range

    def late(use, result):
        return honest(use, dataclasses.replace(result, first=result.first + 1, last=result.last + 1))

    monkeypatch.setattr(write_back, "available_range", late)
    assert check(shelf)


def test_an_origin_of_0_is_seen(shelf, monkeypatch):
    honest = planning.choose_counting

    def from_0(*arguments):
        return dataclasses.replace(honest(*arguments), origin=Fraction(86400, 24), first=24)

    monkeypatch.setattr(planning, "choose_counting", from_0)
    assert check(shelf)


def test_lacking_handles_are_seen(shelf, monkeypatch):
    monkeypatch.setattr(ranges, "_margin", lambda *_: 0)
    assert check(shelf)


def test_a_dissolve_that_is_forgotten_is_seen(shelf, monkeypatch):
    monkeypatch.setattr(
        "sparkvsr_bridge.timeline.uses.walking._dissolves", lambda *_: (Fraction(0), Fraction(0))
    )
    assert check(shelf)


@given(
    medium=st.sampled_from([24.0, 25.0, 23.976, 29.97, 48.0, 59.94]),
    record=st.sampled_from([24.0, 25.0, 23.976024627685547, 23.98, 29.97, 30.0, 50.0]),
    origin=st.integers(0, 200_000),
    offset=st.integers(30, 100),
    length=st.integers(1, 40),
    speed=st.sampled_from([1.0, 2.0, 0.5, 0.75]),
)
def test_no_frame_slips_at_any_rate_speed_and_origin(
    tmp_path_factory, medium, record, origin, offset, length, speed
):
    shelf = Shelf(tmp_path_factory.mktemp("m"))
    rate = exact_rate(medium)
    path = shelf.movie("a.mov", 1000, (rate.numerator, rate.denominator))
    seconds = Fraction(origin) / rate + Fraction(offset) / exact_rate(record)
    start = math.ceil(seconds * exact_rate(record))
    effects = [] if speed == 1 else [S.LinearTimeWarp(time_scalar=speed)]
    clip = clip_of(path, tr(start, length, record), tr(origin, 1000, medium), effects=effects)
    report, out = conformed(cut_of(clip), shelf, handles=0)
    assert report.is_whole
    slips = slipped(next(iter(out.find_clips())), 0, rate)
    assert [slip for slip in slips if slip[0] != "handles"] == []
