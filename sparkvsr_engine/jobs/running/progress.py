"""How far a job is and when it will be done, from what its frames took so far; what is reported before."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sparkvsr_bridge.messages import JobReport
from sparkvsr_engine.jobs.storage.records import JobVersion

# Older frames predict the speed now badly: previews and other programs come and go.
_MEMORY_FRAMES = 48


@dataclass
class FrameClock:
    """Speed over the latest frames that were rendered; reused frames cost nothing and do not count.

    now: seconds, monotonic; replaced in tests.
    """

    now: Callable[[], float] = time.monotonic
    _ticks: list[float] = field(default_factory=list[float])

    def start(self) -> None:
        """Rendering begins, or goes on after a pause."""
        self._ticks = [self.now()]

    def tick(self, frames: int = 1) -> None:
        """Frames were rendered."""
        self._ticks += frames * [self.now()]
        del self._ticks[: -_MEMORY_FRAMES - 1]

    def frames_per_second(self) -> float:
        """Frames per second, 0 until two frames were rendered."""
        if len(self._ticks) < 3:
            return 0.0
        spent = self._ticks[-1] - self._ticks[0]
        return (len(self._ticks) - 1) / spent if spent > 0 else 0.0

    def eta_seconds(self, frames_left: int) -> float | None:
        """Seconds for the frames left, None until it can be estimated."""
        speed = self.frames_per_second()
        return frames_left / speed if speed > 0 else None


class Throttle:
    """True at most once every `seconds`, so that progress does not flood anybody."""

    def __init__(self, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._now = now
        self._last = float("-inf")

    def is_due(self) -> bool:
        """Whether it is time again."""
        if self._now() - self._last < self._seconds:
            return False
        self._last = self._now()
        return True


def report_of(version: JobVersion, state: str = "running") -> JobReport:
    """A version's report before anything is known but the request."""
    spec = version.spec
    names = (version.job, version.version, state, spec.source.path, spec.output.path)
    return JobReport(*names, priority=spec.priority)
