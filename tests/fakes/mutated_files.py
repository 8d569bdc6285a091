"""Mutated movies and pictures, each read as a job reads it, and what came of every one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from tests.fakes import read_whole
from tests.fakes.code_path import CODE_PATH
from tests.fakes.media import numbered_picture, write_movie, write_picture
from tests.fakes.mutations import mutated

ROOT = Path(__file__).parents[2]
FRAMES = 12
# Files in one process: starting it takes longer than reading one of them.
BATCH = 8
SECONDS_EACH = 10
MOVIES = {
    "h264.mp4": {"codec": "libx264"},
    "h264.mkv": {"codec": "libx264"},
    "h264.ts": {"codec": "libx264"},
    "prores.mov": {"codec": "prores_ks", "pixel_format": "yuv422p10le", "options": {}},
    "mpeg4.avi": {"codec": "mpeg4", "rate": Fraction(25), "options": {}},
    "ffv1.mkv": {"codec": "ffv1", "options": {}},
    "mjpeg.avi": {"codec": "mjpeg", "pixel_format": "yuvj420p", "rate": Fraction(25), "options": {}},
}
PICTURES = {
    "plate.exr": "float16",
    "plate.png": "uint16",
    "plate.tif": "uint16",
    "plate.jpg": "uint8",
    "plate.dpx": "uint16",
    "plate.tga": "uint8",
}
OUTCOMES = ("every frame right", "loss named", "refused", "loss not named")


@dataclass(frozen=True)
class Reading:
    """What came of one file. line: as `read_whole` prints it, empty where it printed none."""

    name: str
    kind: str
    line: str

    @property
    def outcome(self) -> str:
        """One of OUTCOMES; of a picture, whose pixels nobody can judge, whether it was read or refused."""
        word, _, remainder = self.line.partition(" ")
        if word == "refused":
            return "refused"
        frames, concealed, notes, *numbers = map(int, remainder.split())
        if self.name in PICTURES or (numbers == list(range(FRAMES)) and not concealed):
            return "every frame right"
        return "loss named" if concealed or notes or frames == 0 else "loss not named"


def write_originals(folder: Path) -> Path:
    """One healthy file of each kind."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, changes in MOVIES.items():
        write_movie(folder / name, frames=FRAMES, **changes)
    for name, sample in PICTURES.items():
        write_picture(folder / name, numbered_picture(3, 64, 48, sample))
    return folder


def read_mutated(originals: Path, folder: Path, names: Sequence[str], count: int) -> Iterator[Reading]:
    """Mutate and read `count` files, in processes of a few each.

    Raises AssertionError for a traceback or a process that ended otherwise, TimeoutExpired for a hang.
    """
    for start in range(0, count, BATCH):
        batch: list[tuple[Path, str]] = []
        for seed in range(start, min(start + BATCH, count)):
            name = names[seed % len(names)]
            kind, content = mutated((originals / name).read_bytes(), seed)
            file = folder / f"{seed:04d}" / name
            file.parent.mkdir(parents=True)
            file.write_bytes(content)
            batch.append((file, kind))
        lines = _lines([file for file, _ in batch])
        for (file, kind), line in zip(batch, lines, strict=True):
            yield Reading(file.name, kind, line)


def _lines(files: Sequence[Path]) -> list[str]:
    ran = subprocess.run(
        [sys.executable, read_whole.__file__, *map(str, files)],
        env={**os.environ, "PYTHONPATH": CODE_PATH},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_EACH * len(files),
    )
    assert ran.returncode == 0, (files, ran.stderr[-800:])
    assert "Traceback" not in ran.stderr, (files, ran.stderr[-800:])
    return ran.stdout.splitlines()
