"""Hands events from the client's thread to a host's main thread, which drains them from its timer."""

from __future__ import annotations

import collections
import threading
from typing import Deque, List

from .messages import JobProgress
from .wire import Envelope

LIMIT = 10_000


class Mailbox:
    """A listener for `EngineClient.add_listener`; `drain` is for the main thread and never waits.

    Of a job's progress only the newest is kept, so that a host that looks seldom does not fall behind.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._letters: Deque[Envelope] = collections.deque(maxlen=LIMIT)

    def __call__(self, envelope: Envelope) -> None:
        with self._lock:
            message = envelope.message
            if isinstance(message, JobProgress):
                self._drop_older_progress(message)
            self._letters.append(envelope)

    def drain(self, most: int = 100) -> List[Envelope]:
        """Take out at most that many events, oldest first."""
        with self._lock:
            return [self._letters.popleft() for _ in range(min(most, len(self._letters)))]

    def _drop_older_progress(self, newer: JobProgress) -> None:
        for index in range(len(self._letters) - 1, -1, -1):
            older = self._letters[index].message
            if isinstance(older, JobProgress) and older.report.job == newer.report.job:
                del self._letters[index]
                return
