"""Connections of remote clients, counted and weighed: one that sends more than it may is cut.

ZeroMQ bounds a frame, not a message: it keeps the frames of one until the last has come, however many. The
system counts what a connection received; what is on its way is the difference to what was read as messages.
Linux alone gives that count to Python (TCP_INFO); elsewhere connections are counted and not weighed.
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
# Where `tcpi_bytes_received` lies in Linux' `tcp_info`, and how much of it is asked for.
_RECEIVED_AT, _INFO_BYTES = 128, 192
# Of a frame on the wire beside its content, at least: ZeroMQ's header and the seal of CURVE.
_FRAME_BYTES = 33
_FAREWELL_SECONDS = 0.5
CAN_WEIGH = sys.platform == "linux"


@dataclasses.dataclass
class _Connection:
    """An accepted connection, by a descriptor of our own.

    read: bytes of its messages that were read. ends_at: when it is to be cut, on the monotonic clock.
    """

    sock: socket.socket
    peer: str
    read: int = 0
    ends_at: Optional[float] = None

    def waiting(self) -> int:
        """Bytes received and not read as a message yet."""
        if not CAN_WEIGH:
            return 0
        info = self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_BYTES)
        if len(info) < _RECEIVED_AT + 8:
            return 0
        return int(struct.unpack_from("Q", info, _RECEIVED_AT)[0]) - self.read


class ConnectionGuard:
    """The connections of one bound socket. Used by the thread of that socket.

    most_waiting: bytes on their way, of all connections together. most: how many connections there may be.
    """

    def __init__(self, sock: zmq.Socket[bytes], most_waiting: int, most: int) -> None:
        self._sock = sock
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

    def note_read(self, handle: int, frames: List[bytes]) -> None:
        """A message was read that came over this descriptor."""
        connection = self._connections.get(handle)
        if connection is not None:
            connection.read += sum(map(len, frames)) + _FRAME_BYTES * len(frames)

    def judge(self) -> List[Tuple[str, str]]:
        """Cut what is too much; returns the peers that were cut, each with why."""
        cut: List[Tuple[str, str]] = []
        for frames in receive_some(self.monitor):
            event, handle = _EVENT.unpack(frames[0])
            self._forget(handle)
            if event == zmq.EVENT_ACCEPTED:
                self._keep(handle, cut)
        now = time.monotonic()
        for handle, connection in list(self._connections.items()):
            if connection.ends_at is not None and now >= connection.ends_at:
                self._cut(handle)
        waiting = {handle: self._waiting(connection) for handle, connection in self._connections.items()}
        while waiting and sum(waiting.values()) > self._most_waiting:
            handle = max(waiting, key=lambda key: waiting[key])
            cut.append(
                (self._connections[handle].peer, f"{waiting.pop(handle)} bytes without a whole message")
            )
            self._cut(handle)
        return cut

    def cut_soon(self, handle: int) -> None:
        """End one connection once what was sent to it had time to leave."""
        connection = self._connections.get(handle)
        if connection is not None and connection.ends_at is None:
            connection.ends_at = time.monotonic() + _FAREWELL_SECONDS

    def _keep(self, handle: int, cut: List[Tuple[str, str]]) -> None:
        """Take a descriptor of our own, unless it is another file's by now."""
        try:
            sock = socket.socket(fileno=os.dup(handle))
        except OSError:
            return
        try:
            peer, own = sock.getpeername(), sock.getsockname()
        except OSError:
            sock.close()
            return
        if not isinstance(own, tuple) or own[1] != self._port:
            sock.close()
            return
        self._connections[handle] = _Connection(sock, str(peer[0]))
        if len(self._connections) > self._most:
            cut.append((str(peer[0]), f"more than {self._most} connections"))
            self._cut(handle)

    def _waiting(self, connection: _Connection) -> int:
        try:
            return max(0, connection.waiting())
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
