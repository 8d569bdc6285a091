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
        self._reports: queue.SimpleQueue[tuple[Place, subprocess.Popen[bytes], PartReport]] = (
            queue.SimpleQueue()
        )

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
            self._forget(place)
            child = self._started(place)
        assert child.stdin is not None
        # A child that has just died reports it by the end of its output.
        with suppress(OSError):
            child.stdin.write(order.to_line())
            child.stdin.flush()

    def poll(self, timeout_seconds: float) -> list[tuple[Place, PartReport]]:
        """See `Executor`."""
        reports: list[tuple[Place, subprocess.Popen[bytes], PartReport]] = []
        with suppress(queue.Empty):
            reports.append(self._reports.get(timeout=timeout_seconds))
            while True:
                reports.append(self._reports.get_nowait())
        counted: list[tuple[Place, PartReport]] = []
        for place, child, report in reports:
            # What an earlier process of this place wrote is not about the part in hand.
            if self._children.get(place) is not child:
                continue
            if report.is_lost:
                # Its output has ended, though the system may not have seen its end yet: no part goes to it.
                self._forget(place)
                if place not in self._busy:
                    continue
            if report.is_last:
                self._busy.discard(place)
            counted.append((place, report))
        return counted

    def close(self) -> None:
        """See `Executor`."""
        for child in self._children.values():
            child.kill()
        for place in list(self._children):
            self._forget(place)
        self._busy.clear()

    def _forget(self, place: Place) -> None:
        child = self._children.pop(place, None)
        if child is None:
            return
        child.kill()
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
                self._reports.put((place, child, PartReport.from_line(line)))
        if self._children.get(place) is child:
            log.warning("the process of %s ended", place.name)
        self._reports.put((place, child, PartReport(is_lost=True)))


def _close_pipes(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        # What was not read of a child that has ended cannot be flushed.
        with suppress(OSError):
            if pipe is not None:
                pipe.close()
