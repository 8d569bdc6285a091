"""What `sparkvsr doctor` looks at in the engine itself: an older one that runs, a place that is taken."""

from __future__ import annotations

import sys
from pathlib import Path

from sparkvsr_bridge.connections.connection import is_served, read_connection
from sparkvsr_bridge.errors import ConnectionFailed, EngineNotFound, ProtocolMismatch, SparkVSRError
from sparkvsr_bridge.process import EngineProcess
from sparkvsr_bridge.system.locks import FileLock, holding
from sparkvsr_bridge.transport import ServerTransport
from sparkvsr_bridge.version import __version__
from sparkvsr_engine.system_checks import Check, move_command

_START_SECONDS = 2.0


def check_engine(home: Path) -> Check:
    """Whether the engine that is installed runs, or can be started. home: the engine's home folder."""
    process = EngineProcess(home)
    try:
        with process.connect("doctor") as client:
            reply = client.hello()
    except ProtocolMismatch as error:
        return old_engine(error.message)
    except ConnectionFailed:
        return check_engine_place(process.runtime)
    if reply.version != __version__:
        return old_engine(f"version {reply.version} runs, {__version__} is installed")
    return Check("engine", True, "running")


def old_engine(reason: str) -> Check:
    """An engine runs that is not the one that is installed."""
    remedy = "sparkvsr stop; the new one is started when it is needed, and goes on with the jobs"
    return Check("engine", False, reason.rstrip("."), remedy)


def check_engine_place(runtime: Path) -> Check:
    """Whether an engine could listen where none answers. runtime: the engine's runtime folder."""
    if is_served(runtime):
        return _check_silent_engine(runtime)
    try:
        # Who starts an engine meanwhile waits, as for somebody else who starts one.
        with holding(FileLock(runtime / "start.lock"), _START_SECONDS) as is_first:
            if is_first:
                ServerTransport(runtime).close()
    except (SparkVSRError, OSError) as error:
        remedy = f"end the program that listens there, or choose another folder: {move_command()}"
        return Check("engine", False, str(error).rstrip("."), remedy)
    return Check("engine", True, "not running; started when needed")


def _check_silent_engine(runtime: Path) -> Check:
    try:
        pid = read_connection(runtime).pid
    except EngineNotFound:
        return Check("engine", True, "starting")
    end = f"taskkill /F /PID {pid}" if sys.platform == "win32" else f"kill -9 {pid}"
    return Check("engine", False, f"process {pid} serves {runtime} and does not answer", end)
