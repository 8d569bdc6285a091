"""Linux's Landlock by system calls: a thread gives up every file outside named folders, for good.

Judged by the kernel with every single opening, whoever opens: our own code, FFmpeg, OpenImageIO, OpenColorIO.
Threads that a confined thread starts are confined as well; the others of the process are not. What is open
already stays open, and names and sizes of files can still be asked for.

Source: Linux' Documentation/userspace-api/landlock.rst and include/uapi/linux/landlock.h.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from collections.abc import Iterable
from functools import lru_cache

# The same number on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_WANTED = 1
_PATH_BENEATH = 1
_NO_NEW_PRIVILEGES = 38
_CLOSED_ON_EXEC = getattr(os, "O_PATH", 0) | getattr(os, "O_CLOEXEC", 0)

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER = (1 << bit for bit in range(4))
_REMOVE_FOLDER, _REMOVE_FILE = 1 << 4, 1 << 5
_MAKE_FOLDER, _MAKE_FILE = 1 << 7, 1 << 8
# From the second and the third version on.
_MOVE_BETWEEN_FOLDERS, _TRUNCATE = 1 << 13, 1 << 14
_OF_FIRST_VERSION = (1 << 13) - 1
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE

LIST = _READ_FOLDER
"""Names in a folder and in those below it; no file in them can be opened."""
READ = _READ_FILE | _READ_FOLDER
"""Open for reading, list."""
RUN = READ | _EXECUTE
"""Also start as a program."""
USE = READ | _WRITE_FILE | _TRUNCATE
"""Also write what is there."""
WRITE = USE | _MAKE_FILE | _MAKE_FOLDER | _REMOVE_FILE | _REMOVE_FOLDER | _MOVE_BETWEEN_FOLDERS
"""Also make, change, rename and remove files and folders; no links, pipes or devices."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled", ctypes.c_uint64),)


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


@lru_cache(maxsize=1)
def version() -> int:
    """Of the kernel's Landlock, from 1 on; 0 where there is none or it is not turned on."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(0, _library().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_WANTED))


def restrict_thread(rules: Iterable[tuple[str, int]]) -> None:
    """Confine the calling thread for the rest of its life.

    Args:
        rules: paths of files or folders, each with `LIST`, `READ`, `RUN`, `USE` or `WRITE`; links among them
            are followed now. One that is not there allows nothing.

    Raises:
        OSError: where the kernel refuses; the thread is as it was then.
    """
    library = _library()
    handled = _OF_FIRST_VERSION
    handled |= _MOVE_BETWEEN_FOLDERS if version() >= 2 else 0
    handled |= _TRUNCATE if version() >= 3 else 0
    record = _Ruleset(handled)
    ruleset = _checked(
        library.syscall(_CREATE_RULESET, ctypes.byref(record), ctypes.c_size_t(ctypes.sizeof(record)), 0)
    )
    try:
        for path, rights in rules:
            _add_rule(library, ruleset, path, rights & handled)
        # Without it the kernel asks for a right that only administrators have.
        _checked(library.prctl(_NO_NEW_PRIVILEGES, *map(ctypes.c_ulong, (1, 0, 0, 0))))
        _checked(library.syscall(_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


def _add_rule(library: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, _CLOSED_ON_EXEC)
    except OSError:
        return
    try:
        is_folder = stat.S_ISDIR(os.fstat(place).st_mode)
        rule = _PathBeneath(rights if is_folder else rights & _OF_FILES, place)
        _checked(library.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(place)


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"the kernel does not confine this thread ({os.strerror(code)})")
    return result


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
