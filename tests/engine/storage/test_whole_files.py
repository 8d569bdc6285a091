"""Files that are there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparkvsr_engine.storage.whole_files import written_whole


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("is_shared", [False, True])
def test_a_file_appears_when_the_block_ends(tmp_path: Path, is_shared: bool):
    final = tmp_path / "made" / "weights.npz"
    with written_whole(final, is_shared) as partial:
        partial.write_bytes(b"half")
        assert not final.exists()
        assert partial.suffix == ".npz", "libraries choose the format by the extension"
    assert final.read_bytes() == b"half"
    assert names(final.parent) == ["weights.npz"]


@pytest.mark.parametrize("is_shared", [False, True])
def test_a_failure_leaves_what_was_there_and_nothing_beside_it(tmp_path: Path, is_shared: bool):
    final = tmp_path / "weights.npz"
    final.write_bytes(b"before")

    def write_half() -> None:
        with written_whole(final, is_shared) as partial:
            partial.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert final.read_bytes() == b"before"
    assert names(tmp_path) == ["weights.npz"]


def test_two_who_write_the_same_file_write_under_two_names(tmp_path: Path):
    final = tmp_path / "analysis.npz"
    with written_whole(final, is_shared=True) as first, written_whole(final, is_shared=True) as second:
        assert first != second
        first.write_bytes(b"one")
        second.write_bytes(b"two")
    assert final.read_bytes() == b"one", "the block that ends last is the outer one"
    assert names(tmp_path) == ["analysis.npz"]
