"""One worker process as the daemon sees it: started, given orders, read from, started again when it dies."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from sparkvsr_bridge.errors import MalformedMessage
from sparkvsr_bridge.records import Record
from sparkvsr_bridge.system.windows import NO_WINDOW
from sparkvsr_engine.jobs.worker_messages import Line, WorkerReady, from_line, to_line

log = logging.getLogger(__name__)


class WorkerProcess:
    """A worker on one device.

    on_report and on_death are called from this object's own thread; the daemon queues them.
    failed_starts: how often in a row it ended before it was ready.
    """

    def __init__(
        self, home: Path, device: str, on_report: Callable[[Line], None], on_death: Callable[[int], None]
    ) -> None:
        self._home = home
        self._device = device
        self._on_report = on_report
        self._on_death = on_death
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._reader_thread: threading.Thread | None = None
        self.is_ready = False
        self.failed_starts = 0

    @property
    def pid(self) -> int:
        """The process, 0 when none runs."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else 0

    @property
    def is_reaped(self) -> bool:
        """Whether none was started, or its death was reported: only then may another be started.

        A process that has ended is not enough: its last reports may still be in the pipe, and a successor
        started now would hide its death.
        """
        return self._child is None

    def start(self) -> None:
        """Launch it; its log goes beside the engine's."""
        log_path = self._home / "logs" / "worker.log"
        log_path.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "sparkvsr_engine.jobs.worker", str(self._home), self._device]
        # Waiting OpenMP threads must not spin on cores the host needs (measured: they slow both down).
        environment = {"OMP_WAIT_POLICY": "PASSIVE", **os.environ}
        with log_path.open("ab") as log_file:
            child = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log_file,
                env=environment,
                creationflags=NO_WINDOW,
            )
        with self._lock:
            self._child, self.is_ready = child, False
        assert child.stdout is not None
        self._reader_thread = threading.Thread(
            target=self._listen, args=(child, child.stdout), name="worker-ears", daemon=True
        )
        self._reader_thread.start()

    def order(self, message: Record, request: str = "", is_bounded: bool = False) -> bool:
        """Send an order; False when there is no worker to take it. The others: see `worker_messages.Line`.

        Args:
            message: what to do.
            request: see `worker_messages.Line`.
            is_bounded: see `worker_messages.Line`.
        """
        with self._lock:
            child = self._child
            if child is None or child.stdin is None:
                return False
            try:
                child.stdin.write(to_line(Line(message, request, is_bounded)))
                child.stdin.flush()
            except (OSError, ValueError):
                return False
        return True

    def stop(self, timeout_seconds: float) -> None:
        """End it: closing its input tells it to; it is killed when it does not listen."""
        with self._lock:
            child, self._child = self._child, None
        if child is None:
            return
        _close_pipe(child)
        try:
            child.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if self._reader_thread is not None:
            self._reader_thread.join(timeout_seconds)

    def end(self) -> None:
        """End it at once, as a crash would: its death is reported like any other."""
        with self._lock:
            if self._child is not None:
                self._child.kill()

    def _listen(self, child: subprocess.Popen[bytes], lines: IO[bytes]) -> None:
        with lines:
            for line in lines:
                self._take(line)
        status = child.wait()
        with self._lock:
            _close_pipe(child)
            is_ours = self._child is child
            if is_ours:
                self.failed_starts += 0 if self.is_ready else 1
                self._child, self.is_ready = None, False
        if is_ours:
            self._on_death(status)

    def _take(self, line: bytes) -> None:
        try:
            report = from_line(line)
        except MalformedMessage as error:
            log.warning("%s", error)
            return
        if isinstance(report.message, WorkerReady):
            self.is_ready, self.failed_starts = True, 0
        self._on_report(report)


def _close_pipe(child: subprocess.Popen[bytes]) -> None:
    """No more orders for it; what could not be delivered any more is nobody's concern."""
    if child.stdin is not None:
        with suppress(OSError):
            child.stdin.close()
