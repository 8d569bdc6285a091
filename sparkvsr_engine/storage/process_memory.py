"""Memory that was freed stays with the process while it works, and goes back to the system while it rests.

Every frame takes and frees the same hundreds of megabytes. Left to itself the C library gives them back and
takes them again page by page, which is 6 % of a frame's time. Only the largest blocks, planes of frames
of more than 960x540, are given back at once: kept, they leave holes that nothing else fits into.
"""

from __future__ import annotations

import ctypes
import sys

# mallopt's parameters, and a value no picture reaches.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_NEVER_TRIMMED = 2**31 - 1
# Bytes of a block from which on it is given back when it is freed.
_LARGE_BLOCK = 96 * 2**20


def keep_freed() -> bool:
    """Keep freed memory from now on; False where the C library is not glibc, which keeps its own way."""
    library = _glibc()
    if library is None:
        return False
    trimmed = library.mallopt(_TRIM_THRESHOLD, _NEVER_TRIMMED)
    return bool(trimmed and library.mallopt(_MMAP_THRESHOLD, _LARGE_BLOCK))


def give_back() -> bool:
    """Give back what is free now; whether anything was."""
    library = _glibc()
    return library is not None and bool(library.malloc_trim(0))


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
