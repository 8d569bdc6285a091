"""Whether an engine may listen for remote clients: before a socket is bound, all that is unsafe is named."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sparkvsr_bridge.connections.endpoints import Endpoints, plan_endpoints
from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.transport import KeyPair, RemoteBounds, RemoteTransport
from sparkvsr_engine.access.audit import AuditLog
from sparkvsr_engine.access.keys import KeyFolder
from sparkvsr_engine.access.roots import IS_WINDOWS
from sparkvsr_engine.access.spellings import fault_of, is_below
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.daemon.remote.gate import Gate
from sparkvsr_engine.daemon.remote.remote_clients import RemoteClients

_EVERYWHERE = re.compile(r"tcp://(\*|0\.0\.0\.0|\[(::|\*|0*(:0*)*)\]):.*")
_SYSTEM_ROOTS = ("/etc", "/usr", "/bin", "/boot", "/root", "/run", "/proc", "/sys", "/dev", "/var", "/lib")


def listen_remotely(config: EngineConfig, listen: str, instance: str) -> RemoteClients:
    """Open the sockets remote clients reach the engine by.

    Raises InvalidSettings that names everything unsafe, EndpointInUse.

    Args:
        config: the engine's.
        listen: `tcp://HOST:PORT`.
        instance: name of this run of the engine.
    """
    keys = KeyFolder(config.remote_folder)
    if faults := list(listening_faults(config, keys, listen)):
        named = "; ".join(f"({number}) {fault}" for number, fault in enumerate(faults, 1))
        raise InvalidSettings(
            f"The engine does not listen on {listen}, which would be unsafe: {named}.", faults=faults
        )
    pair = keys.engine_pair()
    assert pair is not None
    gate = Gate(config, keys, AuditLog(config.log_folder))
    bounds = RemoteBounds(config.remote.message_bytes, config.remote.connections)
    endpoints = plan_endpoints(config.runtime, listen)
    transport = RemoteTransport(endpoints, KeyPair(pair.public, pair.secret), gate.admit, instance, bounds)
    return RemoteClients(transport, gate)


def listening_faults(config: EngineConfig, keys: KeyFolder, listen: str) -> Iterator[str]:
    """What is unsafe about listening on `listen`, a phrase each with what to do; none when all is well.

    Args:
        config: the engine's.
        keys: its folder of keys.
        listen: `tcp://HOST:PORT`.
    """
    endpoints: Endpoints = plan_endpoints(config.runtime, listen)
    if not endpoints.is_ipc and _EVERYWHERE.fullmatch(listen) and not config.remote.every_address:
        yield (
            f"{listen} is every address of this machine; name one address, or write 'every_address = true' in"
            " [remote]"
        )
    yield from _key_faults(config, keys)
    yield from _root_faults(config)


def _key_faults(config: EngineConfig, keys: KeyFolder) -> Iterator[str]:
    file_faults = keys.faults()
    yield from file_faults
    settings = config.home / "config.toml"
    if _others_may_write(settings):
        yield f"{settings} can be changed by others; run 'chmod go-w' on it"
    if _others_may_write(config.home):
        yield f"{config.home} can be changed by others; run 'chmod go-w' on it"
    if file_faults:
        return
    try:
        enrolled, pair = keys.listed(), keys.engine_pair()
    except InvalidSettings as error:
        yield error.message.rstrip(".")
        return
    if not enrolled or pair is None:
        yield "no key is enrolled; run 'sparkvsr keys add NAME --role submit -o FILE'"


def _root_faults(config: EngineConfig) -> Iterator[str]:
    if not config.remote.read and not config.remote.write:
        yield "no folder is open to remote clients; name some in 'read' and 'write' in [remote]"
    for name in (*config.remote.read, *config.remote.write):
        fault = fault_of(name, IS_WINDOWS)
        if fault:
            yield f"the root '{name}' {fault}; write the folder's full path"
            continue
        root = os.path.realpath(name)
        if not Path(root).is_dir():
            yield f"the root '{name}' is no folder; make it, or take it out of [remote]"
        elif not _is_narrow(root, config.home):
            yield f"the root '{name}' holds more than footage; name the folders of footage below it"


def _is_narrow(root: str, home: Path) -> bool:
    """Whether a resolved root is neither a whole disk nor the system's, a user's or the engine's own."""
    place, home_folder = Path(root), Path(os.path.realpath(home))
    if len(place.parts) < 2 or (place.is_mount() and len(place.parts) < 2):
        return False
    if is_below(str(home_folder), root, IS_WINDOWS) or is_below(root, str(home_folder), IS_WINDOWS):
        return False
    users = Path(os.path.realpath(Path.home()))
    if is_below(str(users), root, IS_WINDOWS):
        return False
    if is_below(os.path.realpath(tempfile.gettempdir()), root, IS_WINDOWS):
        return False
    return IS_WINDOWS or not any(is_below(root, folder, False) for folder in _SYSTEM_ROOTS)


def _others_may_write(path: Path) -> bool:
    if os.name == "nt":
        return False
    try:
        return bool(path.stat().st_mode & 0o022)
    except OSError:
        return False
