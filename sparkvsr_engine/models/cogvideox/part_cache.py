"""Latents and velocities on disk, named by what they were made from, within a size budget.

The same name means the same content, so a render, a change of guidance and a repaired keyframe share
what they can. Losing an entry costs time only: one that is damaged or evicted is made again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.storage.disk_cache import DiskCache

log = logging.getLogger(__name__)

_SUFFIX = ".safetensors"
# The folder holds nothing but parts: they are all of one kind, which needs no folder of its own.
_KIND = ""


class PartCache:
    """Named arrays by key in a folder; entries used longest ago go first when the budget is spent.

    budget_bytes: how much the folder may hold; an entry larger than it is not kept.
    """

    def __init__(self, folder: Path, budget_bytes: int) -> None:
        self.folder = folder
        self._cache = DiskCache(folder, budget_bytes)

    def get(self, key: str) -> dict[str, NDArray[Any]] | None:
        """The entry, None when there is none or it is damaged."""
        from safetensors.numpy import load

        content = self._cache.read(_KIND, key, _SUFFIX)
        if content is None:
            return None
        try:
            return load(content)
        except Exception as error:
            log.warning("%s is damaged (%s) and is made again.", self._cache.path(_KIND, key, _SUFFIX), error)
            self._cache.drop(_KIND, key, _SUFFIX)
            return None

    def put(self, key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep an entry, whole or not at all; without room for it, nothing is kept."""
        from safetensors.numpy import save

        if not self._cache.has_room(sum(array.nbytes for array in arrays.values())):
            return
        # safetensors writes an array's memory, whatever its strides.
        content = save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
        if self._cache.has_room(len(content)) and not self._cache.write(_KIND, key, _SUFFIX, content):
            log.warning("%s takes no more parts; the render goes on without them.", self.folder)

    def held_bytes(self) -> int:
        """What the folder's entries take."""
        return sum(state.bytes for state in self._cache.states())
