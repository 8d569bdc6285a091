"""What lies in a folder, without a system's own notes."""

from __future__ import annotations

from pathlib import Path

from sparkvsr_engine.storage.listing import visible_files


def test_notes_that_macos_leaves_beside_files_are_none_of_them(tmp_path: Path):
    for name in ("b.json", "a.json", "._a.json", ".DS_Store", "c.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in visible_files(tmp_path, "*.json")] == ["a.json", "b.json"]
    assert [path.name for path in visible_files(tmp_path)] == ["a.json", "b.json", "c.txt"]
    assert visible_files(tmp_path / "not there") == []
