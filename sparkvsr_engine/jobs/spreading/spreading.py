"""Gives the parts of a job to devices as they get free, records what comes back, repeats what is lost."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sparkvsr_bridge.errors import WorkerLost
from sparkvsr_engine.core.windows import Chunk
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.jobs.running.playhead import in_playback_order
from sparkvsr_engine.jobs.spreading.executor import Executor, Place
from sparkvsr_engine.jobs.spreading.orders import PartOrder, PartReport
from sparkvsr_engine.jobs.spreading.parts import Part
from sparkvsr_engine.jobs.storage.records import FinishedChunk

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.1
# A device's process may take minutes to start; whoever watches the job sees that it goes on.
_QUIET_SECONDS = 10.0


@dataclass(frozen=True)
class Course:
    """Where a spread job reports to.

    Attributes:
        control: stops it, gets its warnings, knows the playhead.
        record: gets every finished chunk, at once.
        count: gets network passes that were run and spared, at the end of each part.
        finished: whether a chunk is there.
    """

    control: Control
    record: Callable[[FinishedChunk], None]
    count: Callable[[int, int], None]
    finished: Callable[[Chunk], bool]


class Spreader:
    """Renders parts of one job on the devices of an executor."""

    def __init__(self, executor: Executor, order: PartOrder, course: Course, attempts: int) -> None:
        """order: of any part; frames and device are put in. attempts: times that a part may be lost."""
        self._executor = executor
        self._order = order
        self._course = course
        self._attempts = attempts
        self._waiting: list[Part] = []
        self._running: dict[Place, Part] = {}
        self._warnings: set[str] = set()
        self._quiet_since = time.monotonic()

    def run(self, parts: Sequence[Part]) -> None:
        """Until all parts are rendered.

        Raises:
            WorkerLost: a part was lost too often, or no device is left.
            SparkVSRError: what ended a part.
        """
        self._waiting = list(parts)
        while self._waiting or self._running:
            self._course.control.check()
            self._hand_out()
            reports = self._executor.poll(_POLL_SECONDS)
            for place, report in reports:
                self._take(place, report)
            self._show_waiting(bool(reports))
            if not self._running and not self._executor.place_count():
                raise WorkerLost("No device is left to render on; look at the log, then resume the job.")

    def _show_waiting(self, has_reports: bool) -> None:
        """Report now and then that the job waits for its devices."""
        now = time.monotonic()
        if has_reports:
            self._quiet_since = now
        elif now - self._quiet_since > _QUIET_SECONDS:
            self._quiet_since = now
            self._course.control.progress("waiting for devices")

    def _hand_out(self) -> None:
        playhead = self._course.control.playhead()
        self._waiting.sort(key=lambda part: in_playback_order(part.frames, playhead))
        for place in self._executor.free_places():
            if not self._waiting:
                return
            part = self._waiting.pop(0)
            self._running[place] = part
            self._executor.start(place, replace(self._order, frames=part.frames, device=place.device))

    def _take(self, place: Place, report: PartReport) -> None:
        if report.chunk is not None:
            self._course.record(report.chunk)
        elif report.warning:
            self._warn(report)
        elif report.error is not None:
            raise report.error.to_error()
        else:
            self._course.count(*(report.passes or (0, 0)))
            self._end(place, report.is_lost)

    def _end(self, place: Place, is_lost: bool) -> None:
        part = self._running.pop(place, None)
        remaining = None if part is None else part.without(self._course.finished)
        if remaining is None:
            return
        log.warning("%s gave up frames %s-%s", place.name, remaining.frames.first, remaining.frames.last)
        if remaining.attempts >= self._attempts or not is_lost:
            frames = remaining.frames
            raise WorkerLost(
                f"The process that renders frames {frames.first}-{frames.last} ended {remaining.attempts}"
                " times; look at the log, then resume the job."
            )
        self._waiting.append(remaining)

    def _warn(self, report: PartReport) -> None:
        """Every process of a job warns the same of its source: once is enough."""
        if report.warning not in self._warnings:
            self._warnings.add(report.warning)
            self._course.control.warn(report.warning, report.frame)
