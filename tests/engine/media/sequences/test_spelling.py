"""Names as each system's disks compare them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sparkvsr_engine.media.sequences.numbering import NumberedPattern
from sparkvsr_engine.media.sequences.spelling import spelled


@pytest.mark.parametrize(
    ("system", "first", "second", "is_same"),
    [
        ("win32", "F.0001.PNG", "f.0001.png", True),
        ("linux", "F.0001.PNG", "f.0001.png", False),
        ("darwin", "F.0001.PNG", "f.0001.png", False),
        ("darwin", "Mo\u0308we", "M\u00f6we", True),
        ("linux", "Mo\u0308we", "M\u00f6we", False),
    ],
)
def test_names_of_one_file_are_spelled_alike(system: str, first: str, second: str, is_same: bool):
    assert (spelled(first, system) == spelled(second, system)) == is_same


@pytest.mark.skipif(sys.platform != "win32", reason="capitals count on this system")
def test_a_pattern_finds_files_whatever_their_case(tmp_path: Path):
    (tmp_path / "f.0000.png").touch()
    pattern = NumberedPattern.parse(str(tmp_path / "F.%04d.PNG"))
    assert pattern is not None
    assert pattern.numbers() == [0]
