"""Who is connected, and whether pictures reach them through shared memory."""

from __future__ import annotations

import time
from pathlib import Path

from bridge.messages import HelloRequest

# A client that has said nothing for this long is counted no more; it may still speak.
_QUIET_SECONDS = 300.0


class Clients:
    """Clients by their identity on the requests socket."""

    def __init__(self, shared_folder: Path) -> None:
        self._shared_folder = shared_folder
        self._known: dict[bytes, tuple[HelloRequest, float]] = {}

    def greet(self, client: bytes, hello: HelloRequest) -> None:
        """A client said hello."""
        self._known[client] = (hello, time.monotonic())

    def shared_folder(self, client: bytes) -> Path | None:
        """Where pictures for and from this client may lie, None when it shares no memory."""
        known = self._known.get(client)
        return self._shared_folder if known and known[0].shares_memory else None

    def count(self) -> int:
        """How many said hello lately."""
        now = time.monotonic()
        self._known = {c: known for c, known in self._known.items() if now - known[1] < _QUIET_SECONDS}
        return len(self._known)
