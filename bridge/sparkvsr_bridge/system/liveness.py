"""Whether a process of this machine still runs."""

from __future__ import annotations

import os
from pathlib import Path

from .windows import process_runs


def process_exists(pid: int) -> bool:
    """Whether a process of that number runs; a killed child nobody has collected yet does not count.

    True where it cannot be told (another user's process).

    Args:
        pid: number of the process.
    """
    if pid <= 0:
        return True
    if os.name == "nt":
        return process_runs(pid)
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False
