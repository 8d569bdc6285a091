"""kill -9 at every kind of step of a job and two revisions of it: nothing finished is lost, nothing differs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import sparkvsr_engine
from tests.fakes import killed_revision
from tests.fakes.jobs import assert_same_pictures, pictures_in, write_keyframe, write_plate

ROOT = Path(sparkvsr_engine.__file__).parents[1]
FRAMES = 20
FOLDERS = ("out", "out_v002", "out_v003")


class Place:
    """Inputs of the program, and the home and target of one series of runs."""

    def __init__(self, inputs: Path, folder: Path, weights: Path) -> None:
        self.folder = folder
        self._inputs = inputs
        self._weights = weights

    def run(self, step: int = 0) -> int:
        """Run it, killed at a step; returns its exit status."""
        plate, artist = self._inputs / "plate" / "%04d.png", self._inputs / "artist"
        target = self.folder / "out" / "%04d.png"
        script = killed_revision.__file__
        given = [self.folder / "home", plate, artist, target, self._weights, step]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            [sys.executable, script, *map(str, given)], env=environment, capture_output=True, check=False
        )
        assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
        return done.returncode


@pytest.fixture(scope="module")
def places(tmp_path_factory, random_weights):
    inputs = tmp_path_factory.mktemp("inputs")
    write_plate(inputs / "plate", FRAMES)
    for frame in (2, 12, 18):
        write_keyframe(inputs / "artist" / f"{frame}.png", frame)
    write_keyframe(inputs / "artist" / "other.png", 12, gain=3.0)
    return lambda name: Place(inputs, tmp_path_factory.mktemp(name), random_weights)


@pytest.fixture(scope="module")
def undisturbed(places):
    place = places("undisturbed")
    assert place.run() == 0
    return place


@pytest.mark.slow
@pytest.mark.parametrize("stride", [37])
def test_killed_again_and_again_it_ends_with_the_same_frames(places, undisturbed, stride):
    place = places("killed")
    kept: dict[Path, tuple[bytes, int]] = {}
    kills = 0
    while place.run(stride) != 0:
        kills += 1
        assert kills < 60
        for path, (content, modified) in kept.items():
            assert path.read_bytes() == content
            assert path.stat().st_mtime_ns == modified
        kept = finished_versions(place)
    assert kills > 3
    for folder in FOLDERS:
        assert_same_pictures(place.folder / folder, undisturbed.folder / folder)


@pytest.mark.parametrize("step", [1, 60, 100, 140, 165])
def test_killed_once_it_resumes_to_the_same_frames(places, undisturbed, step):
    place = places("once")
    if place.run(step) == 0:
        pytest.fail("the program has fewer steps; choose an earlier one")
    assert place.run() == 0
    for folder in FOLDERS:
        assert_same_pictures(place.folder / folder, undisturbed.folder / folder)
        assert len(pictures_in(place.folder / folder)) == FRAMES


def finished_versions(place: Place) -> dict[Path, tuple[bytes, int]]:
    """The files of every version but the last one begun."""
    begun = [place.folder / name for name in FOLDERS if (place.folder / name).is_dir()]
    files = [path for folder in begun[:-1] for path in folder.glob("*.png")]
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}
