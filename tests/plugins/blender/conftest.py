"""A real Blender for the tests of its extension: found or skipped, with archive, footage and engine.

`SPARKVSR_BLENDER` names one: a Blender program, or a Python that has Blender as its module `bpy`. Without it
`.venv-blender` is looked at, which `scripts/test` makes.
"""

from __future__ import annotations

import ast
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest

from plugins.release.archives import BuildFailed
from plugins.release.blender import archives
from tests.fakes.media import numbered_picture, write_movie, write_picture, write_sequence
from tests.fakes.streams import packed_movie

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
LOOK = "import bpy, sys; print('BPY', bpy.app.version_string, *sys.version_info[:2], sys.platform)"
PATIENCE_SECONDS = 200
PLATFORMS = {"linux": "linux", "darwin": "macos", "win32": "windows"}


@dataclass(frozen=True)
class Blender:
    """A Blender without windows. python: the generation of its archive, `py311` or `py313`."""

    program: Path
    version: str
    python: str

    @property
    def is_module(self) -> bool:
        return self.program.name.startswith("python")

    def command(self, script: Path, *arguments: str) -> list[str]:
        """What runs a script in it."""
        if self.is_module:
            return [str(self.program), "-P", str(script), *arguments]
        return [str(self.program), "--background", "--python", str(script), "--", *arguments]


def find_blender() -> Blender | str:
    """The Blender to test in, or why there is none."""
    named = os.environ.get("SPARKVSR_BLENDER", "")
    program = Path(named) if named else ROOT / ".venv-blender" / "bin" / "python"
    if not program.is_file():
        what = (
            f"SPARKVSR_BLENDER names {named}, which is" if named else "no Blender is set up; .venv-blender is"
        )
        return f"{what} not there: scripts/test makes one, or set SPARKVSR_BLENDER"
    look = ["-c", LOOK] if program.name.startswith("python") else ["--background", "--python-expr", LOOK]
    done = subprocess.run([program, *look], capture_output=True, text=True, timeout=120, check=False)
    message = [line.split() for line in done.stdout.splitlines() if line.startswith("BPY ")]
    if not message:
        return f"{program} has no Blender that starts: {(done.stderr.strip() or 'no word')[-300:]}"
    _, version, *_, major, minor, _ = message[0]
    return Blender(program, version, "py311" if (int(major), int(minor)) < (3, 12) else "py313")


@pytest.fixture(scope="session")
def blender() -> Blender:
    result = find_blender()
    if isinstance(result, str):
        pytest.skip(result)
    return result


@pytest.fixture(scope="session")
def archive(blender: Blender, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension as it is released, for this Blender."""
    variants = archives.select_variants(blender.python, PLATFORMS[sys.platform])
    try:
        result = archives.build_blender(tmp_path_factory.mktemp("dist"), ROOT / "build" / "wheels", variants)
    except BuildFailed as error:
        pytest.skip(f"the extension's archive cannot be made: {error}")
    return result[0]


@dataclass(frozen=True)
class Engine:
    """A real engine, started by the extension when it first needs one. program: what starts it."""

    program: Path
    home: Path


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("engine")
    program = folder / "sparkvsr"
    program.write_text(
        f'#!/bin/sh\nexport PYTHONPATH="{ROOT}"\nexec "{sys.executable}" -m sparkvsr_engine "$@"\n'
    )
    program.chmod(0o755)
    # Short enough for the path of a socket.
    home = Path(tempfile.mkdtemp(prefix="svsr-"))
    yield Engine(program, home)
    ask = {**os.environ, "SPARKVSR_HOME": str(home)}
    subprocess.run([program, "stop"], env=ask, capture_output=True, timeout=60, check=False)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def footage(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Media whose every frame carries its number: a movie, two numbered runs, a small stream; and a still
    picture.
    """
    folder = tmp_path_factory.mktemp("footage")
    for number in range(1, 7):
        # From below black to far above white.
        pixels = numbered_picture(number, sample="float16") * 4 - 0.5
        write_picture(folder / f"linear.{number:04d}.exr", pixels.astype("float16"))
    whole = write_movie(folder / "whole.mp4", width=192, height=128, frames=12)
    return {
        "stream": str(packed_movie(folder, "small.mp4", "2,7", whole)),
        "movie": str(write_movie(folder / "shot.mp4", frames=24, rate=Fraction(24))),
        "movie_frames": str(write_sequence(folder, "shot.%04d.png", range(24))),
        "sequence": str(write_sequence(folder, "plate.%04d.png", range(1001, 1061))),
        "linear": str(folder / "linear.%04d.exr"),
        "still": str(write_picture(folder / "still.png", numbered_picture(1, width=192, height=128))),
    }


Play = Callable[[str], None]


@pytest.fixture
def play(
    blender: Blender, archive: Path, engine: Engine, footage: dict[str, str], tmp_path: Path, user: Path
) -> Play:
    """Plays a scenario, `file.function`, in a Blender of its own; its last words are the failure's."""
    return functools.partial(_play, blender, archive, engine, footage, tmp_path, user)


@pytest.fixture(scope="session")
def user(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Home folder of the user whose Blender it is."""
    return tmp_path_factory.mktemp("user")


def _play(
    blender: Blender,
    archive: Path,
    engine: Engine,
    footage: dict[str, str],
    folder: Path,
    user: Path,
    scenario: str,
) -> None:
    plan = {"folder": str(folder), "archive": str(archive), "engine": str(engine.program)}
    plan.update(footage, home=str(engine.home))
    path = folder / "plan.json"
    path.write_text(json.dumps(plan), "utf-8")
    around = {key: value for key, value in os.environ.items() if key not in ("SPARKVSR_HOME", "PYTHONPATH")}
    around.update(HOME=str(user), XDG_CONFIG_HOME=str(user / ".config"), APPDATA=str(user))
    command = blender.command(HERE / "inside.py", str(path), scenario)
    with (folder / "words.txt").open("wb") as words:
        child = subprocess.Popen(command, env=around, stdout=words, stderr=words, start_new_session=True)
        try:
            status = child.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            status = "out of patience"
            child.kill()
            child.wait()
    if status != 0:
        text = (folder / "words.txt").read_text("utf-8", "replace")
        pytest.fail(f"{scenario} in Blender {blender.version}: {status}\n{text[-3000:]}", pytrace=False)


def scenarios() -> list[str]:
    """Every scenario as `file.function`."""
    return [
        f"{path.stem}.{node.name}"
        for path in sorted((HERE / "scenarios").glob("*.py"))
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]
