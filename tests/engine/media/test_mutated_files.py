"""Mutated movies and pictures: read, concealed or refused in one sentence; no traceback, no hang, and no loss
that is not named, but where nothing in the file shows it.

500 of each, by hand: SPARKVSR_MUTATIONS=500 pytest tests/engine/media/test_mutated_files.py, or with counts
python scripts/mutated_files_page.py
"""

import os

import numpy as np
import pytest

from tests.compatibility.claims import covers
from tests.fakes.mutated_files import MOVIES, PICTURES, read_mutated, write_originals
from tests.fakes.mutations import KINDS, mutated

COUNT = int(os.environ.get("SPARKVSR_MUTATIONS", len(KINDS)))
# A recording may end anywhere, a doubled packet be meant, and JPEG has no checksum: nothing shows these.
MOST_UNNAMED = 0.05


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    return write_originals(tmp_path_factory.mktemp("originals"))


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
    readings = list(read_mutated(originals, tmp_path, names, COUNT))
    assert len(readings) == COUNT
    for reading in readings:
        assert reading.line.startswith(("whole ", "refused ")), reading
        # A class of its own and one sentence, not what a library happened to raise.
        assert not reading.line.startswith("refused internal"), reading
    assert any(reading.line.startswith("whole") for reading in readings)
    unnamed = [reading for reading in readings if reading.outcome == "loss not named"]
    assert len(unnamed) <= MOST_UNNAMED * COUNT, unnamed


def test_a_mutation_is_a_function_of_its_seed():
    content = bytes(range(256)) * 40
    assert all(mutated(content, seed) == mutated(content, seed) for seed in range(16))
    assert all(mutated(content, seed)[1] != content for seed in range(16) if seed % len(KINDS) != 5)
    assert np.unique([mutated(content, seed)[0] for seed in range(8)]).size == len(KINDS)
