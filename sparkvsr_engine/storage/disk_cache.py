"""The content-addressed cache on disk: bounded, shared by all jobs, safe to kill at any time.

One folder per kind of entry, one budget for all kinds. Entries are single files under their key, written
under a temporary name and renamed, so a file that is there is whole. Those used longest ago go first; what is
in use now may go too, and is made again when it is asked for.
Not here: what entries hold (`prediction_cache`, `confidence`, `references`, and what restorers keep).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from sparkvsr_engine.storage.whole_files import PARTIAL_MARK, written_whole

# Never fill the disk for the sake of a cache.
_LEAST_FREE_SHARE = 0.05
# A file still under its temporary name after this long was left by a process that was killed.
_PARTIAL_SECONDS = 3600.0
# Looking at every entry is dear; it is done after each such share of the budget was written.
_TRIM_SHARE = 50


@dataclass(frozen=True)
class CacheState:
    """What one kind of entries takes."""

    kind: str
    entries: int
    bytes: int


@dataclass(frozen=True, order=True)
class _Entry:
    used: float
    written: float
    bytes: int
    path: Path


class DiskCache:
    """All kinds of entries below one folder. Any thread may use it."""

    def __init__(self, folder: Path, budget_bytes: int) -> None:
        self.folder = folder
        self.budget_bytes = budget_bytes
        self._written = 0
        self._lock = threading.Lock()

    def path(self, kind: str, key: str, suffix: str) -> Path:
        """Where an entry lies or would lie.

        Args:
            kind: which kind.
            key: the entry's content key.
            suffix: ending of the entry's file.
        """
        return self.folder / kind / key[:2] / f"{key}{suffix}"

    def read(self, kind: str, key: str, suffix: str) -> bytes | None:
        """An entry's content, noted as used now; None when it is not there.

        Args:
            kind: which kind.
            key: the entry's content key.
            suffix: ending of the entry's file.
        """
        for path in self._places(kind, key, suffix):
            with contextlib.suppress(OSError):
                content = path.read_bytes()
                os.utime(path)
                return content
        return None

    def write(self, kind: str, key: str, suffix: str, content: bytes) -> bool:
        """Keep an entry; False when budget or disk have no room for it.

        Args:
            kind: which kind.
            key: the entry's content key.
            suffix: ending of the entry's file.
            content: the bytes.
        """
        if not self.has_room(len(content)):
            return False
        path = self.path(kind, key, suffix)
        try:
            with written_whole(path, is_shared=True) as partial:
                partial.write_bytes(content)
        except OSError:
            return False
        self._count(len(content))
        return True

    def drop(self, kind: str, key: str, suffix: str) -> None:
        """Remove an entry, because it turned out damaged.

        Args:
            kind: which kind.
            key: the entry's content key.
            suffix: ending of the entry's file.
        """
        for path in self._places(kind, key, suffix):
            with contextlib.suppress(OSError):
                path.unlink()

    def has_room(self, size_bytes: int) -> bool:
        """Whether budget and disk allow an entry of this size; a budget of 0 keeps nothing."""
        if size_bytes > self.budget_bytes or self.budget_bytes == 0:
            return False
        return size_bytes <= self._spare_bytes()

    def states(self) -> list[CacheState]:
        """What each kind takes, by name."""
        totals: dict[str, list[int]] = {}
        for entry in self._entries():
            totals.setdefault(entry.path.relative_to(self.folder).parts[0], []).append(entry.bytes)
        return [CacheState(kind, len(sizes), sum(sizes)) for kind, sizes in sorted(totals.items())]

    def trim(self) -> int:
        """Remove the entries used longest ago until the budget holds, and what killed processes left
        behind; returns the bytes freed.
        """
        entries = sorted(self._entries())
        total_bytes = sum(entry.bytes for entry in entries)
        budget = max(0, min(self.budget_bytes, total_bytes + self._spare_bytes()))
        freed = 0
        for entry in entries:
            if _is_left_behind(entry) or total_bytes - freed > budget:
                freed += _removed(entry)
        return freed

    def clear(self, kind: str = "") -> int:
        """Remove every entry of a kind, or of all; returns the bytes freed."""
        entries = list(self._entries(self.folder / kind if kind else self.folder))
        return sum(_removed(entry) for entry in entries)

    def _places(self, kind: str, key: str, suffix: str) -> tuple[Path, Path]:
        """Where an entry may lie: at its path, or right in its kind's folder, as parts of models did once."""
        return self.path(kind, key, suffix), self.folder / kind / f"{key}{suffix}"

    def _count(self, written: int) -> None:
        with self._lock:
            self._written += written
            is_due = self._written > self.budget_bytes // _TRIM_SHARE
            if is_due:
                self._written = 0
        if is_due:
            self.trim()

    def _spare_bytes(self) -> int:
        """What the disk can still give; negative where it is nearly full."""
        try:
            disk = shutil.disk_usage(self.folder)
        except OSError:
            return self.budget_bytes
        return disk.free - int(disk.total * _LEAST_FREE_SHARE)

    def _entries(self, folder: Path | None = None) -> list[_Entry]:
        """Every file; one that vanishes meanwhile is no entry."""
        entries: list[_Entry] = []
        for path in (folder or self.folder).rglob("*"):
            with contextlib.suppress(OSError):
                state = path.stat()
                if path.is_file():
                    # Reading counts as use where the file system notes it.
                    used = max(state.st_mtime, state.st_atime)
                    entries.append(_Entry(used, state.st_mtime, state.st_size, path))
        return entries


def _is_left_behind(entry: _Entry) -> bool:
    # Whoever reads it, for example a virus scanner, is not the process that wrote it.
    return PARTIAL_MARK in entry.path.name and entry.written < time.time() - _PARTIAL_SECONDS


def _removed(entry: _Entry) -> int:
    """Bytes freed by removing an entry."""
    try:
        entry.path.unlink()
    except OSError:
        return 0
    return entry.bytes
