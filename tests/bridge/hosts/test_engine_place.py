"""Where a host's plugin finds its engine: its command here, its connection file elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkvsr_bridge.connections.connection import Connection, write_connection
from sparkvsr_bridge.errors import EngineNotFound
from sparkvsr_bridge.hosts.engine_place import EnginePlace, at_host, engine_command
from sparkvsr_bridge.messages import DescribeEngineRequest, EngineReply
from tests.fakes.remote_engines import RemoteEngine

ELSEWHERE = Connection("tcp://10.1.2.3:50", "tcp://10.1.2.3:51", "tcp://[fe80::1]:52", server_key="k" * 40)


def test_addresses_are_moved_to_the_machine_that_is_named():
    moved = at_host(ELSEWHERE, "render01")
    places = (moved.requests, moved.events, moved.heartbeat)
    assert places == ("tcp://render01:50", "tcp://render01:51", "tcp://render01:52")
    assert moved.server_key == ELSEWHERE.server_key
    assert at_host(ELSEWHERE, "fe80::2").requests == "tcp://[fe80::2]:50"
    assert at_host(ELSEWHERE, "") == ELSEWHERE


def test_a_python_is_asked_for_the_engines_package_and_a_program_is_itself(tmp_path: Path):
    for name, remainder in (("python3.11", ("-m", "sparkvsr_engine")), ("sparkvsr", ())):
        (tmp_path / name).touch()
        assert engine_command(str(tmp_path / name)) == (str(tmp_path / name), *remainder)


def test_a_missing_program_is_reported(tmp_path: Path):
    with pytest.raises(EngineNotFound, match="is not there"):
        engine_command(str(tmp_path / "python"))


def test_a_missing_engine_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """This Python has the engine, and is not used: in a host it would be the host."""
    monkeypatch.delenv("SPARKVSR_ENGINE", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineNotFound, match=r"not set up; choose .* in the node's settings"):
        engine_command("", "the node's settings")


def test_the_engine_named_in_the_environment_is_used(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SPARKVSR_ENGINE", "/farm/python -m sparkvsr_engine")
    assert engine_command("") == ("/farm/python", "-m", "sparkvsr_engine")


def test_a_file_that_is_no_connection_is_reported(tmp_path: Path):
    (tmp_path / "engine.json").write_text("[]")
    with pytest.raises(EngineNotFound, match="is no connection file"):
        EnginePlace(connection_file=str(tmp_path / "engine.json")).open()


def test_another_machine_needs_the_hosts_leave_to_go_online(tmp_path: Path):
    path = write_connection(tmp_path, ELSEWHERE)
    reason = "online access is off; allow it in the preferences"
    with pytest.raises(EngineNotFound, match=reason):
        EnginePlace(connection_file=str(path), may_go_online=False, offline_reason=reason).open()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[RemoteEngine]:
    """A real engine that listens for other machines."""
    result = RemoteEngine(tmp_path)
    try:
        result.start()
        yield result
    finally:
        result.end()


@pytest.mark.slow
def test_an_engine_is_reached_by_its_file_and_the_name_of_its_machine(engine: RemoteEngine, tmp_path: Path):
    elsewhere = at_host(engine.connection("submit"), "10.1.2.3")
    path = write_connection(tmp_path, elsewhere)
    client = EnginePlace(connection_file=str(path), host="localhost", may_go_online=True).open()
    try:
        assert client.request(DescribeEngineRequest(), EngineReply).pid > 0
    finally:
        client.close()
