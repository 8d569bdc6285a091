"""Distinguishes a worker that works from one that hangs: by its reports, and by the processor and disk time
it takes.

A long pass of a network reports nothing for minutes and takes all the processor it gets; a worker that waits
for ever takes none. One that was asked to stop has a while to put down what it has in hand. Not here: ending
it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import psutil

# A thread that waits and looks round once a second takes less than this share of one processor.
_IDLE_SHARE = 0.01
# What a worker that waits may read and write beside it.
_IDLE_BYTES = 1 << 20


@dataclass(frozen=True)
class Effort:
    """What a process and its children took since they began: seconds of processor, bytes read and written."""

    seconds: float = 0.0
    bytes: int = 0
    children: int = 0


class Watchdog:
    """Looked at again and again by the daemon's loop.

    silent_seconds: how long a busy worker may neither report nor work. stop_seconds: how long it may take to
    let a job go. effort_of: asked for a process id; None where the process is gone.
    """

    def __init__(
        self,
        silent_seconds: float,
        stop_seconds: float,
        effort_of: Callable[[int], Effort | None] | None = None,
    ) -> None:
        self._silent_seconds = silent_seconds
        self._stop_seconds = stop_seconds
        self._effort_of = effort_of or effort_of_process
        self._pid = 0
        self._sign_at = 0.0
        self._effort: Effort | None = None
        self._stop_at: float | None = None

    def note_line(self, now: float) -> None:
        """The worker has reported something."""
        self._sign_at = now

    def expect_stop(self, now: float) -> None:
        """The worker got the order to stop its job."""
        if self._stop_at is None:
            self._stop_at = now

    def let_go(self) -> None:
        """It has."""
        self._stop_at = None

    def complaint(self, now: float, pid: int, is_busy: bool) -> str:
        """Why the worker is to be ended, as a sentence; empty when it is as it should be.

        Args:
            now: seconds on the monotonic clock.
            pid: number of the process.
            is_busy: whether it has work.
        """
        if pid != self._pid or not is_busy:
            self._pid, self._sign_at, self._effort = pid, now, None
            if not is_busy:
                self._stop_at = None
            return ""
        if self._effort is None:
            self._effort = self._effort_of(pid) or Effort()
        if self._stop_at is not None and now - self._stop_at > self._stop_seconds:
            return f"The worker did not let its job go within {self._stop_seconds:.0f} seconds and was ended."
        if now - self._sign_at <= self._silent_seconds:
            return ""
        return self._judged(now, pid)

    def _judged(self, now: float, pid: int) -> str:
        """Whether the time since the last sign was spent on anything; looked at when that time is over."""
        effort, before = self._effort_of(pid), self._effort or Effort()
        if effort is None:
            return ""
        waited = now - self._sign_at
        is_idle = (
            effort.seconds - before.seconds < _IDLE_SHARE * waited
            and effort.bytes - before.bytes < _IDLE_BYTES
            and not effort.children
        )
        self._sign_at, self._effort = now, effort
        return f"The worker did nothing for {waited:.0f} seconds and was ended." if is_idle else ""


def effort_of_process(pid: int) -> Effort | None:
    """What a process took so far; None when it is gone or may not be looked at."""
    try:
        process = psutil.Process(pid)
        times = process.cpu_times()
        children = len(process.children())
        counters = getattr(process, "io_counters", None)
        moved = counters() if counters is not None else None
    except (psutil.Error, OSError):
        return None
    # Characters rather than blocks, where the system counts them: what a cache serves is work too.
    read = getattr(moved, "read_chars", getattr(moved, "read_bytes", 0))
    written = getattr(moved, "write_chars", getattr(moved, "write_bytes", 0))
    return Effort(times.user + times.system, int(read) + int(written), children)
