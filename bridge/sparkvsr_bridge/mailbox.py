"""Hands events from the client's thread to a host's main thread, which drains them from its timer."""

from __future__ import annotations

import collections
import threading
from typing import List, OrderedDict

from .connections.wire import Envelope
from .messages import JobProgress


class Mailbox:
    """A listener for `EngineClient.add_listener`; `drain` is for the main thread and never waits.

    Of a job version's progress only the newest is kept, so that a host that looks seldom does not fall
    behind; everything else is kept until it is drained.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._letters: OrderedDict[str, Envelope] = collections.OrderedDict()

    def __call__(self, envelope: Envelope) -> None:
        """Keep an event until it is drained; a newer progress takes the place of an older one."""
        message = envelope.message
        key = envelope.id
        if isinstance(message, JobProgress):
            key = f"progress of {message.report.job} {message.report.version}"
        with self._lock:
            self._letters.pop(key, None)
            self._letters[key] = envelope

    def __len__(self) -> int:
        with self._lock:
            return len(self._letters)

    def drain(self, most: int = 100) -> List[Envelope]:
        """Take out at most that many events, oldest first.

        Args:
            most: how many at most.
        """
        with self._lock:
            count = min(most, len(self._letters))
            return [self._letters.popitem(last=False)[1] for _ in range(count)]
