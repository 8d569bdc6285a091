"""Which job runs, and what becomes of it when its worker dies. Decisions and store only, no sockets."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from sparkvsr_bridge.errors import StateConflict, WorkerLost
from sparkvsr_bridge.messages import ENDED_STATES, ErrorReport, JobReport
from sparkvsr_bridge.settings import PRIORITIES
from sparkvsr_engine.jobs.storage.records import JobVersion
from sparkvsr_engine.jobs.storage.store import JobStore

log = logging.getLogger(__name__)

_OF_SPEED = ("phase", "frames_per_second", "eta_seconds")
NEW_ADVANCE = JobReport(job="", version=0, state="queued", source="", target="")


@dataclass(frozen=True)
class Running:
    """The version the worker has in hand."""

    job: str
    version: int


class Schedule:
    """The queue of one worker, kept in the store so that it outlives the daemon."""

    def __init__(self, store: JobStore, worker_attempts: int) -> None:
        self._store = store
        self._worker_attempts = worker_attempts
        self._advances: dict[tuple[str, int], JobReport] = {}
        self._stop_state = ""
        self.running: Running | None = None

    def take_over(self) -> list[JobVersion]:
        """Queue again what an earlier daemon left running; returns those versions.

        Each counts as tried once more: one that holds the engine up every time lets the others go first.
        """
        interrupted = self._store.in_states(["running"])
        for version in interrupted:
            self._store.set_deaths(version.job, version.version, version.deaths + 1)
            self._store.set_state(version.job, version.version, "queued")
        return interrupted

    def next(self) -> JobVersion | None:
        """Mark a queued version as running and return it; None when one runs or none waits.

        Of those that were interrupted least often since their last finished chunk the artist's before
        batches, the oldest of them.
        """
        if self.running is not None:
            return None
        queued = self._store.in_states(["queued"])
        if not queued:
            return None
        chosen = min(queued, key=lambda version: (*_rank(version), version.number))
        self._store.set_state(chosen.job, chosen.version, "running")
        self.running, self._stop_state = Running(chosen.job, chosen.version), ""
        return self._store.version(chosen.job, chosen.version)

    def overtaken(self) -> JobVersion | None:
        """Queue the running version again where one that goes before it waits; the worker is to let it go.

        None where it goes on.
        """
        if self.running is None or self._stop_state:
            return None
        queued = self._store.in_states(["queued"])
        if not queued:
            return None
        version = self._store.version(self.running.job, self.running.version)
        if min(map(_rank, queued)) >= _rank(version):
            return None
        self._stop_state = "queued"
        self._store.set_state(version.job, version.version, "queued")
        return self._store.version(version.job, version.version)

    def give_back(self, version: JobVersion) -> None:
        """The worker did not receive it after all."""
        self._store.set_state(version.job, version.version, "queued")
        self.running = None

    def advanced(self, report: JobReport) -> None:
        """Remember how far a version is."""
        self._advances[report.job, report.version] = report

    def ended(self, report: JobReport) -> JobVersion:
        """The worker has let a version go.

        One that was stopped is stopped already, and may even wait again; that it finished all the same
        counts.
        """
        was_stopped = bool(self._stop_state) and self.running == Running(report.job, report.version)
        if not was_stopped or report.state == "finished":
            self._store.set_state(report.job, report.version, report.state, report.error)
        if self.running == Running(report.job, report.version):
            self.running = None
        return self._store.version(report.job, report.version)

    def worker_died(self, complaint: str = "") -> JobVersion | None:
        """Queue the running version again, or fail it when workers die on it without finishing a chunk.

        One that was being stopped stays as it is. complaint: why the worker was ended, where it was.
        """
        if self.running is None:
            return None
        version = self._store.version(self.running.job, self.running.version)
        self.running = None
        if self._stop_state:
            return version
        deaths = version.deaths + 1
        self._store.set_deaths(version.job, version.version, deaths)
        if deaths < self._worker_attempts:
            self._store.set_state(version.job, version.version, "queued")
        else:
            cause = complaint or f"The worker died {deaths} times on the same frames."
            error = WorkerLost(
                f"{cause} Look at logs/worker.log, try a smaller size or another device, then"
                f" 'sparkvsr resume {version.job}'."
            )
            self._store.set_state(version.job, version.version, "failed", ErrorReport.of(error))
        return self._store.version(version.job, version.version)

    def fail_queued(self, reason: str) -> list[JobVersion]:
        """No worker will come: what waits for one fails, so that nobody waits for ever; returns it."""
        waiting = self._store.in_states(["queued"])
        report = ErrorReport.of(WorkerLost(reason))
        for version in waiting:
            self._store.set_state(version.job, version.version, "failed", report)
        return [self._store.version(version.job, version.version) for version in waiting]

    def resume(self, job: str) -> JobVersion:
        """Queue the latest version again; raises StateConflict when there is nothing left to do."""
        version = self._store.version(job)
        if version.state in ("queued", "running"):
            return version
        if version.state == "finished":
            raise StateConflict(f"Job {job} is finished; 'sparkvsr revise {job}' makes a new version of it.")
        self._store.set_deaths(job, version.version, 0)
        self._store.set_state(job, version.version, "queued")
        return self._store.version(job, version.version)

    def stop(self, job: str, state: str) -> tuple[JobVersion, bool]:
        """Take a version out at once; also whether the worker has it in hand and must be ordered to stop.

        Nobody waits for that worker: what it still finishes is recorded, the version is stopped either way.
        """
        version = self._store.version(job)
        if version.state in ENDED_STATES:
            raise StateConflict(f"Job {job} is {version.state} already.")
        in_hand = self.running == Running(version.job, version.version)
        if in_hand:
            self._stop_state = state
        self._store.set_state(job, version.version, state)
        return self._store.version(job, version.version), in_hand

    def report(self, version: JobVersion) -> JobReport:
        """One version as a client sees it: the store's truth, and the running one's speed."""
        advance = self._advances.get((version.job, version.version), NEW_ADVANCE)
        plan = version.plan or {}
        report = replace(
            self._counts_of(version, advance),
            created=version.created,
            ended=version.ended,
            versions=len(self._store.versions(version.job)),
            keyframes=tuple(keyframe["frame"] for keyframe in plan.get("keyframes", [])) or advance.keyframes,
            warnings=version.warnings,
            error=version.error,
        )
        return _with_speed(report, advance) if version.state == "running" else report

    def _counts_of(self, version: JobVersion, advance: JobReport) -> JobReport:
        """A report of how far a version is, in frames, chunks and passes."""
        chunks_done, frames, reused = self._store.chunk_counts(version.job, version.version)
        total = _frames_total(version, advance)
        frames_done = max(frames, advance.frames_done) if version.state == "running" else frames
        return replace(
            _named(version),
            frames_total=total,
            frames_done=total if version.state == "finished" else frames_done,
            frames_reused=reused,
            frames_rendered=frames - reused,
            chunks_total=advance.chunks_total or chunks_done,
            chunks_done=chunks_done,
            passes_run=advance.passes_run,
            passes_spared=advance.passes_spared,
            run_notes=advance.run_notes,
        )


def _rank(version: JobVersion) -> tuple[int, int]:
    """What goes first has the lowest."""
    return version.deaths, PRIORITIES.index(version.spec.priority)


def _named(version: JobVersion) -> JobReport:
    spec = version.spec
    names = (version.job, version.version, version.state, spec.source.path, spec.output.path)
    return JobReport(*names, priority=spec.priority)


def _frames_total(version: JobVersion, advance: JobReport) -> int:
    span = (version.plan or {}).get("span")
    return span[1] - span[0] if span else advance.frames_total


def _with_speed(report: JobReport, advance: JobReport) -> JobReport:
    return replace(report, **{name: getattr(advance, name) for name in _OF_SPEED})
