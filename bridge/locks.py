"""A lock between processes that the system takes back when its holder dies."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Iterator

if os.name == "nt":
    import msvcrt

    def _take(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
else:
    import fcntl

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


class FileLock:
    """Held from a successful `take` until `release` or the end of the process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle = -1

    def take(self, timeout_seconds: float = 0.0) -> bool:
        """Try to hold the lock, for at most that long; says whether it is held now."""
        self._handle = os.open(str(self._path), os.O_RDWR | os.O_CREAT, 0o600)
        # A child must not inherit the lock, or it outlives its holder.
        os.set_inheritable(self._handle, False)
        give_up = time.monotonic() + timeout_seconds
        while not _take(self._handle):
            if time.monotonic() >= give_up:
                self.release()
                return False
            time.sleep(0.02)
        return True

    def release(self) -> None:
        """Let go; the file stays, because removing it would let two holders in."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


@contextlib.contextmanager
def holding(lock: FileLock, timeout_seconds: float) -> Iterator[bool]:
    """Hold the lock for a block; yields whether it could be taken."""
    taken = lock.take(timeout_seconds)
    try:
        yield taken
    finally:
        if taken:
            lock.release()
