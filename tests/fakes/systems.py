"""What tests must know about the system they run on."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path

import pytest

IS_WINDOWS = os.name == "nt"

KILL = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL
"""Ends a process at once: Windows has no signals, and `os.kill` ends a process with whatever it is given."""

no_modes_on_windows = pytest.mark.skipif(IS_WINDOWS, reason="Windows has access lists instead of modes")
no_sockets_on_windows = pytest.mark.skipif(IS_WINDOWS, reason="ZeroMQ has no ipc sockets on Windows")
no_freezing_on_windows = pytest.mark.skipif(IS_WINDOWS, reason="Windows cannot stop a process for a while")


def is_root() -> bool:
    """Whether files can be given to other users."""
    return hasattr(os, "getuid") and os.getuid() == 0


def kill(pid: int) -> None:
    """End a process at once, frozen or not; one that has ended is well."""
    # Windows calls a process that is gone an invalid argument.
    with contextlib.suppress(OSError if IS_WINDOWS else ProcessLookupError):
        if sys.platform != "win32":
            os.kill(pid, signal.SIGCONT)
        os.kill(pid, KILL)


def make_link(place: Path, target: Path) -> None:
    """A symbolic link, or the test is skipped: not everybody may make one, and Wine hides them."""
    try:
        place.symlink_to(target, target_is_directory=target.is_dir())
    except OSError:
        pytest.skip("this user may not make links")
    if not place.is_symlink():
        place.unlink(missing_ok=True)
        pytest.skip("this system shows what a link leads to in its place")
