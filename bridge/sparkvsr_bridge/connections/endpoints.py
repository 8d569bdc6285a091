"""Where an engine listens: from one name to its three ZeroMQ endpoints. Text only, no sockets."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Optional

from ..errors import InvalidSettings
from ..system.folders import LONGEST_SOCKET_PATH, fits_socket, is_private

NAMES = ("requests", "events", "heartbeat")
_TCP = re.compile(r"tcp://(?P<host>\*|\[[0-9A-Fa-f:.%a-z*]+\]|[A-Za-z0-9.-]+):(?P<port>\*|[0-9]{1,5})")
_LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
_LOOPBACK_NAMES = {"localhost": "127.0.0.1"}
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "*": "127.0.0.1", "[::]": "[::1]"}


@dataclasses.dataclass(frozen=True)
class Endpoints:
    """The three endpoints to bind, in the order of NAMES."""

    requests: str
    events: str
    heartbeat: str

    @property
    def is_ipc(self) -> bool:
        """Whether they are socket files."""
        return self.requests.startswith("ipc://")


def plan_endpoints(folder: Path, listen: Optional[str]) -> Endpoints:
    """The endpoints to bind for `listen`: a socket file each, or one port each from the named one upwards.

    Args:
        folder: the engine's runtime folder.
        listen: None for socket files in `folder`; `ipc:///folder/name`; `tcp://host:port`, port `*` or 0 for
            any free ones.

    Raises:
        InvalidSettings: for anything else, and for a socket file where others could reach it.
    """
    if listen is None:
        return Endpoints(*(f"ipc://{folder / name}.sock" for name in NAMES))
    if listen.startswith("ipc://"):
        return _named_sockets(listen)
    match = _TCP.fullmatch(listen)
    if match is None:
        raise InvalidSettings(
            f"'{listen}' is no endpoint; use tcp://HOST:PORT, or ipc:// with the path of a socket."
        )
    # A name would be looked up, which some systems refuse to bind to.
    host, port = _LOOPBACK_NAMES.get(match["host"], match["host"]), match["port"].replace("*", "0")
    if not int(port):
        return Endpoints(*(f"tcp://{host}:*" for _ in NAMES))
    if int(port) + len(NAMES) > 65_536:
        raise InvalidSettings(
            f"port {port} is too high; the engine needs {len(NAMES)} ports from it upwards."
        )
    return Endpoints(*(f"tcp://{host}:{int(port) + offset}" for offset in range(len(NAMES))))


def is_local(endpoint: str) -> bool:
    """Whether an endpoint is on this machine by its name: a socket file or a loopback address.

    Args:
        endpoint: address of a socket.
    """
    match = _TCP.fullmatch(endpoint)
    return endpoint.startswith("ipc://") or (match is not None and match["host"] in _LOOPBACK_HOSTS)


def as_reached(endpoint: str) -> str:
    """A bound endpoint as a client of this machine reaches it: `every address` is none to connect to.

    Args:
        endpoint: what the socket was bound to.
    """
    match = _TCP.fullmatch(endpoint)
    if match is None:
        return endpoint
    return f"tcp://{_EVERYWHERE.get(match['host'], match['host'])}:{match['port']}"


def _named_sockets(listen: str) -> Endpoints:
    path = Path(listen[len("ipc://") :])
    if not path.is_absolute() or not fits_socket(path.with_name(f"{path.name}-heartbeat")):
        raise InvalidSettings(
            f"'{listen}' is no place for a socket; give a full path of at most"
            f" {LONGEST_SOCKET_PATH - len('-heartbeat')} bytes."
        )
    if not is_private(path.parent):
        raise InvalidSettings(
            f"{path.parent} can be entered by others, who could then use the engine;"
            " name a folder of your own with mode 0700."
        )
    return Endpoints(*(f"{listen}-{name}" for name in NAMES))
