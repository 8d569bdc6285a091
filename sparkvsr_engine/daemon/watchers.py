"""Who is told what: clients that watch a job get its events over the requests socket, so none is lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from sparkvsr_bridge.connections.wire import Buffer, encode, make_envelope
from sparkvsr_bridge.records import Record

Send = Callable[[bytes, Sequence[Buffer]], bool]


class Watchers:
    """Clients by job. `send` says whether a client is still there; one that is not is forgotten."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._by_job: defaultdict[str, dict[bytes, str]] = defaultdict(dict)

    def watch(self, job: str, client: bytes, request: str) -> None:
        """Tell this client what happens to the job; `request` is the message that asked for it.

        Args:
            job: the job's name.
            client: its identity at the socket.
            request: id of the request that asked for it.
        """
        self._by_job[job][client] = request

    def tell(self, job: str, message: Record) -> None:
        """Send an event to everybody who watches the job."""
        watching = self._by_job.get(job, {})
        for client, request in list(watching.items()):
            if not self._send(client, encode(make_envelope(message, request))):
                del watching[client]

    def count(self) -> int:
        """How many clients watch anything."""
        return len({client for watching in self._by_job.values() for client in watching})
