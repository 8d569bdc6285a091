"""Who is connected, and whether pictures reach them through shared memory."""

from __future__ import annotations

import time
from pathlib import Path

# A client that was silent for this long is not counted as connected; it may still send.
_QUIET_SECONDS = 300.0
# One that was silent for this long is forgotten.
_GONE_SECONDS = 24 * 3600.0
# Whoever connects again and again must not fill the memory: those silent for longest are forgotten.
_MOST = 10_000


class Clients:
    """Clients by their identity on the requests socket."""

    def __init__(self, shared_folder: Path) -> None:
        self.shared_folder = shared_folder
        self._sharing: set[bytes] = set()
        self._last: dict[bytes, float] = {}

    def greet(self, client: bytes, shares_memory: bool) -> None:
        """A client sent hello."""
        if shares_memory:
            self._sharing.add(client)
        else:
            self._sharing.discard(client)

    def seen(self, client: bytes) -> None:
        """A client sent a message."""
        self._last.pop(client, None)
        self._last[client] = time.monotonic()
        if len(self._last) > _MOST:
            self._forget(next(iter(self._last)))

    def folder_for(self, client: bytes) -> Path | None:
        """Where pictures for this client may lie, None when it shares no memory."""
        return self.shared_folder if client in self._sharing else None

    def count(self) -> int:
        """How many sent a message lately."""
        now = time.monotonic()
        for client in [client for client, last in self._last.items() if now - last > _GONE_SECONDS]:
            self._forget(client)
        return sum(now - last < _QUIET_SECONDS for last in self._last.values())

    def _forget(self, client: bytes) -> None:
        del self._last[client]
        self._sharing.discard(client)
