"""Devices of this machine: a process for each, started when it first gets a part."""

from __future__ import annotations

import logging
import os
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from sparkvsr_bridge.system.windows import NO_WINDOW
from sparkvsr_engine.jobs.spreading.executor import Place
from sparkvsr_engine.jobs.spreading.orders import PartOrder, PartReport

log = logging.getLogger(__name__)

_END_SECONDS = 10.0


class LocalExecutor:
    """A process per device; one that dies is started again for the next part."""

    def __init__(self, devices: tuple[str, ...], log_folder: Path, threads: int = 0) -> None:
        """threads: of the processor's kernels, for all processes together; 0 for one per core."""
        self._places = [Place(f"{device} ({index})", device) for index, device in enumerate(devices, 1)]
        self._log_folder = log_folder
        on_processor = sum(device == "cpu" for device in devices)
        self._threads = max(1, (threads or os.cpu_count() or 1) // max(1, on_processor))
        self._children: dict[Place, subprocess.Popen[bytes]] = {}
        self._busy: set[Place] = set()
        self._reports: queue.SimpleQueue[tuple[Place, PartReport]] = queue.SimpleQueue()

    def free_places(self) -> list[Place]:
        """See `Executor`."""
        return [place for place in self._places if place not in self._busy]

    def place_count(self) -> int:
        """See `Executor`."""
        return len(self._places)

    def start(self, place: Place, order: PartOrder) -> None:
        """See `Executor`."""
        self._busy.add(place)
        child = self._children.get(place)
        if child is None or child.poll() is not None:
            if child is not None:
                _close_pipes(child)
            child = self._started(place)
        assert child.stdin is not None
        # A child that has just died reports it by the end of its output.
        with suppress(OSError):
            child.stdin.write(order.to_line())
            child.stdin.flush()

    def poll(self, timeout_seconds: float) -> list[tuple[Place, PartReport]]:
        """See `Executor`."""
        reports: list[tuple[Place, PartReport]] = []
        with suppress(queue.Empty):
            reports.append(self._reports.get(timeout=timeout_seconds))
            while True:
                reports.append(self._reports.get_nowait())
        counted: list[tuple[Place, PartReport]] = []
        for place, report in reports:
            if report.is_lost and place not in self._busy:
                continue
            if report.is_last:
                self._busy.discard(place)
            counted.append((place, report))
        return counted

    def close(self) -> None:
        """See `Executor`."""
        children, self._children = list(self._children.values()), {}
        self._busy.clear()
        self._reports = queue.SimpleQueue()
        for child in children:
            child.kill()
        for child in children:
            with suppress(subprocess.TimeoutExpired):
                child.wait(_END_SECONDS)
            _close_pipes(child)

    def _started(self, place: Place) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "sparkvsr_engine.jobs.spreading.child", place.device]
        with (self._log_folder / "worker.log").open("ab") as log_file:
            child = subprocess.Popen(
                [*command, str(self._threads)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log_file,
                creationflags=NO_WINDOW,
            )
        self._children[place] = child
        listener = threading.Thread(target=self._listen, args=(place, child), name=place.name, daemon=True)
        listener.start()
        return child

    def _listen(self, place: Place, child: subprocess.Popen[bytes]) -> None:
        assert child.stdout is not None
        with suppress(OSError, ValueError):
            for line in child.stdout:
                self._reports.put((place, PartReport.from_line(line)))
        if self._children.get(place) is child:
            log.warning("the process of %s ended", place.name)
            self._reports.put((place, PartReport(is_lost=True)))


def _close_pipes(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        # What was not read of a child that has ended cannot be flushed.
        with suppress(OSError):
            if pipe is not None:
                pipe.close()
