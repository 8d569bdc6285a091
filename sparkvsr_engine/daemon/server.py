"""The receive loop: requests in, replies and events out, the worker's news applied.

One thread owns the sockets and the store. What has to look at files (probing a source, checking
keyframe images) runs on a few helper threads and comes back through a queue, so that a slow disk keeps
nobody waiting.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from sparkvsr_bridge.connections.connection import remove_connection, write_connection
from sparkvsr_bridge.connections.wire import Buffer, decode, encode, make_envelope, make_refusal
from sparkvsr_bridge.errors import MalformedMessage, SparkVSRError
from sparkvsr_bridge.messages import ErrorReply, ErrorReport
from sparkvsr_bridge.pictures import pack
from sparkvsr_bridge.records import Record
from sparkvsr_bridge.system.folders import shared_memory_folder
from sparkvsr_bridge.transport import ServerTransport
from sparkvsr_bridge.version import __version__
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.daemon.client_requests import ClientRequest
from sparkvsr_engine.daemon.clients import Clients
from sparkvsr_engine.daemon.remote.gate import is_remote
from sparkvsr_engine.daemon.remote.remote_clients import RemoteClients, Settle
from sparkvsr_engine.daemon.watchers import Watchers
from sparkvsr_engine.errors import translate
from sparkvsr_engine.jobs.confining import confined

log = logging.getLogger(__name__)

TICK_SECONDS = 0.25


@dataclass(frozen=True)
class Reply:
    """A reply, with what is to be done once it is on its way."""

    message: Record
    buffers: Sequence[Buffer] = ()
    then: Callable[[], None] | None = None


Result = TypeVar("Result")


@dataclass(frozen=True)
class DeferredReply(Generic[Result]):
    """A reply whose `work` is done on a helper thread; `finish` makes it of the result on the loop's.

    folders: the engine's own that the work needs, of one job or client alone.
    """

    work: Callable[[], Result]
    finish: Callable[[Result], Answer]
    folders: tuple[Path, ...] = ()


Answer = Reply | DeferredReply[Any] | None
"""None: the reply goes out when it is there, by `Server.reply`; no thread waits for it."""

Handler = Callable[[ClientRequest], Answer]


class Server:
    """Sockets, loop and helper threads; what requests mean is the handlers' affair."""

    def __init__(self, config: EngineConfig, listen: str | None) -> None:
        self.config = config
        self.started = time.time()
        self._transport = ServerTransport(config.runtime, listen)
        self.remote: RemoteClients | None = None
        self.clients = Clients(shared_memory_folder(config.runtime))
        self.watchers = Watchers(self.send)
        self._handlers: dict[str, Handler] = {}
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._helpers = ThreadPoolExecutor(4, "helper")
        self._stopping = threading.Event()
        self.on_tick: Callable[[], None] = lambda: None

    def handle(self, kind: str, handler: Handler) -> None:
        """Answer requests of this kind with `handler`."""
        self._handlers[kind] = handler

    def listen(self, remote: RemoteClients) -> None:
        """Serve remote clients as well."""
        self.remote = remote
        self._transport.wake_for(remote.transport.sockets)

    @property
    def instance(self) -> str:
        """Name of this run of the engine."""
        return self._transport.connection(__version__).instance

    def announce(self) -> None:
        """Write the connection file: from now on clients find this engine."""
        write_connection(self.config.runtime, self._transport.connection(__version__))

    def call(self, work: Callable[[], None]) -> None:
        """Run `work` on the loop's thread; the one method other threads call."""
        self._calls.put(work)
        self._transport.wake()

    def stop(self) -> None:
        """End the loop after what is in hand."""
        self._stopping.set()
        self._transport.wake()

    def run(self) -> None:
        """Serve until `stop`."""
        while not self._stopping.is_set():
            for client, frames in self._transport.receive(TICK_SECONDS):
                self._receive(client, frames)
            if self.remote is not None:
                self._guarded(self._receive_remote)
            self._do_calls()
            self._guarded(self.on_tick)

    def close(self) -> None:
        """Take the connection file away and close the sockets."""
        remove_connection(self.config.runtime, self._transport.connection(__version__).pid)
        self._helpers.shutdown(wait=False, cancel_futures=True)
        if self.remote is not None:
            self.remote.close()
        self._transport.close()

    def reply(self, request: ClientRequest, answer: Reply) -> None:
        """Send an answer, its pictures by shared memory where the client shares it."""
        if self.remote is not None and request.owner:
            self.remote.answered(request, answer.message)
        self.send(request.client, answer.message, request.envelope.id, answer.buffers)
        if answer.then is not None:
            answer.then()

    def send(self, client: bytes, message: Record, request: str, buffers: Sequence[Buffer] = ()) -> bool:
        """Send a message to one client, its pictures by shared memory where that client shares it.

        False when the client is gone or may not be sent anything any more.

        Args:
            client: its identity at the socket.
            message: the message's record.
            request: id of the request that asked for it.
            buffers: what goes with the message anyway.
        """
        if self.remote is not None and is_remote(client):
            return self.remote.send(client, message, request, buffers)
        package = pack(message, self.clients.folder_for(client), buffers)
        return self._transport.send(client, encode(make_envelope(package.message, request, package.buffers)))

    def publish(self, topic: str, message: Record) -> None:
        """Send an event that may be dropped to whoever subscribes; remote clients get it for watching."""
        self._transport.publish(topic, encode(make_envelope(message)))
        if self.remote is not None:
            for client, request in self.watchers.watching(topic):
                if is_remote(client):
                    self.remote.send(client, message, request)

    def _receive(self, client: bytes, frames: Sequence[bytes]) -> None:
        self.clients.seen(client)
        try:
            envelope = decode(frames)
            handler = self._handlers.get(envelope.kind)
            if handler is None:
                raise MalformedMessage(f"this engine has no request '{envelope.kind}'; update it.")
        except SparkVSRError as error:
            self._transport.send(client, encode(make_refusal(frames, error)))
            return
        request = ClientRequest(client, envelope)
        self._guarded(lambda: self._answer(request, lambda: handler(request)))

    def _receive_remote(self) -> None:
        """Take what remote clients sent; what is let through is settled beside the loop, then handled."""
        assert self.remote is not None
        for request, settle in self.remote.receive():
            self.clients.seen(request.client)
            self._answer_settled(request, settle, self._handlers[request.envelope.kind])

    def _answer_settled(self, request: ClientRequest, settle: Settle, handler: Handler) -> None:
        def find() -> Answer:
            if settle is None:
                return handler(request)
            return DeferredReply(settle, handler, (self.config.remote_pictures / request.owner,))

        self._guarded(lambda: self._answer(request, find))

    def _answer(self, request: ClientRequest, find: Callable[[], Answer]) -> None:
        """Find an answer and send it; whatever goes wrong becomes an error reply."""
        try:
            answer = find()
        except SparkVSRError as error:
            self._refuse(request, error)
        except Exception as error:
            log.exception("%s failed", request.envelope.kind)
            self._refuse(request, translate(error))
        else:
            if isinstance(answer, DeferredReply):
                self._helpers.submit(self._work_later, request, answer)
            elif answer is not None:
                self.reply(request, answer)

    def _work_later(self, request: ClientRequest, later: DeferredReply[Any]) -> None:
        try:
            result = confined(self.config, later.work, later.folders) if request.owner else later.work()
        except BaseException as error:
            failure = error
            self.call(lambda: self._answer(request, lambda: _raise(failure)))
            return
        self.call(lambda: self._answer(request, lambda: later.finish(result)))

    def _do_calls(self) -> None:
        while True:
            try:
                work = self._calls.get_nowait()
            except queue.Empty:
                return
            self._guarded(work)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            log.exception("the loop goes on after a failure")

    def _refuse(self, request: ClientRequest, error: SparkVSRError) -> None:
        self.reply(request, Reply(ErrorReply(ErrorReport.of(error))))


def _raise(error: BaseException) -> Reply:
    raise error
