"""The engine put together: store, schedule, worker, clients; what the worker reports becomes news."""

from __future__ import annotations

import logging
import sqlite3
import time
from contextlib import suppress

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.errors import WorkerLost
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.daemon.schedule import Schedule
from sparkvsr_engine.daemon.server import Server
from sparkvsr_engine.daemon.worker.watchdog import Watchdog
from sparkvsr_engine.daemon.worker.worker_process import WorkerProcess
from sparkvsr_engine.daemon.worker.worker_requests import Previews, Suggestions
from sparkvsr_engine.errors import translate
from sparkvsr_engine.jobs.storage.records import JobVersion
from sparkvsr_engine.jobs.storage.store import JobStore
from sparkvsr_engine.jobs.worker_messages import Line, RunJob, WorkerReady

log = logging.getLogger(__name__)

_STOP_WORKER_SECONDS = 5.0
# A worker that cannot start must not be started ten times a second; the pause doubles up to a minute.
_RESTART_SECONDS = 1.0
_LONGEST_PAUSE_DOUBLINGS = 6
_WATCH_SECONDS = 1.0
_CHECKS_TO_LOSE_HOME = 3


class Engine:
    """One daemon with one worker."""

    def __init__(self, config: EngineConfig, server: Server, device: str) -> None:
        self.config = config
        self.device = config.device
        self._server = server
        self.store = JobStore(config.database)
        self.schedule = Schedule(self.store, config.worker_attempts)
        self.worker = WorkerProcess(config.home, device, self._queue_line, self._queue_death)
        self.previews = Previews(self.worker.order, server.send, config.preview_folder)
        self.suggestions = Suggestions(self.worker.order, server.reply)
        self._unsaved: list[m.JobReport] = []
        self._watchdog = Watchdog(config.worker_silent_seconds, config.worker_stop_seconds)
        self._complaint = ""
        self._watch_at = 0.0
        self._checks_without_home = 0
        self._restart_at = 0.0
        self._last_busy = time.monotonic()
        server.on_tick = self._tick

    def start(self) -> None:
        """Take over what an earlier engine left, and start the worker."""
        for version in self.schedule.take_over():
            log.info("job %s goes on where it was interrupted", version.job)
        self.worker.start()

    def close(self) -> None:
        """End the worker. What it was rendering goes on at the next start."""
        self.worker.stop(_STOP_WORKER_SECONDS)
        self.store.close()

    def changed(self, version: JobVersion) -> None:
        """Send everybody who watches the job's present state, and start the next one."""
        self._server.watchers.notify(version.job, m.JobChanged(self.schedule.report(version)))
        self._start_next()

    def stop_work(self, order: m.CancelJobRequest | m.PauseJobRequest) -> None:
        """Have the worker let its job go; one that does not is ended, so that the next job has one."""
        self._watchdog.expect_stop(time.monotonic())
        self.worker.order(order)

    def worker_state(self) -> str:
        """For people: starting, ready, rendering or gone."""
        if not self.worker.pid:
            return "gone"
        if not self.worker.is_ready:
            return "starting"
        return "rendering" if self.schedule.running else "ready"

    def _start_next(self) -> None:
        if not self.worker.is_ready:
            return
        if overtaken := self.schedule.overtaken():
            log.info("job %s lets one of an artist go first", overtaken.job)
            self._server.watchers.notify(overtaken.job, m.JobChanged(self.schedule.report(overtaken)))
            self.stop_work(m.PauseJobRequest(overtaken.job))
        version = self.schedule.next()
        if version is None:
            return
        if not self.worker.order(RunJob(version.job, version.version)):
            self.schedule.give_back(version)
            return
        self._server.watchers.notify(version.job, m.JobChanged(self.schedule.report(version)))

    def _tick(self) -> None:
        now = time.monotonic()
        if now >= self._restart_at:
            self._start_worker()
        self._start_next()
        if now >= self._watch_at:
            self._watch_at = now + _WATCH_SECONDS
            self._watch(now)
            self._require_home()
        if self.schedule.running or self._server.clients.count():
            self._last_busy = now
        limit = self.config.idle_shutdown_seconds
        if limit and now - self._last_busy > limit:
            self._server.stop()
        self._save_ends()

    def _watch(self, now: float) -> None:
        """End a worker that hangs; what becomes of its job is decided when its death is reported."""
        worker = self.worker
        is_busy = bool(
            self.schedule.running
            or self.previews.is_awaited
            or self.suggestions.is_awaited
            or not worker.is_ready
        )
        complaint = self._watchdog.complaint(now, worker.pid, is_busy)
        if complaint and worker.pid:
            log.warning("%s", complaint)
            self._complaint = complaint
            worker.end()

    def _require_home(self) -> None:
        """End with the folder that holds the engine's jobs: without it nobody finds this engine any more."""
        with suppress(OSError):
            # A disk that does not answer is an error, and may come back; a folder that is not there is gone.
            self._checks_without_home = 0 if self.config.home.exists() else self._checks_without_home + 1
        if self._checks_without_home == _CHECKS_TO_LOSE_HOME:
            log.warning("the engine ends, because its home, %s, was removed", self.config.home)
            self._server.stop()

    def _ended(self, report: m.JobReport) -> None:
        self._watchdog.let_go()
        self._unsaved.append(report)
        try:
            self._save_ends()
        except sqlite3.OperationalError as error:
            self._server.watchers.notify(report.job, m.JobWarning(report.job, translate(error).message))
            raise

    def _save_ends(self) -> None:
        """Store how versions ended; what a full disk does not take is tried again later."""
        while self._unsaved:
            version = self.schedule.ended(self._unsaved[0])
            del self._unsaved[0]
            self.changed(version)

    def _queue_line(self, line: Line) -> None:
        self._server.call(lambda: self._apply(line))

    def _queue_death(self, status: int) -> None:
        self._server.call(lambda: self._worker_died(status))

    def _worker_died(self, status: int) -> None:
        log.warning("the worker ended with status %s", status)
        complaint, self._complaint = self._complaint, ""
        self._watchdog.let_go()
        lost = WorkerLost(f"{complaint or 'The worker died.'} It is started again; ask once more.")
        self.previews.fail_all(lost)
        self.suggestions.fail_all(lost)
        version = self.schedule.worker_died(complaint)
        ended = [version] if version is not None else []
        if self.worker.failed_starts == 0:
            self._start_worker()
        elif self.worker.failed_starts >= self.config.worker_attempts:
            ended += self.schedule.fail_queued(
                f"The worker does not start; see {self.config.log_folder / 'worker.log'} for the"
                " reason and 'sparkvsr doctor' for what is missing, then resume the job."
            )
        for version in ended:
            self.changed(version)

    def _start_worker(self) -> None:
        if not self.worker.is_reaped:
            return
        doublings = min(self.worker.failed_starts, _LONGEST_PAUSE_DOUBLINGS)
        self._restart_at = time.monotonic() + _RESTART_SECONDS * 2**doublings
        self.worker.start()

    def _apply(self, line: Line) -> None:
        """Forward what the worker sends to the clients it concerns; how jobs stand is brought up to date."""
        self._watchdog.note_line(time.monotonic())
        message = line.message
        if isinstance(message, (m.FramesFinished, m.JobWarning)):
            self._server.watchers.notify(message.job, message)
        elif isinstance(message, m.JobProgress):
            self._advanced(message.report)
        elif isinstance(message, m.JobChanged):
            self._ended(message.report)
        elif isinstance(message, m.PreviewReady):
            self.previews.made(message)
        elif isinstance(message, m.PreviewFailed):
            self.previews.failed(message)
        elif isinstance(message, (m.KeyframesReply, m.ErrorReply)):
            self.suggestions.answered(line.request, message)
        elif isinstance(message, WorkerReady):
            self._start_next()

    def _advanced(self, report: m.JobReport) -> None:
        self.schedule.advanced(report)
        version = self.store.version(report.job, report.version)
        if version.state == "running":
            self._server.publish(report.job, m.JobProgress(self.schedule.report(version)))
