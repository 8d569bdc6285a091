"""Every state of the connection, and that whoever asks never waits for Resolve."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.fakes.programs import write_program
from tests.fakes.resolve.application import Application

PATIENCE_SECONDS = 240.0


@pytest.fixture
def connect(resolves_python: None) -> Iterator[Callable[..., Any]]:
    """Opens connections that look often and lose patience soon."""
    from sparkvsr_resolve.connections.connection import Connection

    opened: list[Any] = []

    def open_one(**values: Any) -> Any:
        opened.append(Connection(**{"look_seconds": 0.05, **values}))
        return opened[-1]

    yield open_one
    for connection in opened:
        connection.close()


def wait_for(connection: Any, is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end, connection.state
        time.sleep(0.02)


def reach(connection: Any, kind: str) -> Any:
    wait_for(connection, lambda: connection.state.kind == kind)
    return connection.state


def test_it_is_starting_before_anything_is_seen(app: Application, connect):
    from sparkvsr_resolve.connections.connection_state import KINDS, ConnectionState, after_probe_failed

    assert ConnectionState().kind == "starting"
    # Each has words of its own for its picture.
    assert len({ConnectionState(kind).title for kind in KINDS}) == len(KINDS)
    assert after_probe_failed("No Python.").sentence == "No Python."


def test_ready_names_project_and_timeline(app: Application, connect):
    state = reach(connect(), "ready")
    assert state.can_place
    assert state.title == "Cut - Edit"
    assert "DaVinci Resolve Studio 21.0.4" in state.sentence


def test_a_free_edition_is_asked_its_name_and_nothing_more(app: Application, connect):
    app.is_studio = False
    state = reach(connect(), "free_edition")
    assert "sparkvsr conform" in state.sentence
    assert not state.can_place
    assert app.refusals == []
    assert set(app.calls) <= {"Resolve.GetProductName", "Resolve.GetVersion", "Resolve.GetVersionString"}


def test_no_resolve_then_one_that_starts_and_ends(app: Application, connect, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STAND_IN_RESOLVE", "127.0.0.1:1")
    connection = connect()
    assert "External scripting" in reach(connection, "no_resolve").sentence


def test_projects_and_timelines_come_and_go(app: Application, connect):
    connection = connect()
    reach(connection, "ready")
    timeline, app.project.current = app.project.current, None
    assert "no open timeline" in reach(connection, "no_timeline").sentence
    project, app.project = app.project, None
    reach(connection, "no_project")
    app.is_wedged = True
    assert "restart it" in reach(connection, "wedged").sentence
    app.is_wedged, app.project, project.current = False, project, timeline
    reach(connection, "ready")
    app.quit()
    assert "What is rendered is kept" in reach(connection, "lost").sentence


@pytest.mark.slow
def test_a_dialog_makes_it_busy_and_nobody_waits(app: Application, connect):
    connection = connect(patience=0.1)
    reach(connection, "ready")
    app.show_dialog()
    began = time.monotonic()
    connection.do(lambda host: host.timeline())
    assert connection.state.kind in ("ready", "busy")
    assert time.monotonic() - began < 1
    assert "shows a dialog" in reach(connection, "busy").sentence
    ended: list[Any] = []
    wait_for(
        connection,
        lambda: bool(ended.extend(connection.drain()) or [n for n in ended if hasattr(n, "error")]),
    )
    task = next(news for news in ended if hasattr(news, "error"))
    assert "Close the dialog" in str(task.error)
    app.close_dialog()
    reach(connection, "ready")


@pytest.mark.slow
def test_a_process_that_hangs_is_killed_and_another_one_started(app: Application, connect):
    connection = connect(patience=0.1, restart_seconds=0.2)
    reach(connection, "ready")
    first = connection._host.process.pid
    app.show_dialog()
    reach(connection, "busy")
    wait_for(connection, lambda: connection._host.process.pid not in (0, first))
    app.close_dialog()
    reach(connection, "ready")


def test_a_python_that_does_not_fit_is_named(app: Application, connect):
    from sparkvsr_resolve.connections.python_probe import ProbeReport

    connection = connect(find_python=lambda: ProbeReport(None, "Python 3.14 at /x crashes."))
    assert reach(connection, "no_python").sentence == "Python 3.14 at /x crashes."
    connection.do(lambda host: host.timeline())
    wait_for(connection, lambda: any(hasattr(news, "error") for news in connection.drain()))


class TestProbe:
    @pytest.mark.usefixtures("resolves_python")
    def test_a_crash_names_the_python(self, app: Application, monkeypatch: pytest.MonkeyPatch):
        import os

        from sparkvsr_resolve.connections.python_probe import probe

        monkeypatch.setenv("STAND_IN_RESOLVE_CRASHES", f"{sys.version_info[0]}.{sys.version_info[1]}")
        report = probe(os.environ)
        assert report.python is None
        assert f"Python 3.{sys.version_info[1]} at {sys.executable} crashes" in report.reason

    @pytest.mark.usefixtures("resolves_python")
    def test_a_python_that_does_is_taken_with_its_home(self, app: Application):
        import os

        from sparkvsr_resolve.connections.python_probe import host_environment, probe

        python = probe(os.environ).python
        assert python is not None
        environment = host_environment(python, {"PYTHONPATH": "/x", "PYTHONHOME": "/y", "HOME": "/z"})
        assert environment["FUSION_PYTHON3_HOME"] == python.home
        assert "PYTHONHOME" not in environment
        assert environment["PYTHONPATH"].endswith("davinci")

    def test_on_a_mac_the_python_is_named_in_its_second_variable_too(self, monkeypatch: pytest.MonkeyPatch):
        from sparkvsr_resolve.connections.python_probe import HostPython, host_environment
        from sparkvsr_resolve.host_process.loading import scripting_folder

        python = HostPython("/opt/homebrew/bin/python3.12", "3.12", "/opt/homebrew/python3.12")
        monkeypatch.setattr("sys.platform", "darwin")
        assert host_environment(python, {})["PYTHON3HOME"] == python.home
        monkeypatch.delenv("RESOLVE_SCRIPT_API", raising=False)
        assert scripting_folder().as_posix().startswith("/Library/Application Support/")
        monkeypatch.setattr("sys.platform", "linux")
        assert "PYTHON3HOME" not in host_environment(python, {})

    def test_another_version_is_refused_without_being_tried(self, tmp_path):
        from sparkvsr_resolve.connections.python_probe import probe

        program = write_program(tmp_path / "python", "print('3.14')\nprint('/opt/python')")
        report = probe({"SPARKVSR_RESOLVE_PYTHON": str(program)})
        assert report.python is None
        assert "Python 3.14" in report.reason
        assert "3.10 to 3.12" in report.reason

    @pytest.mark.usefixtures("resolves_python")
    def test_a_missing_module_names_its_folder(self, app: Application, monkeypatch, tmp_path):
        import os

        from sparkvsr_resolve.connections.python_probe import probe

        monkeypatch.setenv("RESOLVE_SCRIPT_API", str(tmp_path))
        assert str(tmp_path / "Modules") in probe(os.environ).reason


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12"])
def test_the_process_runs_in_every_python_that_resolve_takes(app: Application, version: str):
    from sparkvsr_resolve.connections.host import open_host
    from sparkvsr_resolve.connections.python_probe import HostPython

    from tests.fakes.host_pythons import require_python

    host = open_host(HostPython(str(require_python(version)), version, sys.base_prefix))
    try:
        facts = host.state()
    finally:
        host.close()
    assert (facts.timeline, facts.python.rsplit(".", 1)[0]) == ("Edit", version)
