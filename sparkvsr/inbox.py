"""Events of one job or preview, waited for by whoever holds its handle."""

from __future__ import annotations

import collections
import threading
import time
from collections.abc import Callable

from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.connections.wire import Envelope
from sparkvsr_bridge.mailbox import Mailbox


class Inbox:
    """Keeps a client's events that belong to one handle, the newest progress alone.

    Made before the request is sent, so that no event is missed; `belongs` is set once its reply is there.
    """

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._mailbox = Mailbox()
        self._arrived = threading.Event()
        self._waiting: collections.deque[Envelope] = collections.deque()
        self.belongs: Callable[[Envelope], bool] | None = None
        client.add_listener(self._take)

    def next_event(self, timeout_seconds: float) -> Envelope | None:
        """The oldest event that nobody took; waits for one that long at most, None where none came.

        Args:
            timeout_seconds: how long to wait at most.
        """
        give_up = time.monotonic() + timeout_seconds
        while True:
            self._arrived.clear()
            self._waiting.extend(self._mailbox.drain(len(self._mailbox)))
            while self._waiting:
                envelope = self._waiting.popleft()
                if self.belongs is None or self.belongs(envelope):
                    return envelope
            if not self._arrived.wait(max(give_up - time.monotonic(), 0.0)):
                return None

    def drop(self, is_stale: Callable[[Envelope], bool]) -> None:
        """Forget what came until now and is stale.

        Args:
            is_stale: tells which events to forget.
        """
        self._waiting.extend(self._mailbox.drain(len(self._mailbox)))
        self._waiting = collections.deque(envelope for envelope in self._waiting if not is_stale(envelope))

    def reopen(self) -> None:
        """Keep events again after `close`."""
        self._client.remove_listener(self._take)
        self._client.add_listener(self._take)

    def close(self) -> None:
        """Keep nothing more."""
        self._client.remove_listener(self._take)

    def _take(self, envelope: Envelope) -> None:
        if self.belongs is None or self.belongs(envelope):
            self._mailbox(envelope)
            self._arrived.set()
