"""Whole timelines through the real engine: every record frame shows the frame it showed before."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import pytest

from sparkvsr_bridge.process import EngineProcess
from sparkvsr_bridge.settings import KeyframePolicy, UpscaleSettings
from sparkvsr_bridge.timeline.conforming import conform as conform_file
from sparkvsr_bridge.timeline.engine import describer, renderer
from sparkvsr_bridge.timeline.records import ConformWishes
from sparkvsr_bridge.timeline.requests import Recipe
from tests.end_to_end.timelines import (
    QUICK,
    S,
    clips_of,
    load,
    movie_clip,
    rt,
    save,
    sequence_reference,
    shown_numbers,
    timeline,
    tr,
)
from tests.fakes.media import write_movie, write_sequence

NTSC = Fraction(24000, 1001)


def conform(program, source, output, *options, status=0):
    return program.json("conform", source, "-o", output, *QUICK, *options, status=status)


@pytest.fixture(scope="module")
def footage(tmp_path_factory):
    """Movies and sequences that carry their numbers, of every way media count."""
    folder = tmp_path_factory.mktemp("footage")
    write_movie(folder / "plain.mov", frames=60, rate=Fraction(24))
    write_movie(folder / "hour.mov", frames=60, rate=Fraction(24), timecode="01:00:00:00")
    write_movie(folder / "drop.mov", frames=60, rate=Fraction(30000, 1001), timecode="01:00:00;00")
    write_movie(folder / "film.mov", frames=60, rate=NTSC)
    write_movie(folder / "fast.mov", frames=60, rate=Fraction(48))
    write_movie(folder / "a b#c%20d.mov", frames=40, rate=Fraction(24))
    write_sequence(folder / "seq #1", "sh %%04d.png".replace("%%", "%"), range(1001, 1041))
    return folder


CASES = {
    # name: (file, available range, source range, effects, the numbers it shows, first and last frame)
    "at 0": ("plain.mov", tr(0, 60), tr(20, 6), [], range(20, 26), (12, 33)),
    "no range": ("plain.mov", None, tr(20, 6), [], range(20, 26), (12, 33)),
    "timecode": ("hour.mov", tr(86400, 60), tr(86420, 6), [], range(20, 26), (12, 33)),
    "timecode, no range": ("hour.mov", None, tr(86420, 6), [], range(20, 26), (12, 33)),
    "from 0 in a medium with timecode": ("hour.mov", tr(0, 60), tr(20, 6), [], range(20, 26), (12, 33)),
    "range without the timecode": ("hour.mov", tr(0, 60), tr(86420, 6), [], range(20, 26), (12, 33)),
    "drop-frame": ("drop.mov", None, tr(107892 + 20, 6, 29.97), [], range(20, 26), (12, 33)),
    "24 in 25": (
        "hour.mov",
        tr(86400, 60),
        tr(90032, 10, 25),
        [],
        [30, 31, 32, 33, 34, 35, 36, 37, 38, 39],
        (22, 47),
    ),
    "23.976 spelt two ways": (
        "film.mov",
        tr(86400, 60, 23.976),
        tr(86420, 6, 23.976024627685547),
        [],
        range(20, 26),
        (12, 33),
    ),
    "48 in 24": ("fast.mov", tr(0, 60, 48), tr(10, 5), [], [20, 22, 24, 26, 28], (4, 45)),
    "twice as fast": ("plain.mov", tr(0, 60), tr(20, 5), [2.0], [20, 22, 24, 26, 28], (4, 45)),
    "half as fast": ("plain.mov", tr(0, 60), tr(20, 6), [0.5], [20, 20, 21, 21, 22, 22], (16, 26)),
    "in reverse": ("plain.mov", tr(0, 60), tr(30, 4), [-1.0], [33, 32, 31, 30], (18, 41)),
    "frozen": ("plain.mov", tr(0, 60), tr(20, 6), [0.0], [20] * 6, (20, 20)),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_every_record_frame_shows_its_source_frame(program, footage, tmp_path, case):
    name, available, source, speeds, numbers, ends = CASES[case]
    effects = [S.FreezeFrame() if speed == 0 else S.LinearTimeWarp(time_scalar=speed) for speed in speeds]
    cut = save(timeline(movie_clip("a", footage / name, source, available, effects)), tmp_path / "cut.otio")
    done = conform(program, cut, tmp_path / "out.otio", "--results", footage / "results")
    shot = done.last["shots"][0]
    assert (shot["first_frame"], shot["last_frame"]) == ends
    clip = clips_of(load(tmp_path / "out.otio"))[0]
    assert shown_numbers(clip, "sparkvsr") == list(numbers)
    assert clip.active_media_reference_key == "DEFAULT_MEDIA"
    assert done.last["skipped"] == []


@pytest.mark.slow
def test_sequences_count_from_wherever_their_reference_does(program, footage, tmp_path):
    folder = footage / "seq #1"
    base = folder.as_uri()
    ways = [
        ("file numbers", sequence_reference(folder, "sh ", ".png", 1001, tr(1001, 40)), 1010),
        ("from 0, no slash", sequence_reference(base, "sh ", ".png", 1001, tr(0, 40)), 9),
        ("timecode, slash", sequence_reference(f"{base}/", "sh ", ".png", 1001, tr(86530, 40)), 86539),
        ("a part of it", sequence_reference(f"{base}/", "sh ", ".png", 1005, tr(100, 20)), 105),
    ]
    clips = [S.Clip(name, reference, tr(start, 5)) for name, reference, start in ways]
    cut = save(timeline(*clips), tmp_path / "cut.otio")
    done = conform(program, cut, tmp_path / "out.otio", "--activate")
    assert [(s["first_frame"], s["last_frame"]) for s in done.last["shots"]] == [(1002, 1022)]
    for clip in clips_of(load(tmp_path / "out.otio")):
        assert clip.active_media_reference_key == "sparkvsr"
        assert shown_numbers(clip, "sparkvsr") == [1010, 1011, 1012, 1013, 1014], clip.name


@pytest.mark.slow
def test_dissolves_and_their_speeds_widen_what_is_rendered(program, footage, tmp_path):
    dissolve = S.Transition(transition_type="SMPTE_Dissolve", in_offset=rt(3), out_offset=rt(2))
    url, available = (footage / "plain.mov").as_uri(), tr(0, 60)
    cut = timeline(
        movie_clip("a", url, tr(4, 4), available),
        dissolve,
        movie_clip("b", url, tr(30, 5), available, [S.LinearTimeWarp(time_scalar=2.0)]),
    )
    done = conform(program, save(cut, tmp_path / "cut.otio"), tmp_path / "out.otio", "--handles", 1)
    ends = [(shot["first_frame"], shot["last_frame"]) for shot in done.last["shots"]]
    assert ends == [(3, 10), (22, 41)]
    a, b = clips_of(load(tmp_path / "out.otio"))
    a.source_range, b.source_range = tr(4, 6), tr(24, 8)
    assert shown_numbers(a, "sparkvsr") == list(range(4, 10))
    assert shown_numbers(b, "sparkvsr") == list(range(24, 40, 2))


def test_nests_are_walked_and_their_speed_moves_nothing(program, footage, tmp_path):
    inner = S.Stack("nest", source_range=tr(2, 4), effects=[S.LinearTimeWarp(time_scalar=0.5)])
    track = S.Track("inner", kind=S.TrackKind.Video)
    track.append(movie_clip("deep", footage / "plain.mov", tr(20, 8), tr(0, 60)))
    inner.append(track)
    done = conform(program, save(timeline(inner), tmp_path / "cut.otio"), tmp_path / "out.otio")
    assert (done.last["shots"][0]["first_frame"], done.last["shots"][0]["last_frame"]) == (12, 35)
    deep = clips_of(load(tmp_path / "out.otio"))[0]
    assert shown_numbers(deep, "sparkvsr") == list(range(20, 28))


@pytest.mark.parametrize(
    ("text", "maps"),
    [
        ("{path}", ()),
        ("{url}", ()),
        ("file://localhost{quoted}", ()),
        ("a b#c%20d.mov", ()),
        ("D:\\rushes\\day 1\\a b#c%20d.mov", (("D:\\rushes\\day 1", "{folder}"),)),
        ("file://localhost/D%3a/rushes/a%20b%23c%2520d.mov", (("d:/rushes", "{folder}"),)),
        ("\\\\server\\share\\a b#c%20d.mov", (("\\\\server\\share", "{folder}"),)),
        ("file://server/share/a%20b%23c%2520d.mov", (("//server/share", "{folder}"),)),
    ],
)
def test_media_are_found_whatever_their_path_looks_like(program, footage, tmp_path, text, maps):
    path = footage / "a b#c%20d.mov"
    quoted = path.as_uri().removeprefix("file://")
    url = text.format(path=path, url=path.as_uri(), quoted=quoted)
    options = [option for a, b in maps for option in ("--map", f"{a}={b.format(folder=footage)}")]
    cut = save(timeline(movie_clip("a", url, tr(5, 2), tr(0, 40))), footage / "paths.otio")
    done = conform(
        program, cut, tmp_path / "out.otio", "--handles", 0, "--results", footage / "results", *options
    )
    clip = clips_of(load(tmp_path / "out.otio"))[0]
    assert clip.media_references()["DEFAULT_MEDIA"].target_url == url
    assert shown_numbers(clip, "sparkvsr") == [5, 6]
    assert done.last["skipped"] == []


def test_what_is_missing_stops_nothing_else(program, footage, tmp_path):
    cut = timeline(
        movie_clip("here", footage / "plain.mov", tr(20, 2), tr(0, 60)),
        S.Gap(source_range=tr(0, 4)),
        movie_clip("gone", "/nowhere/gone.mov", tr(20, 2), tr(0, 60)),
        S.Clip("unnamed", S.ExternalReference(), tr(0, 2)),
        movie_clip("off", footage / "plain.mov", tr(20, 2), tr(0, 60)),
        S.Clip("bars", S.GeneratorReference("bars"), tr(0, 2)),
    )
    cut.tracks[0][4].enabled = False
    sound = S.Track("A1", kind=S.TrackKind.Audio)
    sound.append(movie_clip("voice", "/nowhere/voice.wav", tr(0, 20)))
    cut.tracks.append(sound)
    done = conform(program, save(cut, tmp_path / "cut.otio"), tmp_path / "out.otio", "--handles", 0, status=1)
    assert [clip["clip"] for clip in done.last["skipped"]] == ["gone", "unnamed"]
    assert "/nowhere/gone.mov is not there" in done.last["skipped"][0]["reason"]
    references = {clip.name: set(clip.media_references()) for clip in clips_of(load(tmp_path / "out.otio"))}
    assert {name for name, keys in references.items() if "sparkvsr" in keys} == {"here"}


def test_results_on_a_track_above_leave_their_sources_as_they_were(program, footage, tmp_path):
    cut = timeline(
        movie_clip("a", footage / "plain.mov", tr(20, 3), tr(0, 60)),
        movie_clip("gone", "/nowhere/gone.mov", tr(20, 2), tr(0, 60)),
        movie_clip("b", footage / "plain.mov", tr(40, 3), tr(0, 60)),
    )
    before = cut.tracks[0].to_json_string()
    save(cut, tmp_path / "cut.otio")
    conform(program, tmp_path / "cut.otio", tmp_path / "out.otio", "--place", "track", status=1)
    below, above = load(tmp_path / "out.otio").tracks
    assert below.to_json_string() == before
    assert [type(item).__name__ for item in above] == ["Clip", "Gap", "Clip"]
    assert above.duration() == below.duration()
    assert [shown_numbers(clip, "sparkvsr") for clip in (above[0], above[2])] == [[20, 21, 22], [40, 41, 42]]


def test_for_resolve_the_result_is_the_medium_and_the_source_stays_beside_it(program, footage, tmp_path):
    cut = timeline(movie_clip("a", (footage / "hour.mov").as_uri(), tr(86420, 3), tr(86400, 60)))
    done = conform(program, save(cut, tmp_path / "cut.otio"), tmp_path / "out.otio", "--for", "resolve")
    out = load(tmp_path / "out.otio")
    clip = clips_of(out)[0]
    assert set(clip.media_references()) == {"DEFAULT_MEDIA", "original"}
    assert clip.media_references()["original"].target_url == (footage / "hour.mov").as_posix()
    assert clip.media_reference.target_url == done.last["shots"][0]["target"]
    assert not clip.media_reference.target_url.startswith("file:")
    assert out.global_start_time is not None
    assert shown_numbers(clip, "DEFAULT_MEDIA") == [20, 21, 22]
    again = conform(program, tmp_path / "out.otio", tmp_path / "again.otio", "--for", "resolve")
    assert Path(again.last["shots"][0]["source"]) == footage / "hour.mov"
    assert set(clips_of(load(tmp_path / "again.otio"))[0].media_references()) == {"DEFAULT_MEDIA", "original"}


def test_a_still_is_one_frame_and_held(program, footage, tmp_path):
    write_sequence(tmp_path / "stills", "logo_%04d.png", [7])
    still = S.ExternalReference(str(tmp_path / "stills" / "logo_0007.png"), tr(0, 1))
    cut = save(timeline(S.Clip("logo", still, tr(0, 444))), tmp_path / "cut.otio")
    done = conform(program, cut, tmp_path / "out.otio")
    assert (done.last["shots"][0]["first_frame"], done.last["shots"][0]["last_frame"]) == (7, 7)
    reference = clips_of(load(tmp_path / "out.otio"))[0].media_references()["sparkvsr"]
    assert reference.available_range == tr(0, 1)
    assert reference.target_url.endswith("0007.png")


def test_the_python_api_does_the_same(program, footage, tmp_path):
    cut = save(timeline(movie_clip("a", footage / "plain.mov", tr(20, 4), tr(0, 60))), tmp_path / "cut.otio")
    text = conform(program, cut, tmp_path / "printed.otio", "--handles", 1)
    settings = UpscaleSettings(scale=2, damage=0.0, device="cpu")
    recipe = Recipe(settings, KeyframePolicy("none"))
    reports = []
    with EngineProcess(program.home, (sys.executable, "-m", "sparkvsr_engine")).ensure("test") as client:
        report = conform_file(
            str(cut),
            str(tmp_path / "called.otio"),
            ConformWishes(handles=1),
            recipe,
            describer(client),
            renderer(client, reports.append),
        )
    outcome = report.shots[0]
    assert outcome.request.spec.output.path == text.last["shots"][0]["target"]
    assert (outcome.report.frames_done, outcome.report.passes_run) == (6, 0)
    assert reports[-1].state == "finished"
    assert load(tmp_path / "called.otio").to_json_string() == load(tmp_path / "printed.otio").to_json_string()
