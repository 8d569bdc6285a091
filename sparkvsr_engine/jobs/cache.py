"""The content-addressed cache on disk: bounded, shared by all jobs, safe to kill at any time.

Entries are single files under their key, written under a temporary name and renamed, so a file that is there
is whole. The oldest used go first; what is in use now may go too, and is made again when it is asked for.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

# Never fill the disk for the sake of a cache.
_LEAST_FREE_SHARE = 0.05
_PARTIAL_SUFFIX = ".partial"


@dataclass(frozen=True)
class CacheState:
    """What the cache holds."""

    entries: int
    bytes: int
    budget_bytes: int


class DiskCache:
    """One kind of entries in one folder, e.g. `references` or `parts`."""

    def __init__(self, folder: Path, budget_bytes: int) -> None:
        self._folder = folder
        self._budget_bytes = budget_bytes
        self._written = 0

    def path(self, key: str, suffix: str) -> Path:
        """Where an entry lies or would lie."""
        return self._folder / key[:2] / f"{key}{suffix}"

    def touch(self, path: Path) -> None:
        """Note that an entry was used."""
        with contextlib.suppress(OSError):
            os.utime(path)

    def begin(self, key: str, suffix: str) -> Path:
        """A temporary file to write an entry to; `finish` puts it in place."""
        path = self.path(key, suffix)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.with_name(f"{path.stem}.{os.getpid()}{_PARTIAL_SUFFIX}{suffix}")

    def finish(self, partial: Path, key: str, suffix: str) -> Path:
        """Put a written entry in place, and make room now and then."""
        path = self.path(key, suffix)
        self._written += partial.stat().st_size
        partial.replace(path)
        if self._written > self._budget_bytes // 50:
            self.trim()
            self._written = 0
        return path

    def state(self) -> CacheState:
        """How full it is."""
        sizes = [size for _, size, _ in self._entries()]
        return CacheState(len(sizes), sum(sizes), self._budget_bytes)

    def trim(self, budget_bytes: int | None = None) -> int:
        """Remove the entries used longest ago until the budget holds; returns the bytes freed."""
        budget = self._budget_now() if budget_bytes is None else budget_bytes
        entries = sorted(self._entries())
        held = sum(size for _, size, _ in entries)
        freed = 0
        for _, size, path in entries:
            if held - freed <= budget:
                break
            with contextlib.suppress(OSError):
                path.unlink()
                freed += size
        return freed

    def _budget_now(self) -> int:
        """The budget, less where the disk itself is nearly full."""
        try:
            disk = shutil.disk_usage(self._folder)
        except OSError:
            return self._budget_bytes
        held = sum(size for _, size, _ in self._entries())
        spare = disk.free - int(disk.total * _LEAST_FREE_SHARE)
        return max(0, min(self._budget_bytes, held + spare))

    def _entries(self) -> list[tuple[float, int, Path]]:
        """(last use, bytes, path) of every entry; a file that vanishes meanwhile is no entry."""
        found: list[tuple[float, int, Path]] = []
        if not self._folder.is_dir():
            return found
        for path in self._folder.glob("*/*"):
            with contextlib.suppress(OSError):
                state = path.stat()
                found.append((state.st_mtime, state.st_size, path))
        return found
