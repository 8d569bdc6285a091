# SPDX-License-Identifier: Apache-2.0
"""Where the engine is: on this machine by its command, elsewhere by its connection file.

A host's own `sys.executable` is the host itself (Nuke, Resolve): it never starts the engine.
"""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional, Tuple

from .. import errors
from ..connections import connection, endpoints
from ..system.folders import typed_path
from ..system.text_files import read_text_file

if TYPE_CHECKING:
    from ..process import EngineProcess

PREFERENCES = "the plugin's preferences"
OFFLINE_REASON = "this host may not go online; allow it in its preferences"
_HOST = re.compile(r"^tcp://(\[[^\]]*\]|[^:]*):")
_PYTHON = re.compile(r"^python[\d.]*(\.exe)?$", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class EnginePlace:
    """How to reach the engine.

    program: the engine's Python or its `sparkvsr` program; empty is SPARKVSR_ENGINE, then the search path.
    home: the engine's home folder; empty is the user's own.
    connection_file: of an engine on another machine (`sparkvsr keys add` makes it); empty is this machine.
    host: name or address of that machine where the file names it otherwise.
    may_go_online: whether the host allows connections to other machines.
    name: who connects, for people. preferences: where the engine's program is chosen, for messages.
    offline_reason: why other machines are not reached while `may_go_online` is False, and what to do.
    is_own_python: the host runs in the engine's own Python, whose environment is the engine's as well.
    """

    program: str = ""
    home: str = ""
    connection_file: str = ""
    host: str = ""
    may_go_online: bool = False
    name: str = "plugin"
    preferences: str = PREFERENCES
    offline_reason: str = OFFLINE_REASON
    is_own_python: bool = False

    @property
    def is_remote(self) -> bool:
        """Whether the engine is on another machine."""
        return bool(self.connection_file)

    def open(self) -> Any:
        """A client of the engine, started first when it is this machine's and does not run.

        Raises ConnectionFailed.
        """
        if self.is_remote:
            return self._connect_remote()
        return self.process().ensure(self.name)

    def process(self) -> EngineProcess:
        """The engine of this machine; raises EngineNotFound when there is no program for it."""
        from ..process import EngineProcess

        return EngineProcess(self.home_folder(), self.command(), scrub_environment=not self.is_own_python)

    def command(self) -> Tuple[str, ...]:
        """What starts this machine's engine program; raises EngineNotFound when there is none."""
        return engine_command(self.program, self.preferences)

    def home_folder(self) -> Optional[Path]:
        """The engine's home folder; None for the user's own."""
        home = typed_path(self.home)
        return Path(home).expanduser() if home else None

    def _connect_remote(self) -> Any:
        from ..client import EngineClient

        address = at_host(_read(Path(typed_path(self.connection_file))), self.host)
        if not endpoints.is_local(address.requests) and not self.may_go_online:
            raise errors.EngineNotFound(
                f"The engine at {address.requests} is on another machine, and {self.offline_reason}."
            )
        remote = EngineClient(address, self.name)
        try:
            remote.hello()
        except BaseException:
            remote.close()
            raise
        return remote


def engine_command(program: str, preferences: str = PREFERENCES) -> Tuple[str, ...]:
    """What starts the engine: the program named, else SPARKVSR_ENGINE, else `sparkvsr` on the search path.

    A program called python is asked for the engine's package. The host's own Python is never used.

    Args:
        program: as the preferences have it; empty where they have none.
        preferences: where a program is chosen, for messages.

    Raises:
        EngineNotFound: where no engine runs.
    """
    if not program:
        from ..process import installed_command

        command = installed_command()
        if command is None:
            raise errors.EngineNotFound(
                f"The engine is not set up; choose its Python (or its sparkvsr program) in {preferences}."
            )
        return command
    path = Path(typed_path(program)).expanduser()
    if not path.is_file():
        raise errors.EngineNotFound(
            f"The engine's program {program} is not there; choose it in {preferences}."
        )
    return (str(path), "-m", "sparkvsr_engine") if _PYTHON.match(path.name) else (str(path),)


def at_host(address: connection.Connection, host: str) -> connection.Connection:
    """The connection with another machine's name in its addresses; unchanged without one.

    Args:
        address: as the connection file has it.
        host: name of the machine; empty for none.
    """
    if not host:
        return address
    place = f"[{host}]" if ":" in host and not host.startswith("[") else host
    moved = {
        name: _HOST.sub(f"tcp://{place}:", getattr(address, name))
        for name in ("requests", "events", "heartbeat")
    }
    return dataclasses.replace(address, **moved)


def _read(path: Path) -> connection.Connection:
    problem: Optional[Exception] = None
    try:
        return connection.Connection.from_dict(json.loads(read_text_file(path)))
    except (OSError, ValueError, errors.SparkVSRError) as error:
        problem = error
    raise errors.EngineNotFound(
        f"{path} is no connection file ({problem}); have that engine's administrator make one: sparkvsr"
        f" keys add."
    ) from problem
