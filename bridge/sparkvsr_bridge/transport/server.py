"""The engine's side: requests, events and heartbeat bound, and CURVE with its ZAP handler on TCP."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Iterable, List, Optional, Sequence, Tuple

import zmq

from ..connections.connection import Connection, read_connection, remove_connection, serving_lock
from ..connections.endpoints import Endpoints, as_reached, plan_endpoints
from ..connections.shared_memory import make_marker, sweep, unlink
from ..connections.wire import Buffer
from ..errors import EngineAlreadyRunning, EngineNotFound, InvalidSettings
from ..system.folders import shared_memory_folder
from .authentication import admit_keys
from .binding import ZAP_DOMAIN, answer_beats, bind_socket
from .sockets import (
    LINGER_MS,
    Frames,
    KeyPair,
    Waker,
    has_ipc,
    make_keys,
    poll,
    receive_some,
    send_now,
)

# Somebody who merely looks whether the lock is held holds it for a moment.
_LOCK_SECONDS = 1.0
_SWEEP_SECONDS = 60.0


class ServerTransport:
    """The engine's sockets. Built, used and closed by one thread; `wake` alone may be called by others.

    listen: None for ipc in `folder` where the system has it; else an endpoint such as
    `tcp://127.0.0.1:*`, with CURVE. extra_clients: public keys enrolled beside the local client's.
    server_keys: the engine's own pair, where remote clients know it; None makes a fresh one.
    Raises EngineAlreadyRunning when an engine serves `folder`, EndpointInUse, InvalidSettings.
    """

    def __init__(
        self,
        folder: Path,
        listen: Optional[str] = None,
        extra_clients: Iterable[str] = (),
        server_keys: Optional[KeyPair] = None,
    ) -> None:
        if listen is None and not has_ipc():
            listen = "tcp://127.0.0.1:*"
        endpoints = plan_endpoints(folder, listen)
        if endpoints.is_ipc and not has_ipc():
            raise InvalidSettings(f"'{listen}' needs sockets this system has not; use tcp://127.0.0.1:*.")
        with contextlib.ExitStack() as undo:
            _claim(folder, undo)
            self._context = zmq.Context()
            undo.callback(self._context.term)
            self._server_keys: Optional[KeyPair] = None
            self._client_keys: Optional[KeyPair] = None
            if not endpoints.is_ipc:
                self._server_keys, self._client_keys = server_keys or make_keys(), make_keys()
                admit_keys(
                    self._context,
                    ZAP_DOMAIN,
                    frozenset({self._client_keys.public, *extra_clients}).__contains__,
                )
            self._shared_folder = shared_memory_folder(folder)
            self._sweep_memory()
            self._instance = make_marker(self._shared_folder)
            undo.callback(unlink, self._shared_folder, self._instance)
            self._listen(endpoints, undo)
            self._undo = undo.pop_all()

    def connection(self, version: str) -> Connection:
        """What the connection file holds.

        Args:
            version: of the engine.
        """
        server, client = self._server_keys, self._client_keys
        return Connection(
            *self._endpoints,
            pid=os.getpid(),
            version=version,
            server_key=server.public if server else "",
            client_public=client.public if client else "",
            client_secret=client.secret if client else "",
            instance=self._instance,
            shared_folder=str(self._shared_folder),
        )

    def receive(self, timeout_seconds: float) -> List[Tuple[bytes, Frames]]:
        """Messages that are there, as (client, frames); waits for the first one at most that long.

        Args:
            timeout_seconds: how long to wait at most.
        """
        ready = poll(self._poller, timeout_seconds)
        if time.monotonic() >= self._next_sweep:
            self._sweep_memory()
        if self._waker.fileno() in ready:
            self._waker.quiet()
        if self._events in ready:
            receive_some(self._events)  # XPUB must be read or it does not send
        if self._requests not in ready:
            return []
        return [(client, frames) for client, *frames in receive_some(self._requests)]

    def send(self, client: bytes, frames: Sequence[Buffer]) -> bool:
        """Send to one client; False when it is gone or stopped reading, and is to be forgotten.

        Args:
            client: its identity at the socket.
            frames: the message's frames.
        """
        return send_now(self._requests, [client, *frames])

    def publish(self, topic: str, frames: Sequence[Buffer]) -> None:
        """Send to every subscriber of `topic`; dropped for those that cannot keep up.

        Args:
            topic: what it is published under.
            frames: the message's frames.
        """
        send_now(self._events, [topic.encode(), *frames])

    def wake_for(self, sockets: Iterable[object]) -> None:
        """Also end a `receive` that waits when one of these ZeroMQ sockets has something to read.

        Args:
            sockets: ZeroMQ's, of any context.
        """
        for sock in sockets:
            self._poller.register(sock, zmq.POLLIN)

    def wake(self) -> None:
        """End a `receive` that waits. The one method another thread may call."""
        self._waker.ring()

    def close(self) -> None:
        """Close everything; messages on their way get half a second. Closing twice is fine."""
        self._undo.close()

    def _sweep_memory(self) -> None:
        sweep(self._shared_folder)
        self._next_sweep = time.monotonic() + _SWEEP_SECONDS

    def _listen(self, endpoints: Endpoints, undo: contextlib.ExitStack) -> None:
        self._waker = Waker()
        undo.callback(self._waker.close)
        self._requests = bind_socket(self._context, zmq.ROUTER, endpoints.requests, self._server_keys)
        undo.callback(self._requests.close, LINGER_MS)
        self._events = bind_socket(self._context, zmq.XPUB, endpoints.events, self._server_keys)
        undo.callback(self._events.close, LINGER_MS)
        beat = bind_socket(self._context, zmq.REP, endpoints.heartbeat, self._server_keys)
        self._endpoints = [
            as_reached(sock.getsockopt_string(zmq.LAST_ENDPOINT))
            for sock in (self._requests, self._events, beat)
        ]
        answer_beats(beat, self._instance.encode())
        self._poller = zmq.Poller()
        for watched in (self._requests, self._events, self._waker):
            self._poller.register(watched, zmq.POLLIN)


def _claim(folder: Path, undo: contextlib.ExitStack) -> None:
    """Hold the folder's lock: one engine per runtime folder, whatever it listens on."""
    lock = serving_lock(folder)
    if not lock.take(_LOCK_SECONDS):
        with contextlib.suppress(EngineNotFound):
            holder = f" as process {read_connection(folder).pid}"
            raise EngineAlreadyRunning(f"An engine serves {folder} already{holder}; use that one.")
        raise EngineAlreadyRunning(f"An engine is starting in {folder}; use that one.")
    undo.callback(lock.release)
    # Of an engine that was killed: nobody must wait for an answer from where it listened.
    remove_connection(folder)
