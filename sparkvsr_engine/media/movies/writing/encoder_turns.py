"""Opening and closing encoders: one at a time in a process, and without what they do to its other threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Some keep tables for the whole process (SVT-AV1 its list of processors), which opening fills and closing
# frees, whoever else is just then being opened.
_TURN = threading.Lock()
_THREADS = Path("/proc/self/task")


@contextmanager
def encoder_turn() -> Iterator[None]:
    """While an encoder is opened or closed.

    Where it may, as root, SVT-AV1 makes its threads and the one that opens it real-time ones, which nothing
    else on the machine runs beside, whatever the process's niceness: they get back what the process had.
    """
    with _TURN:
        if not hasattr(os, "sched_setscheduler") or not _THREADS.is_dir():
            yield
            return
        before = _threads()
        policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
        try:
            yield
        finally:
            for thread in {*(_threads() - before), threading.get_native_id()}:
                # A thread may have ended since it was listed.
                with suppress(OSError):
                    os.sched_setscheduler(thread, policy, parameters)


def _threads() -> set[int]:
    return {int(path.name) for path in _THREADS.iterdir()}
