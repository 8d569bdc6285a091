"""Enrolled keys: who may connect from another machine, by name and role, and the engine's own pair.

They lie in an owner-only folder of the engine's home. A running engine looks at the file with every
message: a revoked key has no right from its next message on.
"""

from __future__ import annotations

import json
import os
import re
import stat
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sparkvsr_bridge.errors import InvalidSettings, StateConflict
from sparkvsr_bridge.system.folders import is_private, make_private_folder
from sparkvsr_bridge.system.locks import FileLock, holding
from sparkvsr_bridge.system.path_maps import STYLES
from sparkvsr_engine.access.roles import ROLES
from sparkvsr_engine.storage.whole_files import written_whole

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_Z85_KEY = re.compile(r"[0-9a-zA-Z.:+=^!/*?&<>()\[\]{}@%$#-]{40}")
_CLIENTS, _ENGINE = "clients.json", "engine.json"
_LOCK_SECONDS = 10.0


@dataclass(frozen=True)
class ClientKey:
    """One enrolled key.

    Attributes:
        name: of the client, for people and the audit log.
        role: `watch`, `submit` or `administer`.
        public: CURVE public key, Z85.
        paths: `windows` or `posix`, how paths are spelt in what this client is sent; empty for the engine's.
        enrolled: seconds since 1970.
    """

    name: str
    role: str
    public: str
    paths: str = ""
    enrolled: float = 0.0

    @property
    def fingerprint(self) -> str:
        """Enough of the public key to distinguish two."""
        return self.public[:8]


@dataclass(frozen=True)
class EnginePair:
    """The engine's own CURVE pair, Z85. It outlives restarts, for remote clients hold the public half."""

    public: str
    secret: str = field(repr=False)


class KeyFolder:
    """The files of keys. `clients` may be called by any thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._clients: dict[str, ClientKey] = {}

    def clients(self) -> dict[str, ClientKey]:
        """Enrolled keys by their public half, as the file has them now.

        A file that is gone or cannot be read enrols nobody.
        """
        with self._lock:
            try:
                status = (self.folder / _CLIENTS).stat()
                stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
                if stamp != self._stamp:
                    self._clients, self._stamp = {key.public: key for key in self._read()}, stamp
            except (OSError, InvalidSettings):
                self._clients, self._stamp = {}, None
            return self._clients

    def listed(self) -> list[ClientKey]:
        """Enrolled keys by name; raises InvalidSettings for a file that cannot be read."""
        return sorted(self._read(), key=lambda key: key.name) if (self.folder / _CLIENTS).exists() else []

    def add(self, key: ClientKey) -> None:
        """Enrol a key; raises InvalidSettings for a name or key that is there already, or makes no sense."""
        _check(key)
        with self._changing():
            keys = self.listed()
            if any(key.name == present.name for present in keys):
                raise InvalidSettings(
                    f"A key '{key.name}' is enrolled already; revoke it first or choose a name."
                )
            if any(key.public == present.public for present in keys):
                raise InvalidSettings("This public key is enrolled already; make a new pair.")
            self._write(_CLIENTS, [asdict(present) for present in [*keys, key]])

    def revoke(self, name: str) -> ClientKey:
        """Take a key's right away; raises InvalidSettings where there is none of that name."""
        with self._changing():
            keys = self.listed()
            revoked = next((key for key in keys if key.name == name), None)
            if revoked is None:
                raise InvalidSettings(
                    f"No key is called '{name}'; 'sparkvsr keys list' shows those there are."
                )
            self._write(_CLIENTS, [asdict(key) for key in keys if key is not revoked])
        return revoked

    def engine_pair(self) -> EnginePair | None:
        """The engine's own pair; None before the first key was enrolled."""
        path = self.folder / _ENGINE
        if not path.exists():
            return None
        values = _load(path)
        try:
            return EnginePair(str(values["public"]), str(values["secret"]))
        except (KeyError, TypeError) as error:
            raise InvalidSettings(
                f"{path} holds no key pair; delete it and enrol the clients anew."
            ) from error

    def keep_engine_pair(self, pair: EnginePair) -> EnginePair:
        """Store the pair unless there is one, and return the one that counts."""
        with self._changing():
            present = self.engine_pair()
            if present is None:
                self._write(_ENGINE, asdict(pair))
            return present or pair

    def faults(self) -> list[str]:
        """What is unsafe about the files, a sentence each."""
        faults: list[str] = []
        if self.folder.exists() and not is_private(self.folder):
            faults.append(f"{self.folder} is open to others; run 'chmod 700' on it")
        for name in (_CLIENTS, _ENGINE):
            path = self.folder / name
            if os.name != "nt" and path.exists() and _is_open_to_others(path):
                faults.append(
                    f"{path} is open to others or not yours; run 'chmod 600' on it and enrol new keys"
                )
        return faults

    @contextmanager
    def _changing(self) -> Generator[None]:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        make_private_folder(self.folder)
        with holding(FileLock(self.folder / "keys.lock"), _LOCK_SECONDS) as is_alone:
            if not is_alone:
                raise StateConflict(
                    f"Another program changes the keys in {self.folder}; try again in a moment."
                )
            yield

    def _read(self) -> list[ClientKey]:
        path = self.folder / _CLIENTS
        if os.name != "nt" and _is_open_to_others(path):
            raise InvalidSettings(f"{path} is open to others; run 'chmod 600' on it and enrol new keys.")
        try:
            keys = [ClientKey(**values) for values in _load(path)]
            for key in keys:
                _check(key)
            _require_distinct(keys, path)
        except TypeError as error:
            raise InvalidSettings(f"{path} is no list of keys ({error}); mend or delete it.") from error
        return keys

    def _write(self, name: str, values: Any) -> None:
        with written_whole(self.folder / name) as partial:
            partial.unlink(missing_ok=True)
            handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(values, file, indent=1)


def new_key(name: str, role: str, public: str, paths: str = "") -> ClientKey:
    """A key enrolled now.

    Args:
        name: of the client.
        role: `watch`, `submit` or `administer`.
        public: CURVE public key, Z85.
        paths: see `ClientKey`.
    """
    return ClientKey(name, role, public, paths, time.time())


def _check(key: ClientKey) -> None:
    if not isinstance(key.name, str) or not _NAME.fullmatch(key.name):
        raise InvalidSettings(f"'{key.name}' is no name for a key; use letters, digits, dots and dashes.")
    if key.role not in ROLES:
        raise InvalidSettings(f"'{key.role}' is no role; use {', '.join(ROLES)}.")
    if key.paths not in ("", *STYLES):
        raise InvalidSettings(f"'{key.paths}' is no spelling of paths; use {', '.join(STYLES)}.")
    if not isinstance(key.public, str) or not _Z85_KEY.fullmatch(key.public):
        raise InvalidSettings("The public key is not 40 characters of Z85; copy it whole.")


def _require_distinct(keys: list[ClientKey], path: Path) -> None:
    """A key that is listed twice would have two roles, and a name two keys."""
    for texts in ([key.public for key in keys], [key.name for key in keys]):
        if len(set(texts)) < len(texts):
            raise InvalidSettings(f"{path} lists a key or a name twice; leave one of them.")


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidSettings(f"{path} cannot be read ({error}); mend or delete it.") from error


def _is_open_to_others(path: Path) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return False
    is_file = stat.S_ISREG(status.st_mode)
    return not is_file or bool(stat.S_IMODE(status.st_mode) & 0o077) or status.st_uid != os.getuid()
