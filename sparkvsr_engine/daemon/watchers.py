"""Who gets which events: clients that watch a job get its own over the requests socket, so none is lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from sparkvsr_bridge.records import Record
from sparkvsr_engine.daemon.remote.gate import is_remote, is_same_key

# Connections of one remote key that watch one job; one that is gone is noticed when it is sent something.
_MOST_OF_A_KEY = 100

Send = Callable[[bytes, Record, str], bool]


class Watchers:
    """Clients by job. `send` returns whether a client is still there; one that is not is forgotten."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._by_job: defaultdict[str, dict[bytes, str]] = defaultdict(dict)

    def watch(self, job: str, client: bytes, request: str) -> None:
        """Send this client what happens to the job; `request` is the message that asked for it.

        Args:
            job: the job's name.
            client: its identity at the socket.
            request: id of the request that asked for it.
        """
        watching = self._by_job[job]
        watching[client] = request
        if is_remote(client):
            of_same_key = [present for present in watching if is_same_key(present, client)]
            for earlier in of_same_key[:-_MOST_OF_A_KEY]:
                del watching[earlier]

    def notify(self, job: str, message: Record) -> None:
        """Send an event to everybody who watches the job."""
        watching = self._by_job.get(job, {})
        for client, request in list(watching.items()):
            if not self._send(client, message, request):
                del watching[client]

    def watching(self, job: str) -> list[tuple[bytes, str]]:
        """Clients that watch a job, each with the request that asked for it."""
        return list(self._by_job.get(job, {}).items())

    def count(self) -> int:
        """How many clients watch anything."""
        return len({client for watching in self._by_job.values() for client in watching})
