"""The connection file: how a client finds the engine of this user.

Written by the engine after its sockets are bound (never before: a port chosen and bound later is a
race), owner-only and atomically. Not here: starting an engine (`process`).
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import tempfile
from pathlib import Path
from typing import Optional

from ..errors import EngineNotFound, SparkVSRError
from ..records import Record
from ..system.held_files import replace_when_free, unlink_when_free
from ..system.locks import FileLock, is_held
from ..system.text_files import read_text_file

CONNECTION_NAME = "engine.json"
_SERVING_NAME = "serving.lock"


@dataclasses.dataclass(frozen=True)
class Connection(Record):
    """Where an engine listens.

    requests, events, heartbeat: ZeroMQ endpoints.
    server_key: the engine's CURVE public key (Z85); empty for ipc, which the folder's mode protects.
    client_public, client_secret: the key pair this machine's clients use; the file is owner-only.
    instance: name of this very run of the engine; a heartbeat answers it, and a file of that name (the
        marker) lies in `shared_folder`. Who sees the marker sees the engine's memory.
    """

    requests: str
    events: str
    heartbeat: str
    pid: int = 0
    version: str = ""
    server_key: str = ""
    client_public: str = ""
    client_secret: str = dataclasses.field(default="", repr=False)
    instance: str = ""
    shared_folder: str = ""


def write_connection(folder: Path, connection: Connection) -> Path:
    """Put the file in place, owner-only, in one step.

    Args:
        folder: the folder.
        connection: addresses and keys of the engine.
    """
    path = folder / CONNECTION_NAME
    # mkstemp makes the file owner-only from the start.
    handle, partial = tempfile.mkstemp(prefix=CONNECTION_NAME, suffix=".partial", dir=str(folder))
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(connection.to_dict(), file)
        replace_when_free(Path(partial), path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(partial).unlink()
        raise
    return path


def read_connection(folder: Path) -> Connection:
    """The engine's connection; raises EngineNotFound when there is none or it makes no sense.

    Args:
        folder: the folder.
    """
    path = folder / CONNECTION_NAME
    try:
        return Connection.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise EngineNotFound("No engine runs for this user; start one with 'sparkvsr serve'.") from None
    except (ValueError, OSError, RecursionError, SparkVSRError) as error:
        raise EngineNotFound(
            f"{path} cannot be read ({error}); delete it and start 'sparkvsr serve'."
        ) from error


def read_file(path: Path) -> Connection:
    """The connection of a client's file (`sparkvsr keys add -o FILE`); raises EngineNotFound.

    Args:
        path: of the file.
    """
    try:
        return Connection.from_dict(json.loads(read_text_file(path)))
    except (ValueError, OSError, RecursionError, SparkVSRError) as error:
        raise EngineNotFound(
            f"{path} cannot be read ({error}); have the engine's administrator make it anew."
        ) from error


def remove_connection(folder: Path, pid: Optional[int] = None) -> None:
    """Take the file away; with `pid`, only when it is that engine's.

    Args:
        folder: the folder.
        pid: of the engine whose file it must be; None for any.
    """
    # A client that waits for an engine reads the file again and again. One that never lets go keeps nobody
    # from serving: the file is replaced when the sockets are bound.
    with contextlib.suppress(EngineNotFound, PermissionError):
        if pid is None or read_connection(folder).pid == pid:
            unlink_when_free(folder / CONNECTION_NAME)


def serving_lock(folder: Path) -> FileLock:
    """The lock an engine holds from before its sockets are bound until it ends, however it ends.

    Args:
        folder: the folder.
    """
    return FileLock(folder / _SERVING_NAME)


def is_served(folder: Path) -> bool:
    """Whether an engine lives that serves this runtime folder; it need not answer yet.

    Args:
        folder: the folder.
    """
    return is_held(folder / _SERVING_NAME)
