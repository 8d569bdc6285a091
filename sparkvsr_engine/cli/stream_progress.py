"""Progress of work that this process does itself, as a bar for people and events for machines."""

from __future__ import annotations

import time
from typing import Self

from sparkvsr_bridge.messages import JobReport
from sparkvsr_engine.cli.console import Console, ProgressBar
from sparkvsr_engine.jobs.control import Control

_EVERY_SECONDS = 0.2


class StreamProgress(Control):
    """Shows phases and warnings of packing and unpacking. Use as a context manager."""

    def __init__(self, console: Console, source: str, target: str) -> None:
        self._console = console
        self._bar = ProgressBar(console)
        self._report = JobReport("", 1, "running", source, target)
        self._phase, self._started, self._last_time = "", 0.0, 0.0

    def __enter__(self) -> Self:
        self._bar.__enter__()
        return self

    def __exit__(self, *details: object) -> None:
        self._bar.__exit__(None, None, None)

    def progress(self, phase: str, done: int = 0, total: int = 0) -> None:
        """See `Control`; at most five times a second, and at the end of a phase."""
        now = time.monotonic()
        if phase != self._phase:
            self._phase, self._started = phase, now
        elif done < total and now - self._last_time < _EVERY_SECONDS:
            return
        self._last_time = now
        speed = done / (now - self._started) if now > self._started else 0.0
        if self._console.as_json:
            self._console.event("progress", phase=phase, done=done, total=total, per_second=round(speed, 3))
            return
        left = (total - done) / speed if speed and total > done else None
        self._bar.show(
            JobReport(
                "",
                1,
                "running",
                self._report.source,
                self._report.target,
                frames_total=total,
                frames_done=done,
                frames_per_second=speed,
                eta_seconds=left,
                phase=phase,
            )
        )

    def warn(self, message: str, frame: int | None = None) -> None:  # noqa: ARG002 - as `Control`
        """See `Control`."""
        self._console.warn(message)
