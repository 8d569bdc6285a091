"""Small work that may touch disks, away from the caller's thread; what follows it is done in the caller's."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any


class Background:
    """One thread that does work in order. wake: called from it when a result waits."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._tasks: queue.SimpleQueue[tuple[Callable[[], Any], Callable[[Any], None]] | None] = (
            queue.SimpleQueue()
        )
        self._done: queue.SimpleQueue[tuple[Callable[[Any], None], Any]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sparkvsr-window", daemon=True)
        self._thread.start()

    def run(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Do `work`, which raises nothing, and `then(result)` with a later `poll`."""
        self._tasks.put((work, then))

    def poll(self) -> None:
        """Hand results on."""
        for _ in range(self._done.qsize()):
            then, result = self._done.get()
            then(result)

    def close(self, seconds: float = 5.0) -> None:
        """Do what is left, at most for so long."""
        self._tasks.put(None)
        self._thread.join(seconds)

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            work, then = task
            self._done.put((then, work()))
            self._wake()
