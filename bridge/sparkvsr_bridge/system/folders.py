"""Where engine and clients of one user meet: the state folder and the private runtime folder.

`SPARKVSR_HOME` moves both, so that tests and studios can keep engines apart.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import sys
from pathlib import Path
from typing import List

from ..errors import EngineNotFound
from .windows import make_folder_private

# An ipc path longer than this does not fit sockaddr_un (107 on Linux, 103 on macOS).
LONGEST_SOCKET_PATH = 100
# Symbolic links and junctions, as Windows marks them.
_LINK_TAGS = (0xA000000C, 0xA0000003)
# Not the TMPDIR of whoever asks: a host and a terminal with different ones must find the same engine.
_SHORT_PLACE = "/tmp"


def home_folder() -> Path:
    """The folder of jobs, cache and logs; not created here."""
    named = path_in_variable("SPARKVSR_HOME")
    if named:
        return Path(named).expanduser().absolute()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "SparkVSR"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "SparkVSR"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "sparkvsr"


def path_in_variable(name: str) -> str:
    """The path an environment variable holds; empty where it is not set.

    Args:
        name: of the variable.
    """
    return typed_path(os.environ.get(name, ""))


def typed_path(text: str, is_windows: bool = os.name == "nt") -> str:
    r"""A path as a person gave it to a variable or a field, without spaces around it.

    On Windows without quotation marks, which no path has there: Explorer copies them with a path, `set
    NAME="D:\my engine"` keeps them, and `setx NAME "D:\engine\"` leaves one at the end.

    Args:
        text: as it was given.
        is_windows: whether the system is Windows.
    """
    return text.replace('"', "").strip() if is_windows else text.strip()


def windows_program(name: str) -> str:
    """The full path of a program of Windows' own: the search path may lead to another of that name.

    Args:
        name: of the program's file.
    """
    return os.environ.get("SYSTEMROOT", r"C:\Windows") + f"\\System32\\{name}"


def cloud_folders() -> List[Path]:
    """Folders of this user that a service copies to a cloud, as far as the system names them."""
    named = [os.environ.get(name, "") for name in ("ONEDRIVE", "ONEDRIVECOMMERCIAL")]
    places = [Path(name) for name in named if name]
    if sys.platform == "darwin":
        places.append(Path.home() / "Library" / "Mobile Documents")
    return places


def runtime_folder(home: Path) -> Path:
    """The owner-only folder of the connection file and the sockets of the engine of `home`; made when absent.

    Lies in `home` unless that path is too long for a socket, or its disk has no modes (FAT, exFAT).

    Args:
        home: the engine's home folder.

    Raises:
        EngineNotFound: when it cannot be made, is a link, or belongs to somebody else.
    """
    home = home.absolute()
    folder = home / "run"
    try:
        if fits_socket(folder / "heartbeat.sock"):
            folder.parent.mkdir(parents=True, exist_ok=True)
            if _is_closed(folder):
                return folder
        owner = Path(_SHORT_PLACE) / f"sparkvsr-{_user_number()}"
        folder = owner / hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
        make_private_folder(owner)
        make_private_folder(folder)
    except OSError as error:
        raise EngineNotFound(
            f"{folder} cannot be used ({error.strerror}); set SPARKVSR_HOME to a folder you can write to."
        ) from error
    return folder


def _is_closed(folder: Path) -> bool:
    """Make the folder private; whether its disk keeps that. FAT forgets a mode or refuses it."""
    try:
        make_private_folder(folder)
    except PermissionError:
        if not folder.is_dir() or folder.lstat().st_uid != _user_number():
            raise
    return is_private(folder)


def shared_memory_folder(runtime: Path) -> Path:
    """Where frames lie that both sides map: memory-backed where the system has such a folder.

    Args:
        runtime: the engine's runtime folder.
    """
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK):
        return memory
    return runtime


def fits_socket(path: Path) -> bool:
    """Whether a socket may have this path; Windows has no such sockets and takes any.

    Args:
        path: of the socket.
    """
    return os.name == "nt" or len(os.fsencode(path)) <= LONGEST_SOCKET_PATH


def is_private(folder: Path) -> bool:
    """Whether the folder is there, is no link, is ours and nobody else can enter it.

    Args:
        folder: the folder.
    """
    try:
        status = folder.lstat()
    except OSError:
        return False
    if os.name == "nt":
        return stat.S_ISDIR(status.st_mode)
    is_ours = status.st_uid == _user_number()
    return stat.S_ISDIR(status.st_mode) and is_ours and not stat.S_IMODE(status.st_mode) & 0o077


def make_private_folder(folder: Path) -> None:
    """Make the folder, or take the one that is there when it is ours: another's could answer in our name.

    Raises OSError, and EngineNotFound for one of another user.

    Args:
        folder: whose parent is there.
    """
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if os.name == "nt":
        _make_private_on_windows(folder)
        return
    # Opened once and judged by its handle, so that nobody can put a link in its place in between.
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        status = os.fstat(handle)
        if status.st_uid != _user_number():
            raise EngineNotFound(
                f"{folder} belongs to another user; set SPARKVSR_HOME to a folder of your own."
            )
        if stat.S_IMODE(status.st_mode) != 0o700:
            os.fchmod(handle, 0o700)
    finally:
        os.close(handle)


def _make_private_on_windows(folder: Path) -> None:
    """A mode means nothing there; the connection file with its secret takes over the folder's access list."""
    form = folder.lstat()
    if not stat.S_ISDIR(form.st_mode) or getattr(form, "st_reparse_tag", 0) in _LINK_TAGS:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    make_folder_private(folder)


def _user_number() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0
