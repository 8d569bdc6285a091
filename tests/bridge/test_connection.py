"""The connection file: whole or not there, and never a riddle."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparkvsr_bridge.connections.connection import (
    CONNECTION_NAME,
    Connection,
    is_served,
    read_connection,
    remove_connection,
    serving_lock,
    write_connection,
)
from sparkvsr_bridge.errors import EngineNotFound

CONNECTION = Connection("ipc:///r", "ipc:///e", "ipc:///h", pid=7, server_key="k", client_secret="s")


def test_what_was_written_is_read(runtime: Path):
    write_connection(runtime, CONNECTION)
    assert read_connection(runtime) == CONNECTION
    assert [path.name for path in runtime.iterdir()] == [CONNECTION_NAME]


def test_a_newer_engines_fields_are_ignored(runtime: Path):
    (runtime / CONNECTION_NAME).write_text('{"requests":"a","events":"b","heartbeat":"c","colour":"red"}')
    assert read_connection(runtime) == Connection("a", "b", "c")


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"requests": "a"}', '{"requests":1,"events":"b","heartbeat":"c"}', "[" * 100_000],
)
def test_a_broken_file_is_named_for_deletion(runtime: Path, content: str):
    (runtime / CONNECTION_NAME).write_text(content)
    with pytest.raises(EngineNotFound, match=r"engine\.json cannot be read .* delete it"):
        read_connection(runtime)


def test_without_a_file_the_error_explains_how_to_start_an_engine(runtime: Path):
    with pytest.raises(EngineNotFound, match="sparkvsr serve"):
        read_connection(runtime)


def test_an_engine_removes_its_own_file_only(runtime: Path):
    write_connection(runtime, CONNECTION)
    remove_connection(runtime, pid=8)
    assert read_connection(runtime).pid == 7
    remove_connection(runtime, pid=7)
    remove_connection(runtime, pid=7)
    remove_connection(runtime)
    assert list(runtime.iterdir()) == []


def test_a_failed_write_leaves_nothing_behind(runtime: Path):
    (runtime / CONNECTION_NAME).mkdir()
    with pytest.raises(OSError, match=CONNECTION_NAME):
        write_connection(runtime, CONNECTION)
    assert [path.name for path in runtime.iterdir()] == [CONNECTION_NAME]


def test_a_folder_is_served_while_its_lock_is_held(runtime: Path):
    assert not is_served(runtime)
    lock = serving_lock(runtime)
    lock.take()
    assert is_served(runtime)
    lock.release()
    assert not is_served(runtime)
