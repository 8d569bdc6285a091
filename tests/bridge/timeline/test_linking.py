"""Media of clips that name none: one candidate by name and timecode, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.timelines import S, cut_of, plan_of, tr

HOUR = "01:00:00:00"


def clip(name, reel="", start=86410, count=5):
    return S.Clip(name, S.MissingReference(), tr(start, count), metadata={"cmx_3600": {"reel": reel}})


def linked(root, shelf):
    plan = plan_of(root, shelf, media=str(shelf.folder), handles=0)
    return [(Path(shot.medium.path).name, shot.first, shot.last) for shot in plan.shots], plan.skipped


def test_a_clip_is_linked_by_its_name_then_by_its_reel(shelf):
    shelf.movie("day1/take_1.mov", timecode=HOUR)
    shelf.movie("day1/A001.mov", timecode=HOUR)
    shelf.sequence("plates/sh010.%04d.exr", range(1001, 1101), timecode=HOUR)
    root = cut_of(clip("take_1"), clip("no such", "A001"), clip("SH010"))
    assert linked(root, shelf)[0] == [
        ("take_1.mov", 10, 14),
        ("A001.mov", 10, 14),
        ("sh010.%04d.exr", 1011, 1015),
    ]


def test_of_media_of_one_name_the_one_with_the_timecode_is_linked(shelf):
    shelf.movie("day1/take.mov", timecode=HOUR)
    shelf.movie("day2/take.mov", timecode="02:00:00:00")
    result, skipped = linked(cut_of(clip("take")), shelf)
    assert (result, skipped) == ([("take.mov", 10, 14)], ())


def test_two_candidates_are_refused_with_their_names(shelf):
    for day in ("day1", "day2"):
        shelf.movie(f"{day}/take.mov", timecode=HOUR)
    result, skipped = linked(cut_of(clip("take")), shelf)
    assert result == []
    assert str(Path("day1/take.mov")) in skipped[0].reason
    assert str(Path("day2/take.mov")) in skipped[0].reason


@pytest.mark.parametrize("timecode", [HOUR, None])
def test_timecode_alone_or_a_name_alone_links_nothing(shelf, timecode):
    shelf.movie("neighbour.mov", timecode=HOUR)
    shelf.movie("take.mov", timecode=None if timecode is None else "05:00:00:00")
    result, skipped = linked(cut_of(clip("take")), shelf)
    assert result == []
    assert "timecode" in skipped[0].reason


def test_a_name_that_only_starts_alike_is_another(shelf):
    shelf.movie("ZZ100_501A.mov", timecode=HOUR)
    shelf.movie("sh010.mov", timecode=HOUR)
    assert linked(cut_of(clip("ZZ100_501", "ZZ100_50"), clip("sh010.v2")), shelf)[0] == []


def test_548_events_look_at_each_medium_once(shelf, pytestconfig):
    for number in range(137):
        shelf.movie(f"m/take_{number}.mov", 2000, timecode=HOUR)
    root = cut_of(*(clip(f"take_{event % 137}", start=86400 + event) for event in range(548)))
    plan = plan_of(root, shelf, media=str(shelf.folder / "m"))
    assert plan.skipped == ()
    assert sum(len(shot.uses) for shot in plan.shots) == 548
    assert len(shelf.looks) == 137
    assert set(shelf.looks.values()) == {1}
