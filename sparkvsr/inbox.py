"""Events of one job or preview, waited for by whoever holds its handle."""

from __future__ import annotations

import threading
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
        self._put_back: list[Envelope] = []
        self.belongs: Callable[[Envelope], bool] | None = None
        client.add_listener(self._take)

    def wait(self, timeout_seconds: float) -> list[Envelope]:
        """What came since, oldest first; waits that long at most and may be empty."""
        if not self._put_back:
            self._arrived.wait(timeout_seconds)
        self._arrived.clear()
        envelopes = [*self._put_back, *self._mailbox.drain()]
        self._put_back = []
        if len(self._mailbox):
            self._arrived.set()
        return [envelope for envelope in envelopes if self.belongs is None or self.belongs(envelope)]

    def drop(self, is_stale: Callable[[Envelope], bool]) -> None:
        """Forget what came until now and is stale."""
        envelopes = self._mailbox.drain(len(self._mailbox))
        self._put_back += [envelope for envelope in envelopes if not is_stale(envelope)]

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
