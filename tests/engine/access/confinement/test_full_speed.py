"""Another process swaps a folder for a link and back without a pause while a library opens files in it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_engine.access import boundary
from sparkvsr_engine.access.boundary import bound
from sparkvsr_engine.access.confinement.places import Places
from sparkvsr_engine.access.confinement.threads import is_enforced, run_confined
from sparkvsr_engine.access.roots import Roots
from sparkvsr_engine.media.images import read_image, write_image
from sparkvsr_engine.media.movies.frame_index.index import open_movie
from tests.end_to_end.clips import write_scenes

pytestmark = pytest.mark.skipif(not is_enforced(), reason="the kernel has no Landlock")

# With the checks alone 6 of 3000 pictures were the secret one.
ATTEMPTS = 600
SWAPPING = """
import os, sys
shots, secret = sys.argv[1:]
os.symlink(secret, shots + "/link")
print("begun", flush=True)
while True:
    os.rename(shots + "/a", shots + "/own"); os.rename(shots + "/link", shots + "/a")
    os.rename(shots + "/a", shots + "/link"); os.rename(shots + "/own", shots + "/a")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """`shots/a`, which is a link to `secret` every other moment."""
    monkeypatch.setattr(boundary, "_bounded", {})
    for place, width in ((tmp_path / "shots" / "a", 64), (tmp_path / "secret", 128)):
        place.mkdir(parents=True)
        write_image(place / "1.png", np.zeros((16, width, 3), np.uint8))
    write_scenes(tmp_path / "shots" / "a" / "1.mp4", [2])
    write_scenes(tmp_path / "secret" / "1.mp4", [40])
    swapper = subprocess.Popen(
        [sys.executable, "-c", SWAPPING, str(tmp_path / "shots"), str(tmp_path / "secret")],
        stdout=subprocess.PIPE,
    )
    assert swapper.stdout is not None
    swapper.stdout.readline()
    try:
        yield tmp_path / "shots" / "a"
    finally:
        swapper.kill()
        swapper.wait()
        swapper.stdout.close()


def attempts(folder: Path, attempt: Callable[[], object], count: int = ATTEMPTS) -> set[object]:
    """What attempts on one confined thread came to; what was refused is left out."""
    root = str(folder.parent)
    roots = Roots((root,), (root,))
    bound([str(folder / "%04d.png"), str(folder / "1.png"), str(folder / "1.mp4")], roots)

    def repeat() -> set[object]:
        outcomes = set[object]()
        for _ in range(count):
            try:
                outcomes.add(attempt())
            except Exception:
                time.sleep(0)
        return outcomes

    return run_confined(repeat, Places.of(roots))


def test_no_picture_from_elsewhere_is_read(folder: Path):
    assert attempts(folder, lambda: read_image(folder / "1.png").pixels.shape[1]) <= {64}


def test_no_movie_from_elsewhere_is_read(folder: Path):
    def frames() -> int:
        with open_movie(folder / "1.mp4") as movie:
            return movie.streams.video[0].frames

    assert attempts(folder, frames) <= {2}


def test_nothing_is_written_elsewhere(folder: Path):
    pixels = np.zeros((4, 4, 3), np.uint8)
    attempts(folder, lambda: write_image(folder / "made.png", pixels))
    names = {path.name for path in (folder.parent.parent / "secret").iterdir()}
    assert names == {"1.png", "1.mp4"}
