"""The sockets of both sides; the only file that imports zmq.

Three endpoints: requests (ROUTER/DEALER), events (XPUB/SUB, progress only) and heartbeat (REP, its own
thread, so that a beat proves the process runs Python even while it is busy). ZeroMQ sockets belong to
one thread: every class here says which.

An ipc endpoint lies in an owner-only folder. TCP is CURVE always: the server refuses client keys it
was not told of, through a ZAP handler, because a CURVE server without one accepts every key.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import socket
import sys
import threading
from pathlib import Path
from typing import Callable, Iterable, List, Optional, Sequence, Tuple

import zmq
import zmq.auth
from zmq.auth.thread import ThreadAuthenticator

from .connection import Connection
from .errors import EndpointInUse
from .wire import Buffer

Frames = List[bytes]

_LINGER_MS = 500
# Frames queued to one slow client; pixel frames are large, so a few are enough.
_SEND_HIGH_WATER = 1000
_ZAP_DOMAIN = "sparkvsr"


def has_ipc() -> bool:
    """Whether this system's ZeroMQ has ipc endpoints that a folder's mode protects."""
    return bool(zmq.has("ipc")) and sys.platform != "win32"


@dataclasses.dataclass(frozen=True)
class KeyPair:
    """A CURVE key pair, Z85 text."""

    public: str
    secret: str


def make_keys() -> KeyPair:
    """A fresh CURVE key pair."""
    public, secret = zmq.curve_keypair()
    return KeyPair(public.decode(), secret.decode())


class ServerTransport:
    """The engine's sockets. Built, used and closed by one thread; `send` may not be called from another.

    listen: None for ipc in `folder` where the system has it; else an endpoint such as
    `tcp://127.0.0.1:*`, with CURVE. extra_clients: public keys enrolled beside the local client's.
    """

    def __init__(self, folder: Path, listen: Optional[str] = None, extra_clients: Iterable[str] = ()) -> None:
        self._context = zmq.Context()
        self._auth: Optional[ThreadAuthenticator] = None
        self._server_keys: Optional[KeyPair] = None
        self._client_keys: Optional[KeyPair] = None
        self._waker, self._woken = socket.socketpair()
        self._woken.setblocking(False)
        if listen is None and not has_ipc():
            listen = "tcp://127.0.0.1:*"
        if listen is not None and not listen.startswith("ipc://"):
            self._use_curve(extra_clients)
        self._requests = self._bind(zmq.ROUTER, folder, listen, "requests", 0)
        self._events = self._bind(zmq.XPUB, folder, listen, "events", 1)
        beat = self._bind(zmq.REP, folder, listen, "heartbeat", 2)
        self._endpoints = [
            sock.getsockopt_string(zmq.LAST_ENDPOINT) for sock in (self._requests, self._events, beat)
        ]
        threading.Thread(target=_echo, args=(beat,), name="heartbeat", daemon=True).start()
        self._poller = zmq.Poller()
        for sock in (self._requests, self._events, self._woken):
            self._poller.register(sock, zmq.POLLIN)

    def connection(self, version: str) -> Connection:
        """What the connection file has to say."""
        server, client = self._server_keys, self._client_keys
        return Connection(
            *self._endpoints,
            pid=os.getpid(),
            version=version,
            server_key=server.public if server else "",
            client_public=client.public if client else "",
            client_secret=client.secret if client else "",
        )

    def receive(self, timeout_seconds: float) -> List[Tuple[bytes, Frames]]:
        """Messages that are there, as (client, frames); waits for the first one at most that long."""
        ready = dict(self._poller.poll(int(timeout_seconds * 1000)))
        if self._woken.fileno() in ready:
            with contextlib.suppress(BlockingIOError):
                self._woken.recv(4096)
        if self._events in ready:
            self._drain_subscriptions()
        found: List[Tuple[bytes, Frames]] = []
        while self._requests in ready and len(found) < 64:
            try:
                client, *frames = self._requests.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                break
            found.append((client, frames))
        return found

    def send(self, client: bytes, frames: Sequence[Buffer]) -> bool:
        """Send to one client; False when it is gone or cannot keep up (its messages are dropped then)."""
        try:
            self._requests.send_multipart([client, *frames], zmq.NOBLOCK)
        except (zmq.Again, zmq.ZMQError):
            return False
        return True

    def publish(self, topic: str, frames: Sequence[Buffer]) -> None:
        """Send to every subscriber of `topic`; dropped for those that cannot keep up."""
        with contextlib.suppress(zmq.Again):
            self._events.send_multipart([topic.encode(), *frames], zmq.NOBLOCK)

    def wake(self) -> None:
        """End a `receive` that waits. The one method another thread may call."""
        with contextlib.suppress(OSError):
            self._waker.send(b"\0")

    def close(self) -> None:
        """Close everything; messages on their way get half a second."""
        if self._auth is not None:
            self._auth.stop()
        self._requests.close(_LINGER_MS)
        self._events.close(_LINGER_MS)
        self._waker.close()
        self._woken.close()
        self._context.destroy(_LINGER_MS)

    def _use_curve(self, extra_clients: Iterable[str]) -> None:
        self._server_keys, self._client_keys = make_keys(), make_keys()
        allowed = {self._client_keys.public, *extra_clients}

        class _Enrolled:
            """Says which client keys are known; keys come Z85-encoded."""

            def callback(self, domain: str, key: bytes) -> bool:  # noqa: ARG002 - the ZAP signature
                return key.decode() in allowed

        self._auth = ThreadAuthenticator(self._context)
        self._auth.start()
        # The domain must equal the sockets' own: "*" does not match a named one.
        self._auth.configure_curve_callback(domain=_ZAP_DOMAIN, credentials_provider=_Enrolled())

    def _bind(self, kind: int, folder: Path, listen: Optional[str], name: str, offset: int) -> "zmq.Socket[bytes]":
        sock = self._context.socket(kind)
        sock.setsockopt(zmq.LINGER, _LINGER_MS)
        sock.setsockopt(zmq.SNDHWM, _SEND_HIGH_WATER)
        if kind == zmq.ROUTER:
            sock.setsockopt(zmq.ROUTER_MANDATORY, 1)
            sock.setsockopt(zmq.ROUTER_HANDOVER, 1)
        if self._server_keys is not None:
            sock.setsockopt(zmq.CURVE_SERVER, 1)
            sock.setsockopt_string(zmq.CURVE_SECRETKEY, self._server_keys.secret)
            sock.setsockopt_string(zmq.ZAP_DOMAIN, _ZAP_DOMAIN)
        endpoint = _endpoint(folder, listen, name, offset)
        try:
            sock.bind(endpoint)
        except zmq.ZMQError as error:
            sock.close(0)
            raise EndpointInUse(
                f"{endpoint} cannot be listened on ({error.strerror}); stop the program that holds it"
                " or name another with 'sparkvsr serve --listen'."
            ) from error
        return sock

    def _drain_subscriptions(self) -> None:
        """XPUB must be read or it does not send; what clients subscribe to is their affair."""
        with contextlib.suppress(zmq.Again):
            while True:
                self._events.recv(zmq.NOBLOCK)


class ClientTransport:
    """A client's sockets. Built, used and closed by one thread; `wake` alone may come from others."""

    def __init__(self, connection: Connection) -> None:
        self._context = zmq.Context()
        self._connection = connection
        self._waker, self._woken = socket.socketpair()
        self._woken.setblocking(False)
        self._requests = self._connect(zmq.DEALER, connection.requests)
        self._events = self._connect(zmq.SUB, connection.events)
        self._beat = self._connect(zmq.REQ, connection.heartbeat)
        self._beat_open = False
        self._poller = zmq.Poller()
        for sock in (self._requests, self._events, self._beat, self._woken):
            self._poller.register(sock, zmq.POLLIN)

    def subscribe(self, topic: str) -> None:
        """Receive what is published under this topic (a prefix)."""
        self._events.setsockopt_string(zmq.SUBSCRIBE, topic)

    def send(self, frames: Sequence[Buffer]) -> None:
        """Queue a message for the engine."""
        self._requests.send_multipart(list(frames))

    def beat(self) -> None:
        """Ask for a heartbeat; one unanswered ask is given up first (a REQ socket is stuck after it)."""
        if self._beat_open:
            self._poller.unregister(self._beat)
            self._beat.close(0)
            self._beat = self._connect(zmq.REQ, self._connection.heartbeat)
            self._poller.register(self._beat, zmq.POLLIN)
        self._beat.send(b"")
        self._beat_open = True

    def receive(self, timeout_seconds: float, on_beat: Callable[[], None]) -> List[Frames]:
        """Messages that are there, replies and events alike; waits at most that long for the first."""
        ready = dict(self._poller.poll(int(timeout_seconds * 1000)))
        if self._woken.fileno() in ready:
            with contextlib.suppress(BlockingIOError):
                self._woken.recv(4096)
        if self._beat in ready:
            self._beat.recv()
            self._beat_open = False
            on_beat()
        found: List[Frames] = []
        while self._requests in ready and len(found) < 64:
            try:
                found.append(self._requests.recv_multipart(zmq.NOBLOCK))
            except zmq.Again:
                break
        while self._events in ready and len(found) < 128:
            try:
                found.append(self._events.recv_multipart(zmq.NOBLOCK)[1:])
            except zmq.Again:
                break
        return found

    def wake(self) -> None:
        """End a `receive` that waits."""
        with contextlib.suppress(OSError):
            self._waker.send(b"\0")

    def close(self) -> None:
        """Close everything; requests on their way get half a second."""
        self._requests.close(_LINGER_MS)
        self._events.close(0)
        self._beat.close(0)
        self._waker.close()
        self._woken.close()
        self._context.destroy(_LINGER_MS)

    def _connect(self, kind: int, endpoint: str) -> "zmq.Socket[bytes]":
        sock = self._context.socket(kind)
        sock.setsockopt(zmq.LINGER, _LINGER_MS)
        sock.setsockopt(zmq.RECONNECT_IVL_MAX, 1000)
        if self._connection.server_key:
            sock.setsockopt_string(zmq.CURVE_SERVERKEY, self._connection.server_key)
            sock.setsockopt_string(zmq.CURVE_PUBLICKEY, self._connection.client_public)
            sock.setsockopt_string(zmq.CURVE_SECRETKEY, self._connection.client_secret)
        sock.connect(endpoint)
        return sock


def _endpoint(folder: Path, listen: Optional[str], name: str, offset: int) -> str:
    """One of three endpoints: a socket file each, or one port each from the named one upwards."""
    if listen is None:
        path = folder / f"{name}.sock"
        # A socket file left by a killed engine; the caller holds the engine lock, so nobody uses it.
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        return f"ipc://{path}"
    if listen.startswith("ipc://"):
        return f"{listen}-{name}"
    head, _, port = listen.rpartition(":")
    return f"{head}:{int(port) + offset}" if port.isdigit() and int(port) else f"{head}:*"


def _echo(sock: "zmq.Socket[bytes]") -> None:
    """Answer every beat until the context ends."""
    with contextlib.suppress(zmq.ContextTerminated, zmq.ZMQError):
        while True:
            sock.send(sock.recv())
    sock.close(0)
