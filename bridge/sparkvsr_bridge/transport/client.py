"""A client's side: three sockets connected, and a monitor that notices when the engine is gone."""

from __future__ import annotations

import contextlib
import dataclasses
import struct
from typing import Dict, List, Sequence

import zmq

from ..connections.connection import Connection
from ..connections.wire import Buffer
from ..errors import EngineNotFound, NotAuthorised
from .sockets import Frames, Waker, poll, receive_some, send_now, set_options

# Event number and value; zmq.utils.monitor reads the same and brings asyncio with it.
_MONITOR_EVENT = struct.Struct("=HI")
_WATCHED = (
    zmq.EVENT_HANDSHAKE_SUCCEEDED
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_DISCONNECTED
)
_REFUSALS: Dict[int, str] = {
    zmq.EVENT_HANDSHAKE_FAILED_AUTH: "it does not know this client's key",
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL: "one side wants keys and the other has none",
}


@dataclasses.dataclass
class Arrivals:
    """What one `receive` found.

    beats: engine names that heartbeats answered. is_dropped: the connection that stood is gone, with
    whatever was on its way. refusal: why the engine does not let this client in, empty when it does.
    """

    messages: List[Frames]
    beats: List[bytes]
    is_dropped: bool = False
    refusal: str = ""


class ClientTransport:
    """A client's sockets. Built, used and closed by one thread; `wake` alone may come from others.

    Raises EngineNotFound when the connection names endpoints or keys that cannot be, NotAuthorised when it
    has no keys for an endpoint that always wants them.
    """

    def __init__(self, connection: Connection) -> None:
        _require_keys(connection)
        self._connection = connection
        self._stood = False
        self._is_beating = False
        with contextlib.ExitStack() as undo:
            self.waker = Waker()
            undo.callback(self.waker.close)
            self._context = zmq.Context()
            undo.callback(self._context.term)
            self._requests: zmq.Socket[bytes] = self._context.socket(zmq.DEALER)
            undo.callback(self._requests.close, 0)
            self._monitor = self._requests.get_monitor_socket(_WATCHED)
            undo.callback(self._monitor.close, 0)
            undo.callback(self._requests.disable_monitor)
            self._connect(self._requests, connection.requests)
            self._events: zmq.Socket[bytes] = self._context.socket(zmq.SUB)
            undo.callback(self._events.close, 0)
            self._connect(self._events, connection.events)
            self._beat = self._new_beat()
            undo.callback(self._close_beat)
            self._poller = zmq.Poller()
            for watched in (self._requests, self._events, self._beat, self._monitor, self.waker):
                self._poller.register(watched, zmq.POLLIN)
            self._undo = undo.pop_all()

    def subscribe(self, topic: str) -> None:
        """Receive what is published under this topic (a prefix).

        Args:
            topic: what it is published under.
        """
        self._events.setsockopt_string(zmq.SUBSCRIBE, topic)

    def send(self, frames: Sequence[Buffer]) -> bool:
        """Send a message to the engine; False when it is not connected yet or does not read.

        Nothing is queued before a connection stands, so that a request can be taken back until then.
        (ZeroMQ's own option for it, IMMEDIATE, throws away unread replies when the engine ends.)

        Args:
            frames: the message's frames.
        """
        return self._stood and send_now(self._requests, frames)

    def beat(self) -> None:
        """Ask for a heartbeat, unless one is asked for and unanswered."""
        if not self._is_beating:
            self._is_beating = send_now(self._beat, [b""])

    def renew_beat(self) -> None:
        """Give up an unanswered heartbeat: a REQ socket whose ask was lost is stuck for ever."""
        self._is_beating = False
        self._poller.unregister(self._beat)
        self._beat.close(0)
        self._beat = self._new_beat()
        self._poller.register(self._beat, zmq.POLLIN)

    def receive(self, timeout_seconds: float, has_unsent: bool = False) -> Arrivals:
        """What is there, replies and events alike; waits at most that long for the first.

        Args:
            timeout_seconds: how long to wait at most.
            has_unsent: also return when `send`, which returned False, may succeed.
        """
        is_sending = has_unsent and self._stood
        self._poller.modify(self._requests, zmq.POLLIN | zmq.POLLOUT if is_sending else zmq.POLLIN)
        ready = poll(self._poller, timeout_seconds)
        arrivals = Arrivals([], [])
        if self.waker.fileno() in ready:
            self.waker.quiet()
        if self._beat in ready:
            arrivals.beats.append(self._beat.recv())
            self._is_beating = False
        if ready.get(self._requests, 0) & zmq.POLLIN:
            arrivals.messages.extend(receive_some(self._requests))
        if self._events in ready:
            arrivals.messages.extend(frames[1:] for frames in receive_some(self._events))
        if self._monitor in ready:
            self._read_monitor(arrivals)
        return arrivals

    def close(self) -> None:
        """Close everything; nothing unsent lingers, since whoever waited for its reply got an error."""
        self._undo.close()

    def _read_monitor(self, arrivals: Arrivals) -> None:
        for frames in receive_some(self._monitor):
            event, _ = _MONITOR_EVENT.unpack(frames[0])
            if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self._stood = True
            elif event == zmq.EVENT_DISCONNECTED:
                arrivals.is_dropped = arrivals.is_dropped or self._stood
            else:
                arrivals.refusal = _REFUSALS[event]

    def _new_beat(self) -> zmq.Socket[bytes]:
        sock: zmq.Socket[bytes] = self._context.socket(zmq.REQ)
        try:
            self._connect(sock, self._connection.heartbeat)
        except EngineNotFound:
            sock.close(0)
            raise
        return sock

    def _close_beat(self) -> None:
        self._beat.close(0)

    def _connect(self, sock: zmq.Socket[bytes], endpoint: str) -> None:
        set_options(sock, endpoint)
        sock.setsockopt(zmq.RECONNECT_IVL_MAX, 1000)
        try:
            if self._connection.server_key:
                sock.setsockopt_string(zmq.CURVE_SERVERKEY, self._connection.server_key)
                sock.setsockopt_string(zmq.CURVE_PUBLICKEY, self._connection.client_public)
                sock.setsockopt_string(zmq.CURVE_SECRETKEY, self._connection.client_secret)
            sock.connect(endpoint)
        except zmq.ZMQError as error:
            raise EngineNotFound(
                f"'{endpoint}' cannot be connected to ({error.strerror});"
                " check the engine's address and keys, or start 'sparkvsr serve' anew."
            ) from error


def _require_keys(connection: Connection) -> None:
    """An engine on TCP admits nobody without keys, and need not send why.

    It hangs up as soon as it has read the greeting, on a busy machine before its own greeting has left; then
    the client sees a closed connection and no reason.
    """
    if connection.requests.startswith("tcp://") and not connection.server_key:
        raise NotAuthorised(
            f"The engine at {connection.requests} admits clients with keys alone, and this connection has"
            " none; take the file 'sparkvsr keys add' makes."
        )
