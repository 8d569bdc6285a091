"""Writing behind: work handed to threads, never more of it waiting than was agreed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class BoundedWorkers:
    """Threads that do what they are given. The first error is raised by the next `submit` or by `finish`.

    With one worker things are done in the order they were given. `submit` blocks while `waiting` things are
    given and not done, so that a slow disk slows the renderer instead of filling the memory.
    """

    def __init__(self, workers: int, waiting: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._places = threading.BoundedSemaphore(waiting)
        self._error: BaseException | None = None

    def submit(self, work: Callable[..., Any], *arguments: Any) -> None:
        """Have `work(*arguments)` done."""
        self._raise_error()
        self._places.acquire()
        try:
            future = self._pool.submit(work, *arguments)
        except BaseException:
            self._places.release()
            raise
        future.add_done_callback(self._done)

    def finish(self) -> None:
        """Wait until all is done and end the threads; raise the first error."""
        self._pool.shutdown(wait=True)
        self._raise_error()

    def abort(self) -> None:
        """Drop what was not begun, wait for what was, and end the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _done(self, future: Future[Any]) -> None:
        self._places.release()
        if not future.cancelled() and future.exception() is not None and self._error is None:
            self._error = future.exception()

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error
