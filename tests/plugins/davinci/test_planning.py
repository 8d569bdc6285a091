"""What is planned for which clip: kinds, speeds, ranges, markers and scopes. No engine renders anything."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests.fakes.resolve.pool import MediaPoolItem
from tests.plugins.davinci.scenes import OPTIONS, Scene


def plan(scene: Scene, **values: Any):
    """A plan without the engine: every file is what the stand-in knows of it."""
    from sparkvsr_resolve.plans.planning import Knowledge, MediumFacts, plan_run
    from sparkvsr_resolve.program import read_exported_speeds

    from tests.fakes.resolve import real_media

    def describe(path: str) -> MediumFacts:
        clips = [clip for clip in scene.project.pool.root.clips if clip.media and clip.media.path == path]
        media = clips[0].media if clips else real_media.look(path)
        return MediumFacts(media.frames, media.width, media.height)

    timeline = scene.host.timeline()
    export = values.pop("export", lambda: read_exported_speeds(scene.host))
    knowledge = Knowledge(describe, export, scene.memory("none"))
    return plan_run(timeline, scene.wishes(**values), knowledge)


def only(scene: Scene, **values: Any):
    return plan(scene, **values).clips[0]


@pytest.mark.parametrize(
    ("kind", "name", "reason"),
    [
        ("transition", "Cross Dissolve", "is a transition"),
        ("title", "Text+", "is a title"),
        ("title", "Lower 3rd", "is a title"),
        ("generator", "Solid Color", "is a generator"),
        ("adjustment", "Adjustment Clip", "is an adjustment clip"),
    ],
)
def test_what_is_no_clip_is_left_out_by_its_kind(scene: Scene, kind: str, name: str, reason: str):
    scene.clip(scene.movie(), at=0, duration=4)
    scene.clip(None, at=4, duration=4, kind=kind, name=name)
    clips = plan(scene).clips
    assert [(clip.route, clip.reason) for clip in clips] == [("path", ""), ("skip", reason)]


def test_before_21_0_4_transitions_are_not_listed(scene: Scene):
    scene.app.version = (21, 0, 0)
    scene.clip(scene.movie(), at=0, duration=4)
    scene.clip(None, at=4, duration=4, kind="transition", name="Cross Dissolve")
    assert len(plan(scene).clips) == 1


def test_a_still_is_left_out(scene: Scene):
    scene.clip(scene.project.pool.add(scene.movie().media, kind="Still"), duration=40)
    assert only(scene).reason.startswith("is a still")


def test_a_compound_clip_is_rendered_onto_a_track_and_no_take(scene: Scene):
    compound = MediaPoolItem(scene.app, "nest", None, "Compound")
    scene.clip(compound, duration=6)
    assert only(scene).route == "skip"
    assert "a take cannot hold that" in only(scene).reason
    on_track = plan(scene, place="track")
    assert on_track.clips[0].route == "render"
    assert [text for text in on_track.all_warnings if "its grade and effects are part of the result" in text]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"speed": -1.0}, "is retimed (100 %, backwards)"),
        ({"speed": -2.0}, "is retimed (200 %, backwards)"),
        ({"speed": 2.0, "is_curved": True}, "has a speed that changes"),
        # It runs over as many frames as it is long.
        ({"is_curved": True}, "has a speed that changes"),
    ],
)
def test_a_clip_that_does_not_run_forwards_at_one_speed_is_no_take(scene: Scene, values: Any, sentence: str):
    scene.clip(scene.movie(frames=60), source=30, duration=8, **values)
    clip = only(scene)
    assert clip.route == "skip"
    assert clip.reason.startswith(sentence)
    assert "a take cannot hold that" in clip.reason


@pytest.mark.parametrize(
    ("speed", "source", "first", "last", "start", "frames"),
    [
        (2.0, 30, 26, 49, 4, 16),
        (0.5, 30, 29, 34, 1, 4),
        # Nine frames are touched: the eighth record frame shows 30 + 7.7.
        (1.1, 30, 27, 41, 3, 9),
    ],
)
def test_a_constant_speed_is_a_take_of_the_frames_it_runs_over(
    scene: Scene, speed: float, source: int, first: int, last: int, start: int, frames: int
):
    item = scene.clip(scene.movie(frames=60), source=source, duration=8, speed=speed)
    source_frames = [item.frame_at(record) for record in range(item.start, item.end)]
    result = plan(scene, handles=2)
    clip = result.clips[0]
    assert (clip.route, clip.first_number, clip.last_number) == ("path", first, last)
    assert (clip.result_start, clip.shown_frames, clip.frames) == (start, frames, 8)
    assert clip.span.shown_first <= min(source_frames) <= max(source_frames) <= clip.span.shown_last
    assert [text for text in result.all_warnings if "must run at the same speed" in text]
    assert f"run at {speed * 100:g} %" in clip.sentence


def test_markers_of_a_retimed_clip_count_over_its_speed(scene: Scene):
    """As Resolve's own export has it: 200 %, source start 39, left offset 19, a marker at 24 is frame 49."""
    item = scene.clip(scene.movie(frames=70), source=39, duration=11, speed=2.0)
    assert scene.host.timeline().items[0].left_offset == 19
    scene.marker(item, 24)
    scene.marker(scene.timeline, 3, "KEY face")
    assert only(scene).keyframes == (45, 49)


@pytest.mark.parametrize("trouble", ["export", "subclip", "rate", "begin", "18.6"])
def test_a_retime_that_nothing_proves_is_no_take(scene: Scene, trouble: str):
    from sparkvsr_resolve.plans.speeds import Speed

    movie = scene.movie(frames=60)
    media = scene.project.pool.add(movie.media, start=6, name="part") if trouble == "subclip" else movie
    item = scene.clip(media, source=20, duration=8, speed=2.0)
    exported = {(1, item.start): Speed(Fraction(2), begin=24 if trouble == "begin" else 20)}
    if trouble == "export":
        exported = {}
    if trouble == "rate":
        movie.values["FPS"] = "25"
    if trouble == "18.6":
        scene.app.version = (18, 6)
    clip = only(scene, export=lambda: exported)
    assert clip.route == "skip"
    assert "is retimed (" in clip.reason
    # Without a second opinion the same clip is one.
    if trouble == "begin":
        assert only(scene).route == "path"


@pytest.mark.parametrize("version", [(18, 6), (21, 0, 4)])
def test_a_speed_that_no_call_gives_comes_of_the_export(scene: Scene, version: tuple[int, ...]):
    scene.app.version = version
    movie = scene.movie(frames=60)
    scene.clip(movie, at=0, source=30, duration=8, speed=2.0, is_from_xml=True)
    scene.clip(movie, at=20, source=30, duration=8, is_from_xml=True)
    clips = plan(scene).clips
    assert [clip.route for clip in clips] == ["skip", "path"]
    assert clips[0].reason.startswith("is retimed (200 %)")


def test_a_speed_that_nothing_gives_is_unknown_and_never_normal(scene: Scene):
    from sparkvsr_resolve.exchange.facts import ItemFacts
    from sparkvsr_resolve.plans.speeds import Speed, speed_of

    item = ItemFacts("uid", "clip", 1, 0, 8, 8, source_start=0, source_end=0)
    assert speed_of(item, Fraction(24), Fraction(24), dict) == Speed(None)
    assert not Speed(None).is_normal


def test_a_medium_of_another_rate_is_no_take(scene: Scene):
    movie = scene.movie()
    movie.values["FPS"] = "25"
    scene.clip(movie, source=5, duration=8)
    assert "runs at 25 frames per second in a timeline of 24" in only(scene).reason


def test_one_frame_more_or_less_is_no_retime_at_unequal_rates():
    from sparkvsr_resolve.exchange.facts import ItemFacts
    from sparkvsr_resolve.plans.speeds import speed_of

    item = ItemFacts("uid", "clip", 1, 0, 30, 30, source_start=100, source_end=123)
    assert speed_of(item, Fraction(24), Fraction(30), dict).is_normal
    equal = ItemFacts("uid", "clip", 1, 0, 30, 30, source_start=100, source_end=131)
    assert not speed_of(equal, Fraction(24), Fraction(24), dict).is_normal


def test_a_source_start_that_is_one_off_moves_nothing(scene: Scene):
    scene.clip(scene.movie(), source=10, duration=8)
    clip = only(scene, handles=0)
    assert scene.host.timeline().items[0].source_start == 11
    assert (clip.first_number, clip.last_number) == (10, 17)


def test_handles_end_where_the_medium_does(scene: Scene):
    scene.clip(scene.movie(frames=20), source=2, duration=16)
    clip = only(scene, handles=8)
    assert (clip.first_number, clip.last_number, clip.result_start) == (0, 19, 2)


def test_a_result_is_never_its_own_source(scene: Scene):
    movie, result = scene.movie(), scene.movie("up.mov", frames=12)
    item = scene.clip(movie, source=10, duration=8)
    assert item.AddTake(result, 2, 10)
    assert item.SelectTakeByIndex(2)
    clip = only(scene, handles=0)
    assert scene.host.timeline().items[0].media.name == "up.mov"
    assert clip.source.path == str(scene.folder / "plate.mov")
    assert (clip.first_number, clip.last_number) == (10, 17)


def test_a_missing_file_is_named(scene: Scene):
    movie = scene.movie()
    scene.clip(movie, duration=4)
    (scene.folder / "plate.mov").unlink()
    assert only(scene).reason.endswith("plate.mov is not there")


def test_camera_raw_is_rendered(scene: Scene):
    movie = scene.movie()
    movie.values["File Path"] = str(scene.folder / "A001.braw")
    scene.clip(movie, duration=4)
    assert "camera raw (.braw)" in only(scene, place="track").reason


def test_numbered_pictures_keep_their_numbers(scene: Scene):
    scene.clip(scene.sequence(first=1001, frames=20), source=5, duration=6)
    clip = only(scene, handles=2)
    assert clip.source.path.endswith("plate.%04d.png")
    assert (clip.first_number, clip.last_number) == (1004, 1013)


def test_item_markers_count_in_the_medium_and_timeline_markers_from_the_start(scene: Scene):
    item = scene.clip(scene.movie(), at=48, source=10, duration=8)
    scene.marker(item, 11)
    scene.marker(item, 16)
    scene.marker(item, 25, "KEY beyond")
    scene.marker(item, 13, "note")
    scene.marker(scene.timeline, 50, "KEY face")
    scene.marker(scene.timeline, 49, "note")
    scene.marker(scene.timeline, 10, "KEY elsewhere")
    result = plan(scene)
    # Record 50 is the third frame of the clip, which shows the medium's from 10 on.
    assert result.clips[0].keyframes == (11, 12, 16)
    scene.marker(scene.timeline, 54, "KEY again")
    assert only(scene).keyframes == (11, 12, 16)
    assert [text for text in result.all_warnings if "KEY beyond" in text]


def test_markers_are_named_by_colour_or_by_this_program(scene: Scene):
    item = scene.clip(scene.movie(), source=10, duration=8)
    scene.marker(item, 11, "anything")
    item.AddMarker(12, "Red", "", "", 1, '{"sparkvsr":"key"}')
    assert only(scene, keys=("hero*",)).keyframes == (12,)
    assert only(scene, keys=("blue",)).keyframes == (11, 12)


def test_a_disabled_clip_or_track_is_left_alone(scene: Scene):
    from sparkvsr_resolve.refusals import Refused

    scene.clip(scene.movie(), duration=4, is_enabled=False)
    with pytest.raises(Refused, match="no clips"):
        plan(scene)


@pytest.mark.parametrize(
    ("version", "scope", "sentence"),
    [
        ((21, 0, 0), "selected", "21.0.4 and later"),
        ((18, 6), "range", "19.1 and later"),
        ((21, 0, 4), "selected", "No clip is selected"),
        ((21, 0, 4), "range", "No range is marked"),
    ],
)
def test_an_ambiguous_scope_is_refused(scene: Scene, version: tuple[int, ...], scope: str, sentence: str):
    from sparkvsr_resolve.refusals import Refused

    scene.app.version = version
    scene.clip(scene.movie(), duration=4)
    with pytest.raises(Refused, match=sentence):
        plan(scene, scope=scope)


@pytest.mark.parametrize("scope", ["selected", "playhead", "track"])
def test_scopes_take_the_clips_they_name(scene: Scene, scope: str):
    movie = scene.movie()
    scene.clip(movie, at=0, duration=4, name="first")
    meant = scene.clip(movie, at=10, duration=4, name="second")
    scene.timeline.selection = [meant]
    scene.timeline.playhead = meant.start + 1
    names = [clip.name for clip in plan(scene, scope=scope).clips]
    assert names == (["first", "second"] if scope == "track" else ["second"])


def test_a_marked_range_trims_a_track_and_not_a_take(scene: Scene):
    scene.clip(scene.movie(), at=10, source=3, duration=12)
    scene.clip(scene.movie("other.mov"), at=40, source=3, duration=6)
    scene.timeline.marks = {"video": {"in": 14, "out": 17}}
    on_track = only(scene, scope="range", place="track", handles=0)
    assert (on_track.record, on_track.frames) == (scene.start + 14, 4)
    assert (on_track.first_number, on_track.last_number) == (7, 10)
    take = plan(scene, scope="range")
    assert [(clip.record, clip.frames) for clip in take.clips] == [(scene.start + 10, 12)]
    assert [text for text in take.all_warnings if "whole clip" in text]


def test_losses_are_reported_before(scene: Scene):
    scene.project.settings["timelineInputResMismatchBehavior"] = "centerCrop"
    movie = scene.movie()
    movie.values["Data Level"] = "Full"
    scene.clip(movie, duration=4)
    texts = " ".join(plan(scene).all_warnings)
    assert "192x128 instead of 96x64" in texts
    assert "Data Level is set to Full" in texts
    assert plan(scene, fit=True).clips[0].scaling == 2
    assert "reframed" not in " ".join(plan(scene, fit=True).all_warnings)
    # Cropped whatever the size: at the same size nothing moves.
    same = plan(scene, options={**OPTIONS, "scale": 1.0})
    assert "reframed" not in " ".join(same.all_warnings)
    assert "no grade" in " ".join(plan(scene, place="track", copies_grades=False).all_warnings)
    assert "Grades do not travel" in " ".join(plan(scene, place="timeline").all_warnings)


@pytest.mark.parametrize(
    ("frame", "rate", "drop", "text"),
    [
        (86400, Fraction(24), False, "01:00:00:00"),
        (107892, Fraction(30000, 1001), True, "01:00:00;00"),
        (1800, Fraction(30000, 1001), True, "00:01:00;02"),
        (1799, Fraction(30000, 1001), True, "00:00:59;29"),
        (17982, Fraction(30000, 1001), True, "00:10:00;00"),
        (90006, Fraction(25), False, "01:00:00:06"),
    ],
)
def test_record_frames_as_timecode(frame: int, rate: Fraction, drop: bool, text: str):
    from sparkvsr_resolve.plans.rates import timecode_of

    assert timecode_of(frame, rate, drop) == text


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("23.976", Fraction(24000, 1001)),
        ("23.98", Fraction(24000, 1001)),
        ("29.97 DF", Fraction(30000, 1001)),
        ("24", Fraction(24)),
        ("24.0", Fraction(24)),
        ("59.94", Fraction(60000, 1001)),
        ("", None),
    ],
)
def test_rates_as_resolve_writes_them(text: str, rate: Fraction | None):
    from sparkvsr_resolve.plans.rates import rate_of

    assert rate_of(text) == rate
