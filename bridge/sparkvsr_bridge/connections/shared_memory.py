"""Frames that two processes of one machine map: own files in the shared memory folder.

`multiprocessing.shared_memory` is not used: before Python 3.13 a process that merely attaches unlinks
the segment when it exits. A file here is owner-only, made by one process, unlinked by the receiver or
the maker (`PROTOCOL.md` has who), and swept up when its maker died first.
Not here: which pictures travel this way (`pictures`).
"""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import re
import secrets
import shutil
import stat
import time
from pathlib import Path
from typing import Callable, Generator, Tuple

from ..errors import DiskFull, MediaUnreadable, OutputUnwritable
from ..system.liveness import process_exists

_NAME = re.compile(r"sparkvsr-(?P<engine>engine-)?(?P<pid>[0-9]{1,10})-[0-9a-f]{16}")
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
# Windows has no memory-backed folder, but keeps such a file in memory while there is some.
_SHORT_LIVED = getattr(os, "O_SHORT_LIVED", 0)
_BLOCK_BYTES = 1 << 20
UNCLAIMED_SECONDS = 600.0
"""A frame lives from a message to its reading, seconds; one this old was forgotten."""

# A file this young may belong to a process whose number is not visible from here (a container).
_YOUNG_SECONDS = 60.0


@contextlib.contextmanager
def new_frame(folder: Path, nbytes: int, keep: bool = False) -> Generator[Tuple[str, memoryview], None, None]:
    """Make a shared frame and map it for writing; yields its name and its bytes.

    Args:
        folder: the folder.
        nbytes: size in bytes.
        keep: leave the file behind for the receiver to unlink; else it goes with the block.

    Raises:
        DiskFull: when the room is not there, OutputUnwritable when the folder takes no files.
    """
    name, handle = _make_file(folder)
    try:
        # Writing to a mapping without room behind it would kill the process.
        _with_room(folder, handle, nbytes, lambda: _reserve(handle, nbytes))
        with _mapped(handle, nbytes, mmap.ACCESS_WRITE) as pixels:
            yield name, pixels
    except BaseException:
        keep = False
        raise
    finally:
        if not keep:
            unlink(folder, name)


def write_frame(folder: Path, pixels: memoryview) -> str:
    """Make a shared frame that holds these bytes; whoever unlinks it is agreed elsewhere.

    Written, not mapped: that takes half the time. Raises as `new_frame` does.

    Args:
        folder: the folder.
        pixels: the bytes.
    """
    name, handle = _make_file(folder)
    try:
        _with_room(folder, handle, pixels.nbytes, lambda: _write(handle, pixels))
    except BaseException:
        unlink(folder, name)
        raise
    os.close(handle)
    return name


@contextlib.contextmanager
def open_frame(folder: Path, name: str, nbytes: int, take: bool = False) -> Generator[memoryview, None, None]:
    """Map a frame another process made, read-only; bytes kept beyond the block keep the mapping alive.

    Args:
        folder: the folder.
        name: of the frame, as the message names it.
        nbytes: size in bytes.
        take: unlink it, as a receiver of an event does; the bytes stay readable.

    Raises:
        MediaUnreadable: for a name that is none of ours, a file that is gone, short, or not the user's own.
    """
    handle = _open_checked(folder, name, nbytes)
    try:
        with _mapped(handle, nbytes, mmap.ACCESS_READ) as pixels:
            if take and os.name != "nt":
                unlink(folder, name)
            yield pixels
    finally:
        if take:
            unlink(folder, name)


def unlink(folder: Path, name: str) -> None:
    """Take a frame's file away; one that is gone, or that Windows still holds open, is left to `sweep`.

    Args:
        folder: the folder.
        name: of the frame, as the message names it.
    """
    if _NAME.fullmatch(name):
        with contextlib.suppress(FileNotFoundError, PermissionError):
            (folder / name).unlink()


def make_marker(folder: Path) -> str:
    """An empty file that proves to a client that it sees the engine's own memory; returns its name.

    Args:
        folder: the folder.
    """
    name = f"sparkvsr-engine-{os.getpid()}-{secrets.token_hex(8)}"
    os.close(os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_EXCL | _NO_LINKS, 0o600))
    return name


def has_marker(folder: Path, name: str) -> bool:
    """Whether the marker of that name lies there and is ours.

    Args:
        folder: the folder.
        name: of the marker, as the engine names it.
    """
    if not _NAME.fullmatch(name):
        return False
    try:
        status = (folder / name).lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and _is_own(status)


def sweep(folder: Path) -> int:
    """Unlink what dead processes left behind and frames nobody took; returns how many files went.

    Whoever still maps a frame keeps its bytes.

    Args:
        folder: the folder.
    """
    swept = 0
    for path in list(folder.glob("sparkvsr-*")):
        match = _NAME.fullmatch(path.name)
        try:
            status = path.lstat()
        except OSError:
            continue
        if match is None or not _is_own(status):
            continue
        age = time.time() - status.st_mtime
        is_left = age > _YOUNG_SECONDS and not process_exists(int(match["pid"]))
        is_unclaimed = age > UNCLAIMED_SECONDS and not match["engine"]
        if is_left or is_unclaimed:
            unlink(folder, path.name)
            swept += 1
    return swept


def _open_checked(folder: Path, name: str, nbytes: int) -> int:
    if not _NAME.fullmatch(name):
        raise MediaUnreadable(f"'{name}' is no name of a shared frame.")
    try:
        handle = os.open(folder / name, os.O_RDONLY | _NO_LINKS)
    except OSError as error:
        raise MediaUnreadable(
            f"the shared frame {name} cannot be opened ({error.strerror}); send it again."
        ) from error
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode) or not _is_own(status) or status.st_size < nbytes:
        os.close(handle)
        raise MediaUnreadable(
            f"the shared frame {name} has {status.st_size} bytes, {nbytes} are needed, or is not yours."
        )
    return handle


@contextlib.contextmanager
def _mapped(handle: int, nbytes: int, access: int) -> Generator[memoryview, None, None]:
    """Map an open file, whose handle is closed here."""
    try:
        mapped = mmap.mmap(handle, nbytes, access=access)
    finally:
        os.close(handle)
    pixels = memoryview(mapped)
    try:
        yield pixels
    finally:
        # Arrays made from the bytes may live on; the mapping then ends with the last of them.
        with contextlib.suppress(BufferError):
            pixels.release()
            mapped.close()


def _make_file(folder: Path) -> Tuple[str, int]:
    name = f"sparkvsr-{os.getpid()}-{secrets.token_hex(8)}"
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _NO_LINKS | _SHORT_LIVED
        return name, os.open(folder / name, flags, 0o600)
    except OSError as error:
        raise OutputUnwritable(f"{folder} takes no shared frames ({error.strerror}).") from error


def _with_room(folder: Path, handle: int, nbytes: int, fill: Callable[[], None]) -> None:
    """Fill a file; when that fails, close it and raise that there is no room."""
    try:
        _require_room(folder, nbytes)
        fill()
    except OSError as error:
        os.close(handle)
        raise DiskFull(
            f"{folder} has no room for a frame of {nbytes} bytes ({error.strerror}); free some, or give it"
            " more (containers often have 64 MB)."
        ) from error


def _require_room(folder: Path, nbytes: int) -> None:
    """Raise OSError before a single byte is written that would fill the disk and fail after all."""
    if shutil.disk_usage(folder).free < nbytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _write(handle: int, pixels: memoryview) -> None:
    remaining = pixels
    while remaining.nbytes:
        remaining = remaining[os.write(handle, remaining) :]


def _reserve(handle: int, nbytes: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, nbytes)
        return
    if os.name == "nt":
        os.ftruncate(handle, nbytes)  # Windows gives the room at once
        return
    zeros = memoryview(bytes(_BLOCK_BYTES))
    for start in range(0, nbytes, _BLOCK_BYTES):
        _write(handle, zeros[: min(_BLOCK_BYTES, nbytes - start)])


def _is_own(status: os.stat_result) -> bool:
    return not hasattr(os, "getuid") or status.st_uid == os.getuid()
