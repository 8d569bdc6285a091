"""A lock between processes that the system takes back when its holder dies."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from pathlib import Path
from typing import Generator

if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def _give_back(handle: int) -> None:
        # Closing frees the lock too, but at a time of Windows' choice.
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _give_back(handle: int) -> None:
        """Closing does it, and leaves the lock to a child made by a bare fork."""


_POLL_SECONDS = 0.02


class FileLock:
    """Held from a successful `take` until `release` or the end of the process.

    For one thread. A child made by a bare fork shares the lock and keeps it; one started as a program
    of its own does not inherit it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle = -1

    def take(self, timeout_seconds: float = 0.0) -> bool:
        """Try to hold the lock, for at most that long; says whether it is held now.

        Args:
            timeout_seconds: how long to try.

        Raises:
            RuntimeError: when it is held already, OSError when its file cannot be opened or locked.
        """
        if self._handle >= 0:
            raise RuntimeError(f"the lock {self._path} is held by this object already")
        self._handle = _open(self._path)
        give_up = time.monotonic() + timeout_seconds
        try:
            while not _take(self._handle):
                if time.monotonic() >= give_up:
                    self._close()
                    return False
                time.sleep(_POLL_SECONDS)
        except BaseException:
            self._close()
            raise
        return True

    def release(self) -> None:
        """Let go; the file stays, because removing it would let two holders in."""
        if self._handle >= 0:
            with contextlib.suppress(OSError):
                _give_back(self._handle)
            self._close()

    def _close(self) -> None:
        os.close(self._handle)
        self._handle = -1


def _open(path: Path) -> int:
    """Open a lock's file, made where it is missing; a link in its place is refused."""
    if not hasattr(os, "O_NOFOLLOW") and path.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)


def is_held(path: Path) -> bool:
    """Whether any process holds the lock of that path.

    Args:
        path: of the lock's file.
    """
    if not path.exists():
        return False
    lock = FileLock(path)
    is_locked = lock.take()
    lock.release()
    return not is_locked


@contextlib.contextmanager
def holding(lock: FileLock, timeout_seconds: float) -> Generator[bool, None, None]:
    """Hold the lock for a block; yields whether it could be taken.

    Args:
        lock: the lock.
        timeout_seconds: how long to try.
    """
    is_locked = lock.take(timeout_seconds)
    try:
        yield is_locked
    finally:
        if is_locked:
            lock.release()
