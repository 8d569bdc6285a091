"""A source archive holds nothing of the machine that made it."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from scripts.build_release import ReleaseFailed, normalise_archive, require_equal

MOMENT = 1_700_000_000


def archive(path: Path, moment: int, user: str, mode: int, names: list[str]) -> Path:
    """Such an archive, as somebody's machine makes it."""
    with tarfile.open(path, "w:gz") as packed:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.uname, entry.mode = 5, moment, user, mode
            packed.addfile(entry, io.BytesIO(b"hello"))
    return path


def test_two_machines_make_the_same_archive(tmp_path: Path):
    item = archive(tmp_path / "one.tar.gz", 5, "ann", 0o664, ["p/a", "p/b"])
    two = archive(tmp_path / "two.tar.gz", 9, "bob", 0o600, ["p/b", "p/a"])
    with pytest.raises(ReleaseFailed, match="not the same twice"):
        require_equal(item, two)
    for path in (item, two):
        normalise_archive(path, MOMENT)
    assert len(require_equal(item, two)) == 64
    with tarfile.open(item) as packed:
        entries = packed.getmembers()
    assert [(entry.name, entry.mtime, entry.uname, entry.mode) for entry in entries] == [
        ("p/a", MOMENT, "", 0o644),
        ("p/b", MOMENT, "", 0o644),
    ]


def test_programs_stay_programs(tmp_path: Path):
    path = archive(tmp_path / "one.tar.gz", 5, "ann", 0o700, ["p/demo"])
    normalise_archive(path, MOMENT)
    with tarfile.open(path) as packed:
        assert packed.getmember("p/demo").mode == 0o755
