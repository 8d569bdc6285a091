"""Latents and velocities on disk, named by what they were made from, within a size budget.

The same name means the same content, so a render, a change of guidance and a repaired keyframe share
what they can. Losing an entry costs time only: one that is damaged or evicted is made again.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.system.held_files import replace_when_free

log = logging.getLogger(__name__)

_SUFFIX = ".safetensors"
# Never fill the disk for the sake of a cache.
_LEAST_FREE_SHARE = 0.05


class PartCache:
    """Named arrays by key in a folder; entries used longest ago go first when the budget is spent.

    budget_bytes: how much the folder may hold; an entry larger than it is not kept.
    """

    def __init__(self, folder: Path, budget_bytes: int) -> None:
        self.folder = folder
        self.budget_bytes = budget_bytes

    def get(self, key: str) -> dict[str, NDArray[Any]] | None:
        """The entry, None when there is none or it is damaged."""
        from safetensors.numpy import load_file

        path = self.folder / f"{key}{_SUFFIX}"
        try:
            arrays = load_file(path)
            os.utime(path)
        except FileNotFoundError:
            return None
        except Exception as error:
            log.warning("%s is damaged (%s) and is made again.", path, error)
            with suppress(OSError):
                path.unlink()
            return None
        return arrays

    def put(self, key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep an entry: written beside its place and renamed, so that a crash leaves no half of one."""
        from safetensors.numpy import save_file

        size = sum(array.nbytes for array in arrays.values())
        if size > self.budget_bytes or self.budget_bytes == 0 or not _has_room(self.folder, size):
            return
        partial = ""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, partial = tempfile.mkstemp(dir=self.folder, suffix=".partial")
            os.close(handle)
            # safetensors writes an array's memory, whatever its strides say.
            save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, partial)
            replace_when_free(Path(partial), self.folder / f"{key}{_SUFFIX}")
        except OSError as error:
            log.warning("%s takes no more parts (%s); the render goes on without them.", self.folder, error)
            if partial:
                Path(partial).unlink(missing_ok=True)
            return
        self._evict()

    def held_bytes(self) -> int:
        """What the folder's entries take."""
        return sum(size for _, size, _ in self._entries())

    def _entries(self) -> list[tuple[float, int, Path]]:
        """Time of last use, size and path, the oldest first."""
        found: list[tuple[float, int, Path]] = []
        for path in self.folder.glob(f"*{_SUFFIX}"):
            with suppress(FileNotFoundError):
                state = path.stat()
                found.append((state.st_mtime, state.st_size, path))
        return sorted(found)

    def _evict(self) -> None:
        entries = self._entries()
        held = sum(size for _, size, _ in entries)
        for _, size, path in entries:
            if held <= self.budget_bytes:
                return
            with suppress(OSError):
                path.unlink()
            held -= size


def _has_room(folder: Path, size_bytes: int) -> bool:
    """Whether the disk has room to spare for an entry."""
    try:
        disk = shutil.disk_usage(folder if folder.is_dir() else folder.parent)
    except OSError:
        return True
    return disk.free - size_bytes > disk.total * _LEAST_FREE_SHARE
