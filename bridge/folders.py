"""Where engine and clients of one user meet: the state folder and the private runtime folder.

`SPARKVSR_HOME` moves both, so that tests and studios can keep engines apart.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path

from .errors import EngineNotFound

# An ipc path longer than this does not fit sockaddr_un (107 on Linux, 103 on macOS).
_LONGEST_SOCKET_PATH = 100


def home_folder() -> Path:
    """The folder of jobs, cache and logs; not created here."""
    named = os.environ.get("SPARKVSR_HOME")
    if named:
        return Path(named).expanduser().absolute()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "SparkVSR"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "SparkVSR"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "sparkvsr"


def runtime_folder(home: Path) -> Path:
    """The owner-only folder of the connection file and the sockets of the engine of `home`; made when absent."""
    folder = home / "run"
    if len(str(folder / "heartbeat.sock")) > _LONGEST_SOCKET_PATH:
        name = hashlib.sha256(str(home).encode()).hexdigest()[:12]
        owner = getattr(os, "getuid", lambda: 0)()
        folder = Path(tempfile.gettempdir()) / f"sparkvsr-{owner}" / name
    for private in (folder.parent, folder) if folder.parent != home else (folder,):
        private.mkdir(mode=0o700, parents=True, exist_ok=True)
        _require_private(private)
    return folder


def shared_memory_folder(runtime: Path) -> Path:
    """Where frames lie that both sides map: memory-backed where the system has such a folder."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK):
        return memory
    return runtime


def _require_private(folder: Path) -> None:
    """Refuse a folder that somebody else owns: they could read frames or answer in the engine's name."""
    if not hasattr(os, "getuid"):
        return
    found = folder.stat()
    if found.st_uid != os.getuid():
        raise EngineNotFound(f"{folder} belongs to another user; set SPARKVSR_HOME to a folder of your own.")
    if stat.S_IMODE(found.st_mode) & 0o077:
        folder.chmod(0o700)
