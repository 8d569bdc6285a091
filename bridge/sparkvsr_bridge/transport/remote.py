"""The sockets remote clients reach an engine by, beside those of its own machine; always with keys.

Their own context: another handler of keys, other bounds. Remote clients get everything over `requests`;
`events` is there because clients connect to it, and nothing is published on it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import time
from typing import Any, List, Sequence, Tuple

import zmq

from ..connections.endpoints import Endpoints
from ..connections.wire import Buffer
from .authentication import Admit, admit_keys
from .binding import ZAP_DOMAIN, answer_beats, bind_socket
from .guarding import ConnectionGuard
from .sockets import LINGER_MS, KeyPair, send_now

# A beat is empty and a subscription is a job's name.
_SMALL_FRAME = 512
_MOST_SMALL_BYTES = 4 * 1024 * 1024
_RECEIVE_HIGH_WATER = 100
# Bytes a second of a connection that is well: ZeroMQ's own beats, and the client's.
_ORDINARY, _ORDINARY_BEATS = 100.0, 300.0
_JUDGE_SECONDS = 0.1
# Few, so that what others' messages left to do comes between those of a flood.
_MOST_AT_ONCE = 16


@dataclasses.dataclass(frozen=True)
class RemoteMessage:
    """A message of a remote client. key: its public key (Z85). handle: of its connection, for `cut`."""

    client: bytes
    key: str
    frames: List[bytes]
    handle: int


@dataclasses.dataclass(frozen=True)
class RemoteBounds:
    """message_bytes: on their way to the engine, of all clients together. connections: of all of them."""

    message_bytes: int
    connections: int


class RemoteTransport:
    """Built, used and closed by one thread. Raises EndpointInUse."""

    def __init__(
        self, endpoints: Endpoints, keys: KeyPair, admit: Admit, instance: str, bounds: RemoteBounds
    ) -> None:
        with contextlib.ExitStack() as undo:
            self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
            undo.callback(self._context.term)
            admit_keys(self._context, ZAP_DOMAIN, admit)
            self._requests = bind_socket(
                self._context, zmq.ROUTER, endpoints.requests, keys, high_water=_RECEIVE_HIGH_WATER
            )
            undo.callback(self._requests.close, LINGER_MS)
            self._events = bind_socket(self._context, zmq.XPUB, endpoints.events, keys, _SMALL_FRAME)
            undo.callback(self._events.close, 0)
            beat = bind_socket(self._context, zmq.REP, endpoints.heartbeat, keys, _SMALL_FRAME)
            self._guards = [
                ConnectionGuard(self._requests, bounds.message_bytes, bounds.connections, _ORDINARY),
                ConnectionGuard(self._events, _MOST_SMALL_BYTES, bounds.connections, _ORDINARY),
                ConnectionGuard(beat, _MOST_SMALL_BYTES, bounds.connections, _ORDINARY_BEATS),
            ]
            for guard in self._guards:
                undo.callback(guard.close)
            self.endpoints = [
                sock.getsockopt_string(zmq.LAST_ENDPOINT) for sock in (self._requests, self._events, beat)
            ]
            answer_beats(beat, instance.encode())
            self._judge_at = 0.0
            self._undo = undo.pop_all()

    @property
    def sockets(self) -> List[Any]:
        """What to wait for before `receive`."""
        return [self._requests, *(guard.monitor for guard in self._guards)]

    def receive(self) -> List[RemoteMessage]:
        """Messages that are there, a bounded number of them; does not wait."""
        messages: List[RemoteMessage] = []
        with contextlib.suppress(zmq.Again):
            while len(messages) < _MOST_AT_ONCE:
                client, *frames = self._requests.recv_multipart(zmq.NOBLOCK, copy=False)
                if frames:
                    messages.append(self._message(client, frames))
        return messages

    def judge(self) -> List[Tuple[str, str]]:
        """Cut connections that are too many or too heavy, a few times a second; returns peers and why."""
        if time.monotonic() < self._judge_at:
            return []
        self._judge_at = time.monotonic() + _JUDGE_SECONDS
        with contextlib.suppress(zmq.Again):
            self._events.recv_multipart(zmq.NOBLOCK)  # XPUB must be read or it keeps what it got
        return [cut for guard in self._guards for cut in guard.judge()]

    def cut(self, message: RemoteMessage) -> bool:
        """End the connection a message came over, once the answer had time to leave.

        False where it ends already.

        Args:
            message: that came over it.
        """
        return self._guards[0].cut_soon(message.handle)

    def send(self, client: bytes, frames: Sequence[Buffer]) -> bool:
        """Send to one client; False when it is gone or stopped reading.

        Args:
            client: ZeroMQ's name of it.
            frames: of the message.
        """
        is_sent = send_now(self._requests, [client, *frames])
        if is_sent:
            self._guards[0].note_sent(client, sum(map(len, frames)))
        return is_sent

    def close(self) -> None:
        """Close everything; answers on their way get half a second."""
        self._undo.close()

    def _message(self, client: Any, frames: Sequence[Any]) -> RemoteMessage:
        first = frames[0]
        handle = int(first.get(zmq.SRCFD))
        message = RemoteMessage(
            client.bytes, str(first.get("User-Id")), [frame.bytes for frame in frames], handle
        )
        self._guards[0].note_read(handle, message.client, message.frames)
        return message
