"""Markers become keyframes of the frames they mark, in every way that programs count them."""

from __future__ import annotations

import pytest

from tests.fakes.timelines import S, clip_of, cut_of, plan_of, rt, tr


def marker(name, start, rate=24, color="GREEN", length=0):
    return S.Marker(name, tr(start, length, rate), color)


def keyframes(root, shelf, **wishes):
    return [frame for shot in plan_of(root, shelf, **wishes).shots for frame in shot.keyframes]


def one_clip(shelf, *markers, start=60, speed=None, root_start=None, before=0):
    effects = [] if speed is None else [S.LinearTimeWarp(time_scalar=speed)]
    clip = clip_of(shelf.movie("a.mov", 200), tr(start, 20), tr(0, 200), effects=effects, markers=markers)
    gap = [S.Gap(source_range=tr(0, before))] if before else []
    return cut_of(*gap, clip, start=root_start)


@pytest.mark.parametrize(
    ("time", "frame"),
    [(60, 60), (79, 79), (0, 60), (19, 79), (86400 + 100 + 5, 65)],
)
def test_media_time_comes_first_then_the_clips_start_then_record_timecode(shelf, time, frame):
    root = one_clip(shelf, marker("KEY", time), root_start=rt(86400), before=100)
    assert keyframes(root, shelf) == [frame]


def test_a_marker_on_a_clip_retimed_by_resolve_counts_record_time(shelf):
    shelf.sequence("tif/output.%04d.tif", range(1001, 1100))
    reference = S.ImageSequenceReference("tif", "output.", ".tif", 1001, 1, 24, 4, available_range=tr(0, 99))
    clip = S.Clip("a", reference, tr(39, 11), metadata={"Resolve_OTIO": {}})
    clip.effects.append(S.LinearTimeWarp(time_scalar=2.0))
    clip.markers.append(marker("KEY", 24, length=1))
    plan = plan_of(clip, shelf, handles=0)
    assert [(shot.first, shot.last) for shot in plan.shots] == [(1040, 1061)]
    assert plan.shots[0].keyframes == (1050,)


def test_in_reverse_the_clips_start_is_the_end_of_its_range(shelf):
    assert keyframes(one_clip(shelf, marker("KEY", 0), speed=-1.0), shelf) == [79]
    assert keyframes(one_clip(shelf, marker("KEY", 60), speed=-1.0), shelf) == [60]


def test_media_of_another_rate_are_marked_in_seconds(shelf):
    clip = clip_of(
        shelf.movie("a.mov"), tr(90032, 44, 25), tr(86400, 100), markers=[marker("key", 90054, 25)]
    )
    assert keyframes(cut_of(clip), shelf) == [51]


@pytest.mark.parametrize(
    ("keys", "frames"),
    [(("KEY*",), [61, 62]), (("red",), [63]), (("key 2", "RED"), [62, 63]), (("*",), [61, 62, 63])],
)
def test_names_and_colours_choose(shelf, keys, frames):
    markers = [marker("Key", 61), marker("KEY 2", 62), marker("note", 63, color="RED")]
    assert keyframes(one_clip(shelf, *markers), shelf, keys=keys) == frames


def test_markers_without_a_keyframe_are_ignored_and_reported(shelf):
    plan = plan_of(one_clip(shelf, marker("KEY far", 5000), marker("note", 61), marker("tag", 0)), shelf)
    assert plan.shots[0].keyframes == ()
    assert any("'KEY far' on a" in note for note in plan.notes)
    assert any(note.startswith("2 markers are no keyframes") for note in plan.notes)


@pytest.mark.parametrize(("time", "frame"), [(105, 65), (86400 + 105, 65)])
@pytest.mark.parametrize("on", ["track", "stack"])
def test_markers_of_tracks_and_stacks_count_from_their_start_or_as_the_record(shelf, on, time, frame):
    root = one_clip(shelf, root_start=rt(86400), before=100)
    (root.tracks[0] if on == "track" else root.tracks).markers.append(marker("KEY", time))
    assert keyframes(root, shelf) == [frame]


def test_a_stacks_marker_marks_every_clip_that_is_there(shelf):
    root = one_clip(shelf, before=100)
    upper = S.Track("V2", kind="Video")
    upper.append(clip_of(shelf.movie("b.mov", 300), tr(0, 300), tr(0, 300), "b"))
    root.tracks.append(upper)
    root.tracks.markers.append(marker("KEY", 110))
    assert keyframes(root, shelf) == [70, 110]


def test_a_nests_own_position_counts(shelf):
    nest = S.Stack("nest", source_range=tr(4, 10))
    inner = S.Track("i", kind="Video")
    inner.append(clip_of(shelf.movie("a.mov", 200), tr(60, 20), tr(0, 200)))
    nest.append(inner)
    root = cut_of(S.Gap(source_range=tr(0, 10)), nest)
    root.tracks.markers.append(marker("KEY", 12))
    assert keyframes(root, shelf) == [66]
