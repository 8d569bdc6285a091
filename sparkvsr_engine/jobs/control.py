"""What steers work and hears of it: stop, playhead, progress, warnings, work that goes between two frames."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable


class JobStopped(Exception):
    """The running job was told to stop; `state` is what it becomes: paused or cancelled."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class Control:
    """How work that takes time is steered, and where it reports: one object, handed down to all of it.

    This one never stops and reports to nobody.
    """

    def check(self) -> None:
        """Do what waits between two steps; raises what ends the work, `JobStopped` for a job."""

    def is_stopped(self) -> bool:
        """Whether the work is to stop, for loops inside a stage."""
        return False

    def playhead(self) -> int | None:
        """The frame the artist looks at."""
        return None

    def progress(self, phase: str, done: int = 0, total: int = 0) -> None:
        """Report how far a phase is, in steps of its own.

        Args:
            phase: name of the phase.
            done: steps that are done.
            total: how many steps the phase has.
        """

    def warn(self, message: str, frame: int | None = None) -> None:
        """Report a sentence that the artist should know."""


class JobControl(Control):
    """Set from the thread that reads orders, asked by the thread that renders."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stop: tuple[str, str] | None = None
        self._playheads: dict[str, int] = {}
        self._between: deque[Callable[[], None]] = deque()
        self._waker = threading.Condition(self._lock)
        self._job = ""

    def expect(self, job: str) -> None:
        """A job is ordered: a stop that came too late for its run before is not meant for this one."""
        with self._lock:
            if self._stop is not None and self._stop[0] == job:
                self._stop = None

    def begin(self, job: str) -> None:
        """A job starts; a stop meant for another one is forgotten."""
        with self._lock:
            self._job = job
            if self._stop is not None and self._stop[0] != job:
                self._stop = None

    def end(self) -> None:
        """The job has ended."""
        with self._lock:
            self._job, self._stop = "", None

    def stop(self, job: str, state: str) -> None:
        """Stop this job after the frame in hand."""
        with self._lock:
            self._stop = (job, state)
            self._waker.notify_all()

    def move_playhead(self, job: str, frame: int) -> None:
        """The artist looks at this frame of the job."""
        with self._lock:
            self._playheads[job] = frame

    def between_frames(self, work: Callable[[], None]) -> None:
        """Do this between two frames, or at once when nothing runs."""
        with self._lock:
            self._between.append(work)
            self._waker.notify_all()

    def wait(self, timeout_seconds: float) -> bool:
        """Wait until there is something to do; False when nothing came."""
        with self._lock:
            if not self._between and self._stop is None:
                return self._waker.wait(timeout_seconds)
            return True

    def check(self) -> None:
        """See `Control`."""
        self.do_waiting()
        with self._lock:
            if self._stop is not None and self._stop[0] == self._job:
                raise JobStopped(self._stop[1])

    def is_stopped(self) -> bool:
        """See `Control`."""
        with self._lock:
            return self._stop is not None and self._stop[0] == self._job

    def playhead(self) -> int | None:
        """See `Control`."""
        with self._lock:
            return self._playheads.get(self._job)

    def do_waiting(self) -> None:
        """Do the work that waits, in order."""
        while True:
            with self._lock:
                if not self._between:
                    return
                work = self._between.popleft()
            work()
