"""Arrays kept in files without a name, mapped into memory: of them a process holds what it looks at."""

from __future__ import annotations

import mmap
import tempfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Where the system has no such advice it takes pages back when it needs them.
_NOT_NEEDED: int | None = getattr(mmap, "MADV_DONTNEED", None)


class MappedArray:
    """A copy of an array in the system's folder for temporary files, removed with the last view of it."""

    def __init__(self, values: NDArray[Any]) -> None:
        """Write it.

        Args:
            values: of any shape and type, with one value at least.

        Raises:
            OSError: where there is no room for it, or no such folder.
        """
        # Written, not mapped and filled: a full disk is an error then, not the end of the process.
        with tempfile.TemporaryFile(prefix="sparkvsr-") as file:
            file.write(np.ascontiguousarray(values).data.cast("B"))
            file.flush()
            self._map = mmap.mmap(file.fileno(), 0)
        self.values: NDArray[Any] = np.frombuffer(self._map, values.dtype).reshape(values.shape)

    def release_pages(self) -> None:
        """Hold none of it until it is looked at again."""
        if _NOT_NEEDED is not None:
            self._map.madvise(_NOT_NEEDED)
