"""The worker process: takes orders on its input, renders, reports on its output, ends when the daemon does.

`python -m sparkvsr_engine.jobs.worker HOME DEVICE`, started by the daemon. Its standard output carries
reports only; whatever libraries print goes to the log.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO, TypeVar

import psutil

from sparkvsr_bridge.errors import InternalError, OutOfMemory, SparkVSRError
from sparkvsr_bridge.messages import (
    CancelJobRequest,
    ErrorReply,
    ErrorReport,
    JobChanged,
    PauseJobRequest,
    PreviewFailed,
    PreviewRequest,
    SetPlayheadRequest,
    SuggestKeyframesRequest,
)
from sparkvsr_bridge.records import Record
from sparkvsr_bridge.system.locks import FileLock
from sparkvsr_engine.access.bounded_records import bound_record
from sparkvsr_engine.access.confinement.threads import run_outside, use_scratch_folder
from sparkvsr_engine.access.path_fields import READ, paths_in
from sparkvsr_engine.access.roots import Roots
from sparkvsr_engine.config import EngineConfig, load_config
from sparkvsr_engine.errors import translate
from sparkvsr_engine.jobs.confining import confined
from sparkvsr_engine.jobs.control import JobControl, JobStopped
from sparkvsr_engine.jobs.interactive.previews import PreviewMaker
from sparkvsr_engine.jobs.interactive.suggesting import suggested_keyframes
from sparkvsr_engine.jobs.kernels import prepare_kernels
from sparkvsr_engine.jobs.plans.session import RestorerPool
from sparkvsr_engine.jobs.running.progress import report_of
from sparkvsr_engine.jobs.running.runner import JobRunner, RunContext
from sparkvsr_engine.jobs.spreading.executor import Executor
from sparkvsr_engine.jobs.spreading.opening import open_executor
from sparkvsr_engine.jobs.storage.records import JobVersion
from sparkvsr_engine.jobs.storage.store import JobStore
from sparkvsr_engine.jobs.worker_messages import DropPreview, Line, RunJob, WorkerReady, from_line, to_line
from sparkvsr_engine.storage import process_memory

log = logging.getLogger(__name__)

T = TypeVar("T")

_IDLE_SECONDS = 0.5
# Idle for so long, memory goes back to the system.
_RESTS = 20
_NICE = 5
# The worker of an engine that was killed ends as soon as its thread that reads orders gets a turn.
_PREDECESSOR_SECONDS = 60.0


class Worker:
    """Orders in, reports out; one job at a time, previews and suggestions between its frames."""

    def __init__(self, config: EngineConfig, device: str, reports: IO[bytes]) -> None:
        self._config = config
        self._reports = reports
        self._lock = threading.Lock()
        self._store = JobStore(config.database)
        self._pool = RestorerPool(config, device)
        self._device = device
        self._control = JobControl()
        self._jobs: queue.SimpleQueue[RunJob | None] = queue.SimpleQueue()
        self._previews = PreviewMaker(config, self._pool, self.report)
        self._executor: Executor | None = None

    def report(self, message: Record, request: str = "") -> None:
        """Send a message; may be called from any thread. request: see `worker_messages.Line`."""
        with self._lock:
            self._reports.write(to_line(Line(message, request)))
            self._reports.flush()

    def read_orders(self, orders: IO[bytes]) -> None:
        """Read orders until the daemon closes the pipe, then end the process: nobody is left to work for."""
        for line in orders:
            try:
                self._handle(from_line(line))
            except SparkVSRError as error:
                log.warning("an order was not understood: %s", error)
        os._exit(0)

    def work(self) -> None:
        """Do what is ordered, for ever."""
        prepare_kernels(self._config.threads)
        self.report(WorkerReady(os.getpid(), self._device))
        rests = 0
        while True:
            self._control.do_waiting()
            try:
                order = self._jobs.get_nowait()
            except queue.Empty:
                rests = 0 if self._control.wait(_IDLE_SECONDS) else rests + 1
                if rests == _RESTS:
                    process_memory.give_back()
                continue
            rests = 0
            if order is None:
                return
            self._run(order)

    def _handle(self, line: Line) -> None:
        order = line.message
        if isinstance(order, RunJob):
            self._control.expect(order.job)
            self._jobs.put(order)
            self._control.between_frames(_nothing)
        elif isinstance(order, CancelJobRequest):
            self._control.stop(order.job, "cancelled")
        elif isinstance(order, PauseJobRequest):
            self._control.stop(order.job, "paused")
        elif isinstance(order, SetPlayheadRequest):
            self._control.move_playhead(order.job, order.frame)
        elif isinstance(order, PreviewRequest):
            self._previews.expect(line.request)
            self._control.between_frames(partial(self._preview, line, order))
        elif isinstance(order, DropPreview):
            self._previews.drop(order.preview)
        elif isinstance(order, SuggestKeyframesRequest):
            self._control.between_frames(partial(self._suggest, line, order))

    def _run(self, order: RunJob) -> None:
        version = self._store.version(order.job, order.version)
        state, error = "finished", None
        self._control.begin(order.job)
        try:
            if self._store.owner(order.job, order.version):
                folders = (self._config.jobs_folder / order.job,)
                self._confined(partial(self._render_confined, version), version.spec, folders)
            else:
                self._render(version, self._store, self._open_executor)
        except JobStopped as stopped:
            state = stopped.state
        except BaseException as problem:
            state, error = "failed", self._error_report(problem)
            if isinstance(problem, (KeyboardInterrupt, SystemExit)):
                raise
        finally:
            self._control.end()
            if state != "finished" and self._executor is not None:
                # Its processes may have parts of this job in hand.
                self._executor.close()
        self.report(JobChanged(replace(report_of(version, state), error=error)))

    def _render_confined(self, version: JobVersion) -> None:
        """A remote client's job, on this device alone: processes of their own would not be confined."""
        prepare_kernels(self._config.threads)
        with closing(JobStore(self._config.database)) as store:
            self._render(version, store, lambda: None)

    def _render(
        self, version: JobVersion, store: JobStore, open_executor: Callable[[], Executor | None]
    ) -> None:
        context = RunContext(self._config, store, self._pool, self._control, self.report, open_executor)
        JobRunner(context, version).run()

    def _open_executor(self) -> Executor | None:
        """Several devices; None where there is one."""
        if self._executor is None:
            self._executor = open_executor(self._config)
        return self._executor

    def _preview(self, line: Line, request: PreviewRequest) -> None:
        try:
            self._done(line, request, partial(self._previews.make, line.request, request))
        except Exception as problem:
            self.report(PreviewFailed(line.request, self._error_report(problem)))

    def _suggest(self, line: Line, order: SuggestKeyframesRequest) -> None:
        try:
            choose = partial(suggested_keyframes, self._config, order)
            self.report(self._done(line, order, choose), line.request)
        except Exception as problem:
            self.report(ErrorReply(self._error_report(problem)), line.request)

    def _done(self, line: Line, request: Record, call: Callable[[], T]) -> T:
        """Do what a request asks for, where its client may; the job in hand may be another client's."""
        if line.is_bounded:
            return run_outside(lambda: self._confined(call, request))
        return run_outside(call)

    def _confined(self, call: Callable[[], T], record: Record, folders: tuple[Path, ...] = ()) -> T:
        """Do what a remote client's record asks for; its files are judged now and when they are opened.

        folders: private ones, see `confined`.
        """
        bound_record(record, Roots.of(self._config.remote), self._config.home)
        places = (self._config.jobs_folder, self._config.remote_pictures)
        pictures = {Path(path).parent for path in paths_in(record, READ)}
        copies = [folder for folder in pictures if any(place in folder.parents for place in places)]
        return confined(self._config, call, (*folders, *copies))

    def _error_report(self, problem: BaseException) -> ErrorReport:
        error = translate(problem)
        if isinstance(error, OutOfMemory):
            self._pool.close()
        if isinstance(error, InternalError):
            log.error("%s", "".join(traceback.format_exception(problem)))
        else:
            log.info("%s: %s", error.code, error.message)
        return ErrorReport.of(error)


def _nothing() -> None:
    """Wakes the thread that renders."""


def _step_back() -> None:
    """Let the host's interface run first: a worker takes what is left of the processor."""
    if sys.platform == "win32":
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(_NICE)


def _own_output() -> BinaryIO:
    """Libraries that print must not break the reports: descriptor 1 becomes the log's."""
    reports = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return reports


def device_of_worker(config: EngineConfig, device: str) -> str:
    """The device a worker renders on: that of the command, else the one previews keep, else the engine's own.

    Args:
        config: of the engine.
        device: of the command that started the engine, `auto` where it named none.
    """
    return device if device != "auto" else config.preview_device or config.device


def main(arguments: list[str]) -> None:
    """Run a worker until the daemon closes its input."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    reports = _own_output()
    settings = load_config(Path(arguments[0]))
    device = device_of_worker(settings, arguments[1])
    config = replace(settings, device=device)
    # Two workers would write the same temporary files.
    lock = FileLock(config.runtime / "worker.lock")
    if not lock.take(_PREDECESSOR_SECONDS):
        log.error("another worker serves %s and does not end", config.home)
        sys.exit(1)
    if config.remote.read or config.remote.write:
        use_scratch_folder(config.scratch_folder)
    _step_back()
    worker = Worker(config, device, reports)
    threading.Thread(target=worker.read_orders, args=(sys.stdin.buffer,), name="orders", daemon=True).start()
    worker.work()


if __name__ == "__main__":
    main(sys.argv[1:])
