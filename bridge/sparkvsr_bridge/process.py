"""Starts the engine when it is not there, waits until it is ready, never starts two.

A host's own executable is no Python and its environment would break another one, so the engine is
launched as its own command, in an environment without the host's variables (`environments`).
Not here: sockets (`transport`), what an engine does when it serves (`sparkvsr_engine.daemon`).
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Dict, List, Optional, Sequence, Tuple

from .client import EngineClient
from .connections.connection import is_served, read_connection, read_file
from .errors import ConnectionFailed, EngineDidNotStart, EngineNotFound, NotAuthorised, ProtocolMismatch
from .messages import OkReply, ShutdownRequest
from .system.command_lines import as_started, split_command
from .system.environments import engine_environment
from .system.folders import home_folder, path_in_variable, runtime_folder
from .system.locks import FileLock, holding
from .system.windows import NO_WINDOW

START_TIMEOUT_SECONDS = 60.0
_HELLO_SECONDS = 2.0
_REMOTE_HELLO_SECONDS = 10.0
_POLL_SECONDS = 0.05
# An engine that dies at once must not be launched again by every click of an impatient user.
_RESTART_PAUSE_SECONDS = 2.0
_ENDING_SECONDS = 5.0
_LONGEST_LOG_TAIL = 16_384
_PYTHONS = ("python", "pypy")
_CREATION_FLAGS = NO_WINDOW | (subprocess.CREATE_NEW_PROCESS_GROUP if sys.platform == "win32" else 0)
# Some launchers end whatever their programs started; not every one lets a program leave its job.
_LEAVE_JOB = subprocess.CREATE_BREAKAWAY_FROM_JOB if sys.platform == "win32" else 0

# Engines this process launched. They outlive it; kept so that one that ends is collected, not a zombie.
_launched: List[subprocess.Popen[bytes]] = []


def remote_connection() -> Optional[Path]:
    """The file in SPARKVSR_REMOTE that leads to an engine of another machine; None when it is not set."""
    named = path_in_variable("SPARKVSR_REMOTE")
    return Path(named).expanduser().absolute() if named else None


def named_command() -> Optional[Tuple[str, ...]]:
    """The command in SPARKVSR_ENGINE; None when it is not set.

    It is the path of a program, spaces and all, or a command line quoted as in a shell; on Windows with
    double quotation marks. Raises EngineNotFound for one that cannot be read.
    """
    named = os.environ.get("SPARKVSR_ENGINE", "").strip()
    if not named:
        return None
    program = path_in_variable("SPARKVSR_ENGINE")
    if Path(program).is_file():
        return (program,)
    try:
        return tuple(split_command(named))
    except ValueError as error:
        raise EngineNotFound(f"SPARKVSR_ENGINE, {named}, cannot be read ({error}); correct it.") from error


def installed_command() -> Optional[Tuple[str, ...]]:
    """The engine's command where it need not share this Python: SPARKVSR_ENGINE, else `sparkvsr` on the path.

    None when there is neither. Raises EngineNotFound.
    """
    command = named_command()
    if command is not None:
        return command
    program = shutil.which("sparkvsr")
    return None if program is None else (program,)


def default_command() -> Tuple[str, ...]:
    """The engine's command: SPARKVSR_ENGINE, else this Python's engine, else `sparkvsr` on the path.

    This Python is used only where it is one and has the engine: in a host `sys.executable` is the host.
    Raises EngineNotFound.
    """
    command = named_command()
    if command is None and _has_own_engine():
        command = (sys.executable, "-m", "sparkvsr_engine")
    command = command or installed_command()
    if command is None:
        raise EngineNotFound(
            "The engine is not set up; set SPARKVSR_ENGINE to its sparkvsr program, or put that on the search"
            " path."
        )
    return command


def run_program(
    words: Sequence[str], timeout_seconds: float, program: Sequence[str] = (), home: Optional[Path] = None
) -> subprocess.CompletedProcess[str]:
    """A command of the engine's program run to its end, without the host's variables.

    Args:
        words: of the command behind the program.
        timeout_seconds: how long it may take.
        program: what starts the engine's program; empty for the usual one (`default_command`).
        home: the engine's home folder; None for this user's own.

    Raises:
        EngineNotFound: there is no program.
        OSError: it cannot be started.
        subprocess.TimeoutExpired: it took too long and was ended.
    """
    command = tuple(program) or default_command()
    environment = engine_environment(os.environ, command[0])
    if home is not None:
        environment["SPARKVSR_HOME"] = str(home)
    return subprocess.run(
        [*command, *words],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=timeout_seconds,
        check=False,
        stdin=subprocess.DEVNULL,
        creationflags=NO_WINDOW,
    )


def _has_own_engine() -> bool:
    name = Path(sys.executable or "").name.lower()
    return name.startswith(_PYTHONS) and importlib.util.find_spec("sparkvsr_engine") is not None


class EngineProcess:
    """The engine of one home folder, as seen by somebody who wants it to run.

    With SPARKVSR_REMOTE set it is the engine of another machine, which is never started from here.

    command: what starts the engine's program; `serve` is added. None takes `default_command`.
    scrub_environment: start it without the host's variables (`environments`); off when client and engine
    share a Python.
    """

    def __init__(
        self,
        home: Optional[Path] = None,
        command: Optional[Sequence[str]] = None,
        scrub_environment: bool = False,
    ) -> None:
        self.home = (home or home_folder()).absolute()
        self.runtime = runtime_folder(self.home)
        self.remote = remote_connection()
        self._command = tuple(command or (() if self.remote else default_command()))
        self._scrub = scrub_environment
        self._launched_at = -_RESTART_PAUSE_SECONDS
        self._log_start = 0

    @property
    def log_path(self) -> Path:
        """Where the engine writes what happens."""
        return self.home / "logs" / "engine.log"

    @property
    def output_path(self) -> Path:
        """What an engine launched here prints, a traceback for example. Not the log: that one is renamed when
        it is full, which Windows refuses while somebody has it open.
        """
        return self.home / "logs" / "engine.out"

    def connect(self, name: str = "") -> EngineClient:
        """Connect to the engine that runs; raises ConnectionFailed when none does.

        Args:
            name: how this program is called in the engine's log.
        """
        if self.remote is not None:
            return EngineClient.connect_by(self.remote, name, _REMOTE_HELLO_SECONDS)
        return EngineClient.connect(self.runtime, name, _HELLO_SECONDS)

    def ensure(self, name: str = "", timeout_seconds: float = START_TIMEOUT_SECONDS) -> EngineClient:
        """Connect to the engine, started first when there is none.

        Many clients may ask at once: one starts it, the others wait for that one.

        Args:
            name: how this program is called in the engine's log.
            timeout_seconds: how long to wait at most.

        Raises:
            EngineDidNotStart: with the last line of the engine's log, EngineNotFound when its command cannot
                be run, ProtocolMismatch, NotAuthorised.
        """
        if self.remote is not None:
            return self.connect(name)
        running = self._try_connect(name)
        if running is not None:
            return running
        give_up = time.monotonic() + timeout_seconds
        with holding(FileLock(self.runtime / "start.lock"), timeout_seconds) as is_first:
            if not is_first:
                raise EngineDidNotStart(
                    f"Another program has been starting the engine for {timeout_seconds:g} s;"
                    f" look at {self.log_path}."
                )
            return self._start(name, give_up)

    def reconnect(self, client: EngineClient, timeout_seconds: float = START_TIMEOUT_SECONDS) -> None:
        """Bring a client whose engine was lost to the one that runs now, started first when there is none.

        Args:
            client: a client that has lost its engine.
            timeout_seconds: how long to wait at most.
        """
        self.ensure(timeout_seconds=timeout_seconds).close()
        client.reconnect(read_connection(self.runtime) if self.remote is None else read_file(self.remote))

    def is_running(self) -> bool:
        """Whether an engine answers."""
        client = self._try_connect("")
        if client is not None:
            client.close()
        return client is not None

    def stop(self, timeout_seconds: float = 30.0) -> bool:
        """Ask the engine to end and wait until it has; False when there is none or it takes longer.

        Args:
            timeout_seconds: how long to wait at most.
        """
        try:
            with self.connect("stop") as client:
                client.request(ShutdownRequest(), OkReply)
        except ProtocolMismatch:
            if self.remote is not None:
                raise
            self._end_older()
        except ConnectionFailed:
            return False
        if self.remote is not None:
            return True
        give_up = time.monotonic() + timeout_seconds
        while is_served(self.runtime) and time.monotonic() < give_up:
            time.sleep(_POLL_SECONDS)
        return not is_served(self.runtime)

    def _end_older(self) -> None:
        """End an engine of another protocol in the one way it understands; none of its work is lost."""
        os.kill(read_connection(self.runtime).pid, signal.SIGTERM)

    def _start(self, name: str, give_up: float) -> EngineClient:
        """Launch at most once and try to connect until `give_up`; the caller holds the start lock."""
        child: Optional[subprocess.Popen[bytes]] = None
        while True:
            running = self._try_connect(name)
            if running is not None:
                return running
            is_there = is_served(self.runtime)
            if child is None and not is_there:
                child = self._launch()
            has_ended = child is not None and child.poll() is not None and not is_there
            if has_ended or time.monotonic() >= give_up:
                break
            time.sleep(_POLL_SECONDS)
        if child is None:
            raise EngineDidNotStart(
                f"An engine serves {self.runtime} but does not answer; end its process, then try again."
            )
        _end(child)
        raise EngineDidNotStart(
            f"The engine did not become ready: {self._last_words()} The whole log is {self.log_path}."
        )

    def _try_connect(self, name: str) -> Optional[EngineClient]:
        try:
            return self.connect(name)
        except (ProtocolMismatch, NotAuthorised):
            raise
        except ConnectionFailed:
            return None

    def _launch(self) -> subprocess.Popen[bytes]:
        time.sleep(max(0.0, self._launched_at + _RESTART_PAUSE_SECONDS - time.monotonic()))
        self._launched_at = time.monotonic()
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        environment = dict(os.environ, SPARKVSR_HOME=str(self.home))
        if self._scrub:
            environment = engine_environment(environment, self._command[0])
        self._log_start = self.log_path.stat().st_size if self.log_path.is_file() else 0
        # Begun anew, so that it cannot grow without end; what ended the last engine is in it until then.
        with self.output_path.open("wb") as output:
            try:
                child = self._spawn(environment, output)
            except OSError as error:
                raise EngineNotFound(
                    f"The engine's command {self._command[0]} cannot be run ({error.strerror});"
                    " set the engine's Python in the plugin's preferences or SPARKVSR_ENGINE."
                ) from error
        _launched[:] = [earlier for earlier in _launched if earlier.poll() is None]
        _launched.append(child)
        return child

    def _spawn(self, environment: Dict[str, str], output: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the engine's program, out of the host's job where that is allowed; raises OSError."""

        def start(flags: int) -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                as_started([*self._command, "serve"]),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd=str(self.home),
                # The engine outlives the host, and the host's Ctrl-C is not for it.
                start_new_session=os.name != "nt",
                creationflags=flags,
            )

        if _LEAVE_JOB:
            with contextlib.suppress(PermissionError):
                return start(_CREATION_FLAGS | _LEAVE_JOB)
        return start(_CREATION_FLAGS)

    def _last_words(self) -> str:
        """The last line the engine launched here printed, else the last one of its log."""
        printed = _last_line(self.output_path, 0)
        return printed or _last_line(self.log_path, self._log_start) or "it wrote nothing to its log."


def _last_line(path: Path, start: int) -> str:
    """The last line of a file beyond `start`; empty where there is none."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            # A full log was renamed, and the new one is shorter.
            file.seek(max(start if start <= end else 0, end - _LONGEST_LOG_TAIL))
            lines = file.read().decode("utf-8", "replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""


def _end(child: subprocess.Popen[bytes]) -> None:
    """End an engine that never became ready: left alone it would be the second one after the next try."""
    child.terminate()
    try:
        child.wait(_ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
