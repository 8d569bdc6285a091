"""Where the engine is: here by its command, or elsewhere by its connection file. No Blender here."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any, Optional, Tuple

from .bridge_link import client, connection, endpoints, errors, process

CLIENT_NAME = "blender"
_HOST = re.compile(r"^tcp://(\[[^\]]*\]|[^:]*):")
_PYTHON = re.compile(r"^python[\d.]*(\.exe)?$", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class EnginePlace:
    """How to reach the engine.

    program: the engine's Python or its `sparkvsr` program; empty looks around.
    home: the engine's home folder; empty is the user's own.
    connection_file: of an engine on another machine (its `engine.json`); empty is this machine.
    host: name or address of that machine where the file names it otherwise.
    may_go_online: whether Blender allows talking to other machines.
    name: who connects, for people.
    """

    program: str = ""
    home: str = ""
    connection_file: str = ""
    host: str = ""
    may_go_online: bool = False
    name: str = CLIENT_NAME

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

    def process(self) -> Any:
        """The engine of this machine; raises EngineNotFound when no program is known."""
        home = Path(self.home).expanduser() if self.home else None
        return process.EngineProcess(home, engine_command(self.program), scrub_environment=True)

    def _connect_remote(self) -> Any:
        found = at_host(_read(Path(self.connection_file)), self.host)
        if not endpoints.is_local(found.requests) and not self.may_go_online:
            raise errors.EngineNotFound(
                f"The engine at {found.requests} is on another machine and Blender's online access is off;"
                " allow it in Preferences > System > Network."
            )
        remote = client.EngineClient(found, self.name)
        try:
            remote.hello()
        except BaseException:
            remote.close()
            raise
        return remote


def engine_command(program: str) -> Tuple[str, ...]:
    """What starts the engine: the program named, else SPARKVSR_ENGINE, else `sparkvsr` on the search path.

    A program called python is asked for the engine's package. Raises EngineNotFound.
    """
    if program:
        if not Path(program).expanduser().is_file():
            raise errors.EngineNotFound(
                f"The engine's program {program} is not there; choose it in the extension's preferences."
            )
        return _of_program(str(Path(program).expanduser()))
    if os.environ.get("SPARKVSR_ENGINE", "").strip():
        return tuple(process.default_command())
    found = shutil.which("sparkvsr")
    if found is None:
        raise errors.EngineNotFound(
            "The engine is not set up; choose its Python (or its sparkvsr program) in the extension's"
            " preferences."
        )
    return (found,)


def at_host(found: Any, host: str) -> Any:
    """The connection with another machine's name in its addresses; unchanged without one."""
    if not host:
        return found
    place = f"[{host}]" if ":" in host and not host.startswith("[") else host
    moved = {
        name: _HOST.sub(f"tcp://{place}:", getattr(found, name))
        for name in ("requests", "events", "heartbeat")
    }
    return dataclasses.replace(found, **moved)


def _of_program(path: str) -> Tuple[str, ...]:
    return (path, "-m", "sparkvsr_engine") if _PYTHON.match(Path(path).name) else (path,)


def _read(path: Path) -> Any:
    problem: Optional[Exception] = None
    try:
        return connection.Connection.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, errors.SparkVSRError) as error:
        problem = error
    raise errors.EngineNotFound(
        f"{path} is no connection file ({problem}); copy engine.json from the engine's machine."
    ) from problem
