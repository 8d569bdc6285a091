"""Starts the engine when it is not there, waits until it is ready, never starts two.

A host's own executable is no Python and its environment would break another one, so the engine is
launched as its own command with the host's Python variables taken out.
Not here: sockets (`transport`), what an engine does when it serves (`sparkvsr_engine.daemon`).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Dict, Optional, Sequence, Tuple

from .client import EngineClient
from .connection import read_connection
from .errors import ConnectionFailed, EngineDidNotStart, EngineNotFound, ProtocolMismatch
from .folders import home_folder, runtime_folder
from .locks import FileLock, holding

START_TIMEOUT_SECONDS = 60.0
_HELLO_SECONDS = 2.0
_HOST_VARIABLES = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "LD_LIBRARY_PATH", "LD_PRELOAD")


def default_command() -> Tuple[str, ...]:
    """The engine's command: SPARKVSR_ENGINE when set (split at spaces), else this Python's engine."""
    named = os.environ.get("SPARKVSR_ENGINE", "").split()
    return tuple(named) if named else (sys.executable, "-m", "sparkvsr_engine")


class EngineProcess:
    """The engine of one home folder, as seen by somebody who wants it to run.

    command: what starts the engine's program; `serve` is added. None takes `default_command`.
    scrub_environment: take the host's Python variables out; off when client and engine share a Python.
    """

    def __init__(
        self,
        home: Optional[Path] = None,
        command: Optional[Sequence[str]] = None,
        scrub_environment: bool = False,
    ) -> None:
        self.home = home or home_folder()
        self.runtime = runtime_folder(self.home)
        self._command = tuple(command or default_command())
        self._scrub = scrub_environment

    @property
    def log_path(self) -> Path:
        """Where the engine writes what happens."""
        return self.home / "logs" / "engine.log"

    def connect(self, name: str = "") -> EngineClient:
        """Connect to the engine that runs; raises ConnectionFailed when none does."""
        return EngineClient.connect(self.runtime, name, _HELLO_SECONDS)

    def ensure(self, name: str = "", timeout_seconds: float = START_TIMEOUT_SECONDS) -> EngineClient:
        """Connect to the engine, started first when there is none.

        Many clients may ask at once: one starts it, the others wait for that one.
        Raises EngineDidNotStart with the last line of the engine's log, ProtocolMismatch.
        """
        running = self._try_connect(name)
        if running is not None:
            return running
        give_up = time.monotonic() + timeout_seconds
        with holding(FileLock(self.runtime / "start.lock"), timeout_seconds):
            running = self._try_connect(name)
            if running is not None:
                return running
            child = self._launch()
            while time.monotonic() < give_up:
                running = self._try_connect(name)
                if running is not None:
                    return running
                if child.poll() is not None:
                    break
                time.sleep(0.05)
        raise EngineDidNotStart(
            f"The engine did not become ready: {self._last_words()} The whole log is {self.log_path}."
        )

    def is_running(self) -> bool:
        """Whether an engine answers."""
        client = self._try_connect("")
        if client is not None:
            client.close()
        return client is not None

    def _try_connect(self, name: str) -> Optional[EngineClient]:
        try:
            connection = read_connection(self.runtime)
            if not _process_exists(connection.pid):
                return None  # killed: its sockets would keep us waiting for an answer
            return self.connect(name)
        except ProtocolMismatch:
            raise
        except ConnectionFailed:
            return None

    def _launch(self) -> "subprocess.Popen[bytes]":
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        environment = dict(os.environ, SPARKVSR_HOME=str(self.home))
        if self._scrub:
            for variable in _HOST_VARIABLES:
                environment.pop(variable, None)
        with self.log_path.open("ab") as log:
            try:
                return subprocess.Popen(
                    [*self._command, "serve"],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=environment,
                    cwd=str(self.home),
                    **_detached(),
                )
            except OSError as error:
                raise EngineNotFound(
                    f"The engine's command {self._command[0]} cannot be run ({error.strerror}); set the engine's"
                    " Python in the plugin's preferences or SPARKVSR_ENGINE."
                ) from error

    def _last_words(self) -> str:
        try:
            lines = self.log_path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:
            return "it left no log."
        return lines[-1] if lines else "its log is empty."


def _detached() -> Dict[str, object]:
    """Popen options that let the engine outlive the host and keep the host's Ctrl-C from it."""
    if os.name == "nt":
        return {"creationflags": 0x00000008 | 0x00000200}  # DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP
    return {"start_new_session": True}


def _process_exists(pid: int) -> bool:
    if pid <= 0 or os.name == "nt":
        return True  # cannot be told cheaply: let hello decide
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """A killed child that its parent has not collected still counts as existing."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False
