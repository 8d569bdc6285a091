"""The examples, run as their first lines show them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import sparkvsr
from tests.end_to_end.clips import keyframe, write_scenes
from tests.fakes.code_path import CODE_PATH

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path.name for path in (ROOT / "examples").glob("*.py"))


def run(home: Path, name: str, *arguments: object) -> str:
    """What an example prints; its engine is the one of this file."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / name), *map(str, arguments)],
        env={**os.environ, "SPARKVSR_HOME": str(home), "PYTHONPATH": CODE_PATH},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def movie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scenes(tmp_path_factory.mktemp("movie") / "clip.mp4", [8])


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return keyframe(tmp_path_factory.mktemp("picture") / "fixed.png", 3)


@pytest.mark.slow
def test_upscale_movie(engine, shared_home, movie, tmp_path):
    target = tmp_path / "out.mp4"
    assert str(target) in run(shared_home, "upscale_movie.py", movie, target)
    assert engine.describe(target).frames == 8


@pytest.mark.slow
def test_own_keyframes_and_revise(engine, shared_home, clip, picture, tmp_path):
    output = run(shared_home, "own_keyframes.py", clip, tmp_path / "%04d.png", f"1004={picture}")
    assert "24 frames" in output
    assert output.count("trusted by") == 24
    job = engine.jobs(1)[0].job
    better = keyframe(tmp_path / "better.png", 3, scale=3)
    output = run(shared_home, "revise.py", job, f"1004={better}")
    assert "version 2 needs 0 network passes" in output
    assert "version 3 rendered" in output


def test_preview_loop(engine, shared_home, clip, picture):
    output = run(shared_home, "preview_loop.py", clip, 1004, picture)
    assert output.count("(96, 128, 3)") == 3


@pytest.mark.slow
def test_arrays(shared_home, movie):
    assert "8 frames (48, 64, 3) to (96, 128, 3)" in run(shared_home, "arrays.py", movie)


def test_watch_folder(engine, shared_home, tmp_path):
    movie = write_scenes(tmp_path / "new.mp4", [4])
    (tmp_path / "broken.mp4").write_bytes(b"no movie")
    long_ago = time.time() - 60
    for path in tmp_path.iterdir():
        os.utime(path, (long_ago, long_ago))
    picture = run(shared_home, "watch_folder.py", tmp_path, "--once")
    assert "new.mp4 is done" in picture
    assert "broken.mp4 failed:" in picture
    assert engine.describe(movie.with_name("new_2x.mp4")).width == 128


def test_every_example_is_run_here():
    text = Path(__file__).read_text("utf-8")
    assert [name for name in EXAMPLES if f'"{name}"' not in text] == []
    assert sparkvsr.__doc__ is not None
