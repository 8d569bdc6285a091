"""Foreign errors to ours: the one table for what media and models have not named themselves."""

from __future__ import annotations

import errno

from bridge.errors import DiskFull, InternalError, OutOfMemory, OutputUnwritable, SparkVSRError

_FULL = (errno.ENOSPC, errno.EDQUOT)


def translate(problem: BaseException) -> SparkVSRError:
    """The error a user gets to see; our own ones pass unchanged."""
    if isinstance(problem, SparkVSRError):
        return problem
    if isinstance(problem, OSError) and problem.errno in _FULL:
        return DiskFull(
            f"No space is left for {problem.filename or 'the cache'}; free some, or move SPARKVSR_HOME to a larger"
            " disk, then resume the job."
        )
    if isinstance(problem, PermissionError):
        return OutputUnwritable(f"{problem.filename} may not be written; choose another place.")
    if isinstance(problem, MemoryError) or type(problem).__name__ == "OutOfMemoryError":
        return OutOfMemory("The memory did not suffice; choose a smaller size, then resume the job.")
    return InternalError(f"The engine failed ({type(problem).__name__}: {problem}); its log has the details.")
