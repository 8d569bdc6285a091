"""Files another program has open: waited for, and distinguished from files without permission."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from sparkvsr_bridge.connections.connection import (
    Connection,
    read_connection,
    remove_connection,
    write_connection,
)
from sparkvsr_bridge.system.held_files import (
    is_held_against_replacing,
    is_held_open,
    remove_folder_when_free,
    replace_when_free,
    unlink_when_free,
    when_free,
)
from tests.fakes.systems import IS_WINDOWS


class Refusal(PermissionError):
    """As Windows raises it."""

    def __init__(self, winerror: int) -> None:
        super().__init__(13, "Access is denied")
        self.winerror = winerror


class Program:
    """Has a file open for so many tries."""

    def __init__(self, tries: int, winerror: int = 32) -> None:
        self.tries, self.winerror = tries, winerror

    def change(self) -> None:
        self.tries -= 1
        if self.tries >= 0:
            raise Refusal(self.winerror)


@pytest.mark.parametrize("winerror", [5, 32, 33])
def test_a_file_that_is_closed_after_a_moment_is_waited_for(winerror: int):
    program = Program(3, winerror)
    when_free(program.change)
    assert program.tries == -1


def test_a_file_that_stays_open_is_refused_in_the_end():
    program = Program(1_000_000)
    with pytest.raises(Refusal):
        when_free(program.change, patience_seconds=0.1)


def test_a_refusal_of_another_kind_is_not_tried_again():
    program = Program(5, winerror=1314)
    with pytest.raises(Refusal):
        when_free(program.change)
    assert program.tries == 4


def test_a_file_that_may_be_written_and_is_denied_is_open_elsewhere(tmp_path: Path):
    movie = tmp_path / "m.mp4"
    assert not is_held_open(movie, Refusal(5)), "it is not there: the folder takes no files"
    movie.touch()
    assert is_held_open(movie, Refusal(5))
    assert is_held_open(movie, Refusal(32))
    assert not is_held_open(movie, PermissionError(13, "Permission denied"))
    assert not is_held_open(tmp_path, Refusal(5)), "a folder"


def test_moving_and_deleting_are_plain_where_nobody_holds_the_file(tmp_path: Path):
    partial, final = tmp_path / "partial", tmp_path / "final"
    partial.write_text("new")
    final.write_text("old")
    replace_when_free(partial, final)
    assert final.read_text() == "new"
    unlink_when_free(final)
    unlink_when_free(final)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not IS_WINDOWS, reason="other systems delete and replace a file that is open")
def test_a_connection_file_somebody_reads_does_not_stop_the_next_engine(runtime: Path):
    path = write_connection(runtime, Connection("a", "b", "c", pid=7))
    with path.open("rb"):
        remove_connection(runtime)
        assert read_connection(runtime).pid == 7
    remove_connection(runtime)
    assert list(runtime.iterdir()) == []


def test_a_folder_goes_with_its_read_only_files_and_leaves_what_its_links_lead_to(tmp_path: Path):
    folder, elsewhere = tmp_path / "cache", tmp_path / "elsewhere"
    for place in (folder / "inner", elsewhere):
        place.mkdir(parents=True)
        (place / "file").write_text("here")
        (place / "file").chmod(0o444)
    with contextlib.suppress(OSError):
        (folder / "link").symlink_to(elsewhere, target_is_directory=True)
    remove_folder_when_free(folder)
    assert not folder.exists()
    assert (elsewhere / "file").read_text() == "here"


def test_a_file_that_is_open_could_not_be_replaced_on_windows(tmp_path: Path):
    path = tmp_path / "m.mp4"
    assert not is_held_against_replacing(path)
    path.write_text("old")
    assert not is_held_against_replacing(path)
    with path.open("rb"):
        assert is_held_against_replacing(path) == IS_WINDOWS
    assert path.read_text() == "old"
