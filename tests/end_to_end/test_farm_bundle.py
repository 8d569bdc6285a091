"""A bundle as a farm runs it: every step by Open Job Description's own program, killed and started again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_engine.media.images import read_image
from tests.end_to_end.program import COMMAND, ROOT, Program
from tests.fakes.jobs import write_keyframe, write_plate

OPENJD = shutil.which("openjd", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
pytestmark = [
    pytest.mark.skipif(OPENJD is None, reason="openjd-cli is not installed"),
    pytest.mark.skipif(os.name == "nt", reason="the program that the template names is a script of a shell"),
]
FRAMES = 24


@pytest.fixture
def program(tmp_path) -> Path:
    """What the template calls `sparkvsr` on this host."""
    path = tmp_path / "sparkvsr"
    search = f"{ROOT}{os.pathsep}{ROOT / 'bridge'}"
    path.write_text(f'#!/bin/sh\nPYTHONPATH="{search}" exec {" ".join(COMMAND)} "$@"\n')
    path.chmod(0o755)
    return path


@pytest.fixture
def bundle(tmp_path, home) -> Path:
    source = write_plate(tmp_path / "plate", FRAMES, 48, 32)
    painted = write_keyframe(tmp_path / "fixed.png", 5, scale=2, width=48, height=32).path
    words = ["farm", "bundle", source, "-o", tmp_path / "out" / "%04d.exr", "--to", tmp_path / "bundle"]
    outcome = Program(home).json(*words, "--scale", 2, "--task-frames", 8, "--keyframe", f"5={painted}")
    assert (outcome.last["frames"], outcome.last["tasks"]) == (FRAMES, 3)
    return tmp_path / "bundle"


def start(bundle: Path, program: Path) -> subprocess.Popen[str]:
    parameters = f"file://{bundle / 'parameters.json'}"
    return subprocess.Popen(
        [str(OPENJD), "run", str(bundle / "template.json"), "-p", parameters, "-p", f"Sparkvsr={program}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def pictures(folder: Path) -> dict[str, np.ndarray]:
    return {path.name: read_image(path).pixels for path in sorted(folder.glob("*.exr"))}


@pytest.mark.slow
def test_killed_and_run_again_it_goes_on_and_equals_one_machine(tmp_path, bundle, program, home):
    first = start(bundle, program)
    give_up = time.monotonic() + 200
    while not list((bundle / "work" / "chunks").glob("*.json")) and time.monotonic() < give_up:
        assert first.poll() is None, first.communicate()[0]
        time.sleep(0.05)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    subprocess.run(["pkill", "-KILL", "-f", str(bundle)], check=False)
    records = [json.loads(path.read_text()) for path in (bundle / "work" / "chunks").glob("*.json")]
    finished = [tmp_path / "out" / f"{frame:04d}.exr" for record in records for frame, *_ in record["files"]]
    assert finished
    assert 0 < len(list((tmp_path / "out").glob("[0-9]*[0-9].exr"))) < FRAMES
    times = {path: path.stat().st_mtime_ns for path in finished}
    again = start(bundle, program)
    output = again.communicate(timeout=280)[0]
    assert again.returncode == 0, output
    assert "openjd_progress: 100.0" in output
    assert f"finished: {tmp_path / 'out' / '%04d.exr'}" in output
    assert all(path.stat().st_mtime_ns == time for path, time in times.items())
    source, target = tmp_path / "plate" / "%04d.png", tmp_path / "single" / "%04d.exr"
    Program(home).upscale(source, target, "--keyframe", f"5={tmp_path / 'fixed.png'}", "--in-process")
    farmed, single = pictures(tmp_path / "out"), pictures(tmp_path / "single")
    assert len(farmed) == FRAMES
    assert all(np.array_equal(farmed[name], single[name]) for name in single)


def test_a_task_that_fails_names_the_reason_for_the_farm(bundle, program, tmp_path):
    shutil.rmtree(tmp_path / "plate")
    failed = start(bundle, program)
    output = failed.communicate(timeout=200)[0]
    assert failed.returncode != 0
    assert "openjd_fail: " in output
    assert "Traceback" not in output


@pytest.mark.slow
def test_every_shot_of_a_cut_becomes_a_bundle_and_the_cut_shows_their_results(tmp_path, home):
    pytest.importorskip("opentimelineio")
    from tests.end_to_end.timelines import (
        QUICK,
        clips_of,
        load,
        movie_clip,
        save,
        shown_numbers,
        timeline,
        tr,
    )
    from tests.fakes.media import write_movie

    movie = write_movie(tmp_path / "plain.mov", frames=60, rate=Fraction(24))
    cut = timeline(
        movie_clip("sh/010 a", movie, tr(20, 2), tr(0, 60)), movie_clip("b", movie, tr(50, 3), tr(0, 60))
    )
    source, bundles = save(cut, tmp_path / "cut.otio"), tmp_path / "bundles"
    words = ["conform", source, "-o", tmp_path / "out.otio", "--handles", 1, "--farm", bundles, *QUICK]
    written = Program(home).json(*words).named("bundled")
    assert [event["frames"] for event in written] == [4, 5]
    folders = [Path(event["path"]).parent for event in written]
    assert folders == [bundles / "001_sh_010_a", bundles / "002_b"]
    for folder in folders:
        for step in (["prepare"], ["render", "--first", 0, "--count", 60], ["join"]):
            Program(home).run("farm", step[0], folder, *step[1:], status=0)
    first, second = clips_of(load(tmp_path / "out.otio"))
    assert shown_numbers(first, "sparkvsr") == [20, 21]
    assert shown_numbers(second, "sparkvsr") == [50, 51, 52]
