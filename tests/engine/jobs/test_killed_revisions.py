"""kill -9 at any step of a job and two revisions of it: nothing finished is lost, nothing differs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sparkvsr_engine
from tests.fakes import killed_revision
from tests.fakes.code_path import CODE_PATH
from tests.fakes.jobs import assert_same_pictures, write_keyframe, write_plate
from tests.fakes.systems import no_forks_on_windows

ROOT = Path(sparkvsr_engine.__file__).parents[1]
FRAMES = 20
FOLDERS = ("out", "out_v002", "out_v003")


@pytest.fixture(scope="module")
def series(tmp_path_factory, random_weights):
    """Runs the program killed at every nth step; returns where its pictures are and the number of kills."""
    inputs = tmp_path_factory.mktemp("inputs")
    plate = write_plate(inputs / "plate", FRAMES)
    for frame in (2, 12, 18):
        write_keyframe(inputs / "artist" / f"{frame}.png", frame)
    write_keyframe(inputs / "artist" / "other.png", 12, gain=3.0)

    def run(stride):
        folder = tmp_path_factory.mktemp("series")
        target = folder / "out" / "%04d.png"
        words = [killed_revision.__file__, stride, folder / "home", plate, inputs / "artist", target]
        done = subprocess.run(
            [sys.executable, *map(str, words), str(random_weights)],
            env={**os.environ, "PYTHONPATH": CODE_PATH},
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return folder, int(done.stdout)

    return run


@pytest.fixture(scope="module")
def undisturbed(series):
    folder, kills = series(0)
    assert kills == 0
    assert all(len(list((folder / name).glob("*.png"))) == FRAMES for name in FOLDERS)
    return folder


@pytest.mark.slow
@no_forks_on_windows
@pytest.mark.parametrize("stride", [43, pytest.param(17, marks=pytest.mark.slow)])
def test_killed_again_and_again_it_ends_with_the_same_frames(series, undisturbed, stride):
    folder, kills = series(stride)
    assert kills >= 3
    for name in FOLDERS:
        assert_same_pictures(folder / name, undisturbed / name)
