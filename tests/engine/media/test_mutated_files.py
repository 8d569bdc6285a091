"""Mutated movies and pictures: read, concealed or refused in one sentence; no traceback, no hang.

500 of each, by hand: SPARKVSR_MUTATIONS=500 pytest tests/engine/media/test_mutated_files.py
"""

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.compatibility.claims import covers
from tests.fakes import read_whole
from tests.fakes.media import numbered_picture, write_movie, write_picture
from tests.fakes.mutations import KINDS, mutated

ROOT = Path(__file__).parents[3]
COUNT = int(os.environ.get("SPARKVSR_MUTATIONS", len(KINDS)))
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


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    folder = tmp_path_factory.mktemp("originals")
    for name, changes in MOVIES.items():
        write_movie(folder / name, frames=12, **changes)
    for name, sample in PICTURES.items():
        write_picture(folder / name, numbered_picture(3, 64, 48, sample))
    return folder


def outcomes(files):
    """What came of each file, read in processes of a few each."""
    lines = []
    for start in range(0, len(files), BATCH):
        batch = files[start : start + BATCH]
        ran = subprocess.run(
            [sys.executable, read_whole.__file__, *map(str, batch)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS_EACH * len(batch),
        )
        assert ran.returncode == 0, (batch, ran.stderr[-800:])
        assert "Traceback" not in ran.stderr, (batch, ran.stderr[-800:])
        lines += ran.stdout.splitlines()
    return lines


@covers(
    "kinds of movies",
    "Damage",
    variants="mutated MP4, MKV, TS, MOV, AVI of five codecs: bytes, zeros, noise, cut, doubled, swapped",
    result="read, concealed or refused in a sentence; no traceback, no hang",
)
@covers(
    "kinds of pictures",
    "L. Damage, and one reader for one file",
    variants="mutated EXR, PNG, TIFF, JPEG, DPX, TGA: bytes, zeros, noise, cut, doubled, swapped",
    result="read, or refused in a sentence; no traceback, no hang",
)
@pytest.mark.timeout(0 if len(KINDS) < COUNT else 300)
@pytest.mark.parametrize("names", [tuple(MOVIES), tuple(PICTURES)], ids=["movies", "pictures"])
def test_mutated_files_are_read_or_refused(originals, tmp_path, names):
    files, kinds = [], []
    for seed in range(COUNT):
        name = names[seed % len(names)]
        kind, content = mutated((originals / name).read_bytes(), seed)
        file = tmp_path / f"{seed:04d}" / name
        file.parent.mkdir()
        file.write_bytes(content)
        files.append(file)
        kinds.append(kind)
    lines = outcomes(files)
    assert len(lines) == COUNT
    for line in lines:
        assert line.startswith(("whole ", "refused ")), line
        if line.startswith("refused "):
            # A class of its own and one sentence, not what a library happened to raise.
            assert not line.startswith("refused internal"), line
    assert any(line.startswith("whole") for line in lines)


def test_a_mutation_is_a_function_of_its_seed():
    content = bytes(range(256)) * 40
    assert all(mutated(content, seed) == mutated(content, seed) for seed in range(16))
    assert all(mutated(content, seed)[1] != content for seed in range(16) if seed % len(KINDS) != 5)
    assert np.unique([mutated(content, seed)[0] for seed in range(8)]).size == len(KINDS)
