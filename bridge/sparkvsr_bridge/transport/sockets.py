"""What both sides' sockets share: keys, options, draining, and the wake-up from another thread."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import socket
import sys
from typing import Any, Dict, List, Sequence

import zmq

from ..connections.wire import MAX_JSON_BYTES, PART_BYTES

Frames = List[bytes]

LINGER_MS = 500
_MOST_AT_ONCE = 64
# Encryption makes a full part some bytes longer, and counts.
_LARGEST_FRAME = max(MAX_JSON_BYTES, PART_BYTES) + 1024
# A peer that vanished without a word (cable, power) is given up after the second.
_TCP_HEARTBEAT_MS, _TCP_HEARTBEAT_TIMEOUT_MS = 10_000, 60_000


def has_ipc() -> bool:
    """Whether this system's ZeroMQ has ipc endpoints that a folder's mode protects."""
    return bool(zmq.has("ipc")) and sys.platform != "win32"


@dataclasses.dataclass(frozen=True)
class KeyPair:
    """A CURVE key pair, Z85 text."""

    public: str
    secret: str = dataclasses.field(repr=False)


def make_keys() -> KeyPair:
    """A fresh CURVE key pair."""
    public, secret = zmq.curve_keypair()
    return KeyPair(public.decode(), secret.decode())


def set_options(sock: zmq.Socket[bytes], endpoint: str) -> None:
    """What every socket here has: bounded linger and frame size, dead network peers noticed, IPv6.

    Args:
        sock: the socket.
        endpoint: what it will be bound or connected to.
    """
    sock.setsockopt(zmq.LINGER, LINGER_MS)
    sock.setsockopt(zmq.MAXMSGSIZE, _LARGEST_FRAME)
    if endpoint.startswith("tcp://"):
        sock.setsockopt(zmq.HEARTBEAT_IVL, _TCP_HEARTBEAT_MS)
        sock.setsockopt(zmq.HEARTBEAT_TIMEOUT, _TCP_HEARTBEAT_TIMEOUT_MS)
    if endpoint.startswith("tcp://["):
        sock.setsockopt(zmq.IPV6, 1)


def poll(poller: zmq.Poller, timeout_seconds: float) -> Dict[Any, int]:
    """What is ready, waiting at most that long; never a busy loop for less than a millisecond.

    Args:
        poller: with the sockets registered.
        timeout_seconds: how long to wait at most.
    """
    return dict(poller.poll(math.ceil(max(0.0, timeout_seconds) * 1000)))


def receive_some(sock: zmq.Socket[bytes]) -> List[Frames]:
    """Messages that are there, a bounded number of them so that nothing else waits long.

    Args:
        sock: the socket.
    """
    messages: List[Frames] = []
    with contextlib.suppress(zmq.Again):
        while len(messages) < _MOST_AT_ONCE:
            messages.append(sock.recv_multipart(zmq.NOBLOCK))
    return messages


def send_now(sock: zmq.Socket[bytes], frames: Sequence[Any]) -> bool:
    """Send without waiting; False when the peer is gone or keeps too many messages unread.

    Args:
        sock: the socket.
        frames: the message's frames.
    """
    try:
        sock.send_multipart(frames, zmq.NOBLOCK)
    except zmq.ZMQError as error:
        if error.errno in (zmq.EAGAIN, zmq.EHOSTUNREACH):
            return False
        raise
    return True


class Waker:
    """Ends another thread's poll: `ring` from anywhere, `quiet` in the polling thread."""

    def __init__(self) -> None:
        self._sender, self._receiver = socket.socketpair()
        self._sender.setblocking(False)
        self._receiver.setblocking(False)

    def fileno(self) -> int:
        """What the poller watches."""
        return self._receiver.fileno()

    def ring(self) -> None:
        """Wake the poll; a full pipe means that it is woken already."""
        with contextlib.suppress(OSError):
            self._sender.send(b"\0")

    def quiet(self) -> None:
        """Take the rings out."""
        with contextlib.suppress(OSError):
            while self._receiver.recv(4096):
                pass

    def close(self) -> None:
        """Close both ends."""
        self._sender.close()
        self._receiver.close()
