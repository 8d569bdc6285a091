"""Runs the real command line as a person or a script does, and reads what it prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import sparkvsr_engine
from sparkvsr_bridge.connections.connection import read_connection
from sparkvsr_bridge.errors import ConnectionFailed, SparkVSRError
from sparkvsr_bridge.process import EngineProcess
from sparkvsr_bridge.system.folders import runtime_folder
from tests.fakes.code_path import CODE_PATH
from tests.fakes.systems import kill

ROOT = Path(sparkvsr_engine.__file__).parents[1]
COMMAND = (sys.executable, "-m", "sparkvsr_engine")


@dataclass(frozen=True)
class Outcome:
    """What a command left: exit status, its JSON lines (where it was asked for them), its text."""

    status: int
    events: list[dict]
    out: str
    err: str

    def named(self, kind):
        """The events of one kind."""
        return [event for event in self.events if event["event"] == kind]

    @property
    def last(self):
        """The last event."""
        return self.events[-1]


@dataclass(frozen=True)
class Program:
    """`sparkvsr` with one home folder."""

    home: Path

    @property
    def environment(self):
        """Tests run from a checkout that need not be installed."""
        return {
            **os.environ,
            "SPARKVSR_HOME": str(self.home),
            "PYTHONPATH": CODE_PATH,
            "OMP_WAIT_POLICY": "PASSIVE",
        }

    def start(self, *arguments):
        """A command that is still running."""
        return subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments, status=None):
        """A command run to its end; with `status`, it must end so."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=240)
        events = [json.loads(line) for line in out.splitlines()] if "--json" in arguments else []
        outcome = Outcome(process.returncode, events, out, err)
        assert status is None or outcome.status == status, outcome
        return outcome

    def json(self, *arguments, status=0):
        """As `run`, for machines."""
        return self.run(*arguments, "--json", status=status)

    def upscale(self, source, target, *options, status=0):
        """The main command, at a small scale by default."""
        scale = () if "--scale" in options or "--size" in options else ("--scale", 2)
        return self.json("upscale", source, "-o", target, *scale, *options, status=status)

    def engine_pid(self):
        """The daemon, 0 when none runs."""
        try:
            return read_connection(runtime_folder(self.home)).pid
        except ConnectionFailed:
            return 0

    def end_engine(self):
        """End the daemon whatever state it is in."""
        engine = EngineProcess(self.home)
        with suppress(SparkVSRError):
            if engine.stop():
                return
        if pid := self.engine_pid():
            kill(pid)
