"""Whole timelines through the real engine: every record frame of the result shows the frame it showed before."""

from __future__ import annotations

from fractions import Fraction

import opentimelineio as otio
import pytest

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
        (22, 48),
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
