"""Starting engines: once, whoever asks how often, and with a sentence when it does not work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import zmq

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.connections.connection import is_served
from sparkvsr_bridge.errors import EngineDidNotStart, EngineNotFound, ProtocolMismatch
from sparkvsr_bridge.process import EngineProcess, default_command
from sparkvsr_bridge.system.liveness import process_exists
from sparkvsr_bridge.system.locks import FileLock
from tests.fakes.launching import ENGINE, Engines, wait_until
from tests.fakes.systems import IS_WINDOWS

ROOT = Path(__file__).resolve().parents[2]
ASK = """
import sys
from sparkvsr_bridge.process import EngineProcess
with EngineProcess(command=(sys.executable, *sys.argv[1:])).ensure("one of many") as client:
    print(client.hello().pid)
"""


def test_an_absent_engine_is_started_and_a_running_one_is_used(engines: Engines):
    process = engines.process()
    assert not process.is_running()
    engines.keep(process.ensure())
    engines.keep(engines.process().ensure())
    assert len(engines.started) == 1
    assert process.is_running()


@pytest.mark.slow
def test_twenty_programs_at_once_start_exactly_one(engines: Engines):
    asking = [
        subprocess.Popen(
            [sys.executable, "-c", ASK, str(ENGINE), "--slow-start", "0.5"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(20)
    ]
    answers = {request.communicate(timeout=120)[0].strip() for request in asking}
    assert len(engines.started) == 1
    assert answers == {str(engines.started[0])}


def test_a_second_engine_in_the_same_home_ends_by_itself(engines: Engines):
    engines.client()
    second = subprocess.run(
        [sys.executable, str(ENGINE), "serve"], capture_output=True, text=True, check=False
    )
    assert second.returncode != 0
    assert f"already as process {engines.started[0]}" in second.stderr
    assert engines.process().is_running()


def test_a_killed_engine_is_started_again(engines: Engines):
    process = engines.process()
    engines.keep(process.ensure())
    engines.kill()
    wait_until(lambda: not is_served(process.runtime))
    client = engines.keep(engines.process().ensure())
    assert client.hello().pid == engines.started[1]


@pytest.mark.slow
def test_an_engine_that_serves_but_does_not_answer_is_not_doubled(engines: Engines):
    engines.client()
    engines.freeze()
    with pytest.raises(EngineDidNotStart, match="does not answer"):
        engines.process().ensure(timeout_seconds=0.1)
    assert len(engines.started) == 1


def test_a_failed_start_gives_the_last_line_of_this_start(engines: Engines):
    process = engines.process("--fail-start", "no room on the device")
    process.log_path.parent.mkdir(parents=True)
    process.log_path.write_text("an older line\n")
    with pytest.raises(EngineDidNotStart, match=r"no room on the device .*engine\.log"):
        process.ensure()


def test_what_an_engine_prints_does_not_go_to_its_log(engines: Engines):
    """The log is renamed when it is full, which Windows refuses for a file that is somebody's output."""
    process = engines.process("--fail-start", "no room on the device")
    with pytest.raises(EngineDidNotStart):
        process.ensure()
    assert "no room on the device" in process.output_path.read_text(encoding="utf-8")
    assert not process.log_path.exists()


@pytest.mark.slow
def test_an_engine_that_never_listens_is_ended_when_time_is_up(engines: Engines):
    process = engines.process("--hang-start")
    with pytest.raises(EngineDidNotStart, match="did not become ready"):
        process.ensure(timeout_seconds=30.0 if IS_WINDOWS else 5.0)
    assert not process_exists(engines.started[0])


def test_somebody_else_who_never_finishes_starting_is_named(engines: Engines):
    process = engines.process()
    starting = FileLock(process.runtime / "start.lock")
    assert starting.take()
    with pytest.raises(EngineDidNotStart, match="Another program"):
        process.ensure(timeout_seconds=0.1)
    starting.release()
    assert engines.started == []


def test_a_command_that_cannot_be_run_is_named(home: Path):
    with pytest.raises(EngineNotFound, match="no-such-program"):
        EngineProcess(home, ("no-such-program",)).ensure()


def test_another_major_is_not_taken_for_an_absent_engine(engines: Engines):
    with pytest.raises(ProtocolMismatch):
        engines.process("--major", "2").ensure()
    assert len(engines.started) == 1


def test_stopping_waits_until_the_engine_has_ended(engines: Engines):
    process = engines.process()
    client = engines.keep(process.ensure())
    assert process.stop()
    assert not is_served(process.runtime)
    assert not process.stop(), "there is none any more"
    wait_until(lambda: not client.is_alive)


def test_an_engine_of_another_major_is_stopped_too(engines: Engines):
    process = engines.process("--major", "2")
    with pytest.raises(ProtocolMismatch):
        process.ensure()
    assert process.stop()
    assert not is_served(process.runtime)


def test_the_engine_gets_its_home_and_none_of_the_hosts_python(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PYTHONHOME", "/of/the/host")
    command = (sys.executable, str(ENGINE))
    client = engines.keep(EngineProcess(engines.home, command, scrub_environment=True).ensure())
    assert client.request(m.DescribeEngineRequest(), m.EngineReply).pid == engines.started[0]


@pytest.mark.parametrize(
    ("named", "command"),
    [
        ("", (sys.executable, "-m", "sparkvsr_engine")),
        ("python3 -m sparkvsr_engine", ("python3", "-m", "sparkvsr_engine")),
        ('"/opt/my engine/python" -m sparkvsr_engine', ("/opt/my engine/python", "-m", "sparkvsr_engine")),
    ],
)
def test_the_command_is_read_as_a_shell_would(
    monkeypatch: pytest.MonkeyPatch, named: str, command: tuple[str, ...]
):
    monkeypatch.setenv("SPARKVSR_ENGINE", named)
    assert default_command() == command


def test_a_command_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SPARKVSR_ENGINE", '"python -m sparkvsr_engine')
    with pytest.raises(EngineNotFound, match=r"SPARKVSR_ENGINE, .* cannot be read"):
        default_command()


def test_a_command_that_is_a_program_with_spaces_is_one(monkeypatch: pytest.MonkeyPatch, home: Path):
    program = home / "my engine"
    program.touch()
    monkeypatch.setenv("SPARKVSR_ENGINE", str(program))
    assert default_command() == (str(program),)


def test_a_hosts_own_program_never_starts_the_engine(home: Path, monkeypatch: pytest.MonkeyPatch):
    """In Nuke `sys.executable` is Nuke: run with `-m sparkvsr_engine serve` it would open another Nuke."""
    monkeypatch.delenv("SPARKVSR_ENGINE", raising=False)
    monkeypatch.setattr(sys, "executable", "/opt/Nuke15.1v3/Nuke15.1")
    monkeypatch.setenv("PATH", str(home))
    with pytest.raises(EngineNotFound, match="not set up"):
        default_command()
    program = home / ("sparkvsr.exe" if IS_WINDOWS else "sparkvsr")
    program.touch(mode=0o755)
    assert [Path(part).name.lower() for part in default_command()] == [program.name]


def test_a_python_without_the_engine_does_not_start_it(home: Path):
    """Blender's own Python is one, but the engine is installed elsewhere."""
    look = "from sparkvsr_bridge.process import default_command; default_command()"
    environment = {**os.environ, "PATH": str(home), "SPARKVSR_ENGINE": ""}
    command = [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {[str(home)]!r}; {look}"]
    shutil.copytree(
        ROOT / "bridge" / "sparkvsr_bridge",
        home / "sparkvsr_bridge",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    # With its own libraries, which lie beside it.
    for part in Path(zmq.__file__).parents[1].glob("*zmq*"):
        if part.is_dir():
            shutil.copytree(part, home / part.name)
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
    assert "EngineNotFound: The engine is not set up" in done.stderr
