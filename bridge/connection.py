"""The connection file: how a client finds the engine of this user.

Written by the engine after its sockets are bound (never before: a port chosen and bound later is a
race), owner-only and atomically. Not here: starting an engine (`process`).
"""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
from pathlib import Path
from typing import Optional

from .errors import EngineNotFound, MalformedMessage
from .records import Record

CONNECTION_NAME = "engine.json"


@dataclasses.dataclass(frozen=True)
class Connection(Record):
    """Where an engine listens.

    requests, events, heartbeat: ZeroMQ endpoints.
    server_key: the engine's CURVE public key (Z85); empty for ipc, which the folder's mode protects.
    client_public, client_secret: the key pair this machine's clients use; the file is owner-only.
    """

    requests: str
    events: str
    heartbeat: str
    pid: int = 0
    version: str = ""
    server_key: str = ""
    client_public: str = ""
    client_secret: str = ""


def write_connection(folder: Path, connection: Connection) -> Path:
    """Put the file in place, owner-only, in one step."""
    path = folder / CONNECTION_NAME
    handle, partial = tempfile.mkstemp(prefix=CONNECTION_NAME, suffix=".partial", dir=str(folder))
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(connection.to_dict(), file)
    os.chmod(partial, 0o600)
    os.replace(partial, path)
    return path


def read_connection(folder: Path) -> Connection:
    """The engine's connection; raises EngineNotFound when there is none or it makes no sense."""
    path = folder / CONNECTION_NAME
    try:
        return Connection.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise EngineNotFound("No engine runs for this user; start one with 'sparkvsr serve'.") from None
    except (ValueError, OSError, MalformedMessage) as error:
        raise EngineNotFound(f"{path} cannot be read ({error}); delete it and start 'sparkvsr serve'.") from error


def remove_connection(folder: Path, pid: Optional[int] = None) -> None:
    """Take the file away; with `pid`, only when it is that engine's."""
    path = folder / CONNECTION_NAME
    try:
        if pid is None or read_connection(folder).pid == pid:
            path.unlink()
    except (EngineNotFound, FileNotFoundError):
        pass
