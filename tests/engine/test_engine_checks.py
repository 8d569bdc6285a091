"""What the doctor sees of an engine that runs, or cannot."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sparkvsr_bridge.connections.connection import Connection, is_served, serving_lock, write_connection
from sparkvsr_bridge.errors import ProtocolMismatch
from sparkvsr_bridge.process import EngineProcess
from sparkvsr_bridge.system.folders import runtime_folder
from sparkvsr_engine.engine_checks import check_engine, check_engine_place
from tests.fakes.launching import Engines
from tests.fakes.systems import no_sockets_on_windows


@pytest.fixture
def engines(home: Path) -> Iterator[Engines]:
    result = Engines(home)
    yield result
    result.end()


@pytest.mark.parametrize("options", [("--release", "0.0.1"), ("--major", "2")])
def test_an_older_engine_that_runs_is_seen_and_ended_by_the_command(
    engines: Engines, options: tuple[str, ...]
):
    with suppress(ProtocolMismatch):
        engines.process(*options).ensure().close()
    check = check_engine(engines.home)
    assert not check.is_good
    assert "sparkvsr stop" in check.remedy
    assert EngineProcess(engines.home).stop()
    assert "not running" in check_engine(engines.home).result


def test_a_free_place_is_one_and_stays_free(home: Path):
    runtime = runtime_folder(home)
    assert check_engine_place(runtime).is_good
    assert check_engine_place(runtime).is_good
    assert not is_served(runtime)
    assert not (runtime / "engine.json").exists()


def test_an_engine_that_does_not_answer_is_named_with_what_ends_it(home: Path):
    runtime = runtime_folder(home)
    lock = serving_lock(runtime)
    assert lock.take()
    try:
        assert check_engine_place(runtime).result == "starting"
        write_connection(runtime, Connection("ipc://a", "ipc://b", "ipc://c", pid=4711))
        check = check_engine_place(runtime)
        assert "4711 serves" in check.result
        assert "4711" in check.remedy
    finally:
        lock.release()


@no_sockets_on_windows
def test_a_place_another_program_listens_at_is_named(home: Path):
    runtime = runtime_folder(home)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as holder:
        holder.bind(str(runtime / "requests.sock"))
        holder.listen()
        check = check_engine_place(runtime)
    assert not check.is_good
    assert "requests.sock" in check.result
    assert "SPARKVSR_HOME" in check.remedy
