"""Sample timelines with their media: really rendered, and every one ends in words, never in a traceback.

They are looked for in SPARKVSR_TIMELINES, else in `shared/timelines` beside the checkout.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import pytest

from tests.end_to_end.program import ROOT
from tests.end_to_end.timelines import clips_of, load

FOLDER = Path(os.environ.get("SPARKVSR_TIMELINES", ROOT.parent / "shared" / "timelines"))
MOVIE = "BART_2021-02-07.m4v"
WITH_MEDIA = {
    "tlrender_LinearTimeWarp.otio": [(84, 163)],
    "tlrender_TransitionAndLinearTimeWarp.otio": [(84, 200), (456, 572)],
}
OPTIONS = ("--scale", 1.5, "--keyframes", "none", "--damage", 0, "--device", "cpu")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not FOLDER.is_dir(),
        reason=f"no sample timelines in {FOLDER}; name their folder with SPARKVSR_TIMELINES",
    ),
]


def test_a_bundle_is_rendered_beside_its_result(program, tmp_path):
    bundle = FOLDER / "tlrender_SingleClip.otioz"
    done = program.json("conform", bundle, "-o", tmp_path / "out.otio", "--handles", 0, *OPTIONS)
    assert (done.last["shots"][0]["first_frame"], done.last["shots"][0]["last_frame"]) == (90, 179)
    assert (tmp_path / "media" / MOVIE).is_file()
    clip = clips_of(load(tmp_path / "out.otio"))[0]
    assert clip.media_references()["sparkvsr"].available_range.start_time.value == 90
    assert len(list(Path(done.last["shots"][0]["target"]).parent.iterdir())) == 90


@pytest.mark.parametrize("name", WITH_MEDIA)
def test_speeds_and_dissolves_are_rendered(program, tmp_path, name):
    shutil.copyfile(FOLDER / name, tmp_path / name)
    with zipfile.ZipFile(FOLDER / "tlrender_SingleClip.otioz") as archive:
        (tmp_path / MOVIE).write_bytes(archive.read(f"media/{MOVIE}"))
    done = program.json("conform", tmp_path / name, "-o", tmp_path / "out.otio", *OPTIONS)
    ends = [(shot["first_frame"], shot["last_frame"]) for shot in done.last["shots"]]
    assert ends == WITH_MEDIA[name]
    assert all(
        "sparkvsr" in clip.media_references()
        for clip in load(tmp_path / "out.otio").video_tracks()[0].find_clips()
    )
