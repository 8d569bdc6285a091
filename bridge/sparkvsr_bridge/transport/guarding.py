"""Connections of remote clients, counted and weighed: one that sends more than it may is cut.

ZeroMQ bounds a frame, not a message: it keeps the frames of one until the last has come, however many. And it
keeps what a client does not read. The system counts what a connection received and what its peer has
acknowledged; what is on its way is the difference to what was read and sent as messages. Linux alone gives
that count to Python (TCP_INFO); elsewhere connections are counted and not weighed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import socket
import struct
import sys
import time
from typing import Dict, List, Optional, Tuple

import zmq

from .sockets import receive_some

_EVENT = struct.Struct("=HI")
_WATCHED = zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED | zmq.EVENT_CLOSED
# Where `tcpi_bytes_acked` lies in Linux' `tcp_info`, `tcpi_bytes_received` behind it; how much is asked for.
_COUNTS = struct.Struct("=QQ")
_COUNTS_AT, _INFO_BYTES = 120, 192
# Of a frame on the wire beside its content, at least: ZeroMQ's header and the seal of CURVE.
_FRAME_BYTES = 33
_FAREWELL_SECONDS = 0.5
CAN_WEIGH = sys.platform == "linux"


@dataclasses.dataclass
class _Connection:
    """An accepted connection, by a descriptor of our own.

    read, sent: bytes of its messages. client: ZeroMQ's name of it, empty until a message came.
    began, ends_at: when it was accepted and when it is to be cut, on the monotonic clock.
    """

    sock: socket.socket
    peer: str
    began: float
    read: int = 0
    sent: int = 0
    client: bytes = b""
    ends_at: Optional[float] = None

    def waiting(self, ordinary: float) -> int:
        """Bytes that are on their way, in either direction. ordinary: bytes a second that are no message."""
        if not CAN_WEIGH:
            return 0
        info = self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_BYTES)
        if len(info) < _COUNTS_AT + _COUNTS.size:
            return 0
        acknowledged, received = _COUNTS.unpack_from(info, _COUNTS_AT)
        beats = int(ordinary * (time.monotonic() - self.began))
        return max(0, received - self.read - beats) + max(0, self.sent - acknowledged)


class ConnectionGuard:
    """The connections of one bound socket. Used by the thread of that socket.

    most_waiting: bytes on their way, of all connections together. most: how many connections there may be.
    ordinary: bytes a second of a connection that are no message that is read here, such as beats.
    """

    def __init__(self, sock: zmq.Socket[bytes], most_waiting: int, most: int, ordinary: float) -> None:
        self._sock = sock
        self._ordinary = ordinary
        self._by_client: Dict[bytes, int] = {}
        self._cuts: List[Tuple[str, str]] = []
        self._port = int(sock.getsockopt_string(zmq.LAST_ENDPOINT).rpartition(":")[2])
        self._most_waiting, self._most = most_waiting, most
        self._connections: Dict[int, _Connection] = {}
        self.monitor = sock.get_monitor_socket(_WATCHED)

    def close(self) -> None:
        """Let the descriptors go."""
        self._sock.disable_monitor()
        self.monitor.close(0)
        for connection in self._connections.values():
            connection.sock.close()
        self._connections.clear()
        self._by_client.clear()

    def note_read(self, handle: int, client: bytes, frames: List[bytes]) -> None:
        """A message was read that this client sent over this descriptor.

        Args:
            handle: the connection's descriptor.
            client: ZeroMQ's name of the sender.
            frames: of the message.
        """
        if handle not in self._connections:
            self._follow()
        connection = self._connections.get(handle)
        if connection is not None:
            connection.read += sum(map(len, frames)) + _FRAME_BYTES * len(frames)
            connection.client = client
            self._by_client[client] = handle

    def note_sent(self, client: bytes, count: int) -> None:
        """A message of so many bytes was handed to ZeroMQ for this client.

        Args:
            client: ZeroMQ's name of the receiver.
            count: bytes of the message.
        """
        connection = self._connections.get(self._by_client.get(client, -1))
        if connection is not None:
            connection.sent += count

    def judge(self) -> List[Tuple[str, str]]:
        """Cut what is too much; returns the peers that were cut, each with why."""
        self._follow()
        now = time.monotonic()
        for handle, connection in list(self._connections.items()):
            if connection.ends_at is not None and now >= connection.ends_at:
                self._cut(handle)
        waiting = {handle: self._waiting(connection) for handle, connection in self._connections.items()}
        while waiting and sum(waiting.values()) > self._most_waiting:
            handle = max(waiting, key=lambda key: waiting[key])
            reason = f"{waiting.pop(handle)} bytes were on their way"
            self._cuts.append((self._connections[handle].peer, reason))
            self._cut(handle)
        cuts, self._cuts = self._cuts, []
        return cuts

    def cut_soon(self, handle: int) -> bool:
        """End one connection once what was sent to it had time to leave; False where it ends already.

        Args:
            handle: the connection's descriptor.
        """
        connection = self._connections.get(handle)
        if connection is None:
            return True
        if connection.ends_at is not None:
            return False
        connection.ends_at = time.monotonic() + _FAREWELL_SECONDS
        return True

    def _follow(self) -> None:
        """Take note of connections that came and went."""
        while messages := receive_some(self.monitor):
            for frames in messages:
                event, handle = _EVENT.unpack(frames[0])
                self._forget(handle)
                if event == zmq.EVENT_ACCEPTED:
                    self._keep(handle)

    def _keep(self, handle: int) -> None:
        """Take a descriptor of our own, unless it is another file's by now."""
        try:
            sock = socket.socket(fileno=os.dup(handle))
        except OSError:
            return
        try:
            client_address, own_address = sock.getpeername(), sock.getsockname()
        except OSError:
            sock.close()
            return
        if not isinstance(own_address, tuple) or own_address[1] != self._port:
            sock.close()
            return
        self._connections[handle] = _Connection(sock, str(client_address[0]), time.monotonic())
        if len(self._connections) > self._most:
            self._cuts.append((str(client_address[0]), f"more than {self._most} connections"))
            self._cut(handle)

    def _waiting(self, connection: _Connection) -> int:
        try:
            return connection.waiting(self._ordinary)
        except OSError:
            return 0

    def _cut(self, handle: int) -> None:
        with contextlib.suppress(OSError):
            self._connections[handle].sock.shutdown(socket.SHUT_RDWR)
        self._forget(handle)

    def _forget(self, handle: int) -> None:
        connection = self._connections.pop(handle, None)
        if connection is not None:
            connection.sock.close()
            self._by_client.pop(connection.client, None)
