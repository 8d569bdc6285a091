"""Arrays kept in files without a name, mapped into memory: of them a process holds what it looks at."""

from __future__ import annotations

import logging
import mmap
import tempfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

logger = logging.getLogger(__name__)

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


class MappedArrays:
    """Arrays that belong together, in files as far as there is room for them."""

    def __init__(self) -> None:
        self._arrays: list[MappedArray] = []

    def __len__(self) -> int:
        """How many lie in files."""
        return len(self._arrays)

    def moved(self, values: NDArray[Any]) -> NDArray[Any]:
        """The same values in a file, of which nothing is held yet; as they are where there is no room."""
        try:
            array = MappedArray(values)
        except OSError as error:
            logger.warning("%d bytes stay in memory: %s", values.nbytes, error)
            return values
        self._arrays.append(array)
        array.release_pages()
        return array.values

    def release_pages(self) -> None:
        """Hold none of them until they are looked at again."""
        for array in self._arrays:
            array.release_pages()
