"""Foreign errors to ours: the one table for what media and models have not named themselves."""

from __future__ import annotations

import errno
import sqlite3

from sparkvsr_bridge.errors import DiskFull, InternalError, OutOfMemory, OutputUnwritable, SparkVSRError

_FULL = (errno.ENOSPC, errno.EDQUOT)
# SQLite reports an I/O error where a full disk lets it not grow its shared memory.
_FULL_STORE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_WRITE)


def translate(problem: BaseException) -> SparkVSRError:
    """The error a user gets to see; our own ones pass unchanged."""
    if isinstance(problem, SparkVSRError):
        return problem
    if isinstance(problem, OSError) and problem.errno in _FULL:
        return _disk_full(str(problem.filename or "the cache"))
    if isinstance(problem, sqlite3.Error) and getattr(problem, "sqlite_errorcode", 0) in _FULL_STORE:
        return _disk_full("the job list")
    if isinstance(problem, PermissionError):
        return OutputUnwritable(f"{problem.filename} may not be written; choose another place.")
    if isinstance(problem, MemoryError) or type(problem).__name__ == "OutOfMemoryError":
        return OutOfMemory("The memory did not suffice; choose a smaller size, then resume the job.")
    return InternalError(f"The engine failed ({type(problem).__name__}: {problem}); its log has the details.")


def _disk_full(what: str) -> DiskFull:
    return DiskFull(
        f"No space is left for {what}; free some, or move SPARKVSR_HOME to a larger disk,"
        " then resume the job."
    )
