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
from typing import Any, Generic, TypeVar

from sparkvsr_bridge.connections.connection import remove_connection, write_connection
from sparkvsr_bridge.connections.wire import Buffer, Envelope, decode, encode, make_envelope, make_refusal
from sparkvsr_bridge.errors import MalformedMessage, SparkVSRError
from sparkvsr_bridge.messages import ErrorReply, ErrorReport
from sparkvsr_bridge.pictures import pack
from sparkvsr_bridge.records import Record
from sparkvsr_bridge.system.folders import shared_memory_folder
from sparkvsr_bridge.transport import ServerTransport
from sparkvsr_bridge.version import __version__
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.daemon.clients import Clients
from sparkvsr_engine.daemon.watchers import Watchers
from sparkvsr_engine.errors import translate

log = logging.getLogger(__name__)

TICK_SECONDS = 0.25


@dataclass(frozen=True)
class ClientRequest:
    """A request, and the client that sent it."""

    client: bytes
    envelope: Envelope


@dataclass(frozen=True)
class Answer:
    """A reply, with what is to be done once it is on its way."""

    message: Record
    buffers: Sequence[Buffer] = ()
    then: Callable[[], None] | None = None


Result = TypeVar("Result")


@dataclass(frozen=True)
class DeferredReply(Generic[Result]):
    """A reply whose `work` is done on a helper thread; `finish` makes it of the result on the loop's."""

    work: Callable[[], Result]
    finish: Callable[[Result], Answer]


Handler = Callable[[ClientRequest], "Answer | DeferredReply[Any] | None"]
"""None: the reply goes out when it is there, by `Server.reply`; no thread waits for it."""


class Server:
    """Sockets, loop and helper threads; what requests mean is the handlers' affair."""

    def __init__(self, config: EngineConfig, listen: str | None, extra_clients: Sequence[str] = ()) -> None:
        self.config = config
        self.started = time.time()
        self._transport = ServerTransport(config.runtime, listen, extra_clients)
        self.clients = Clients(shared_memory_folder(config.runtime))
        self.watchers = Watchers(self._transport.send)
        self._handlers: dict[str, Handler] = {}
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._helpers = ThreadPoolExecutor(4, "helper")
        self._stopping = threading.Event()
        self.on_tick: Callable[[], None] = lambda: None

    def handle(self, kind: str, handler: Handler) -> None:
        """Answer requests of this kind with `handler`."""
        self._handlers[kind] = handler

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
            self._do_calls()
            self._guarded(self.on_tick)

    def close(self) -> None:
        """Take the connection file away and close the sockets."""
        remove_connection(self.config.runtime, self._transport.connection(__version__).pid)
        self._helpers.shutdown(wait=False, cancel_futures=True)
        self._transport.close()

    def reply(self, request: ClientRequest, answer: Answer) -> None:
        """Send an answer, its pictures by shared memory where the client shares it."""
        package = pack(answer.message, self.clients.folder_for(request.client), answer.buffers)
        envelope = make_envelope(package.message, request.envelope.id, package.buffers)
        self._transport.send(request.client, encode(envelope))
        if answer.then is not None:
            answer.then()

    def send(self, client: bytes, message: Record, request: str) -> None:
        """Send an event to one client, its pictures by shared memory where that client shares it.

        Args:
            client: its identity at the socket.
            message: the event's record.
            request: id of the request that asked for it.
        """
        package = pack(message, self.clients.folder_for(client))
        self._transport.send(client, encode(make_envelope(package.message, request, package.buffers)))

    def publish(self, topic: str, message: Record) -> None:
        """Send an event that may be dropped to whoever subscribes."""
        self._transport.publish(topic, encode(make_envelope(message)))

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

    def _answer(self, request: ClientRequest, find: Callable[[], Answer | DeferredReply[Any] | None]) -> None:
        """Find an answer and send it; whatever goes wrong becomes an error reply."""
        try:
            answer = find()
        except SparkVSRError as error:
            self._refuse(request.client, request.envelope.id, error)
        except Exception as error:
            log.exception("%s failed", request.envelope.kind)
            self._refuse(request.client, request.envelope.id, translate(error))
        else:
            if isinstance(answer, DeferredReply):
                self._helpers.submit(self._work_later, request, answer)
            elif answer is not None:
                self.reply(request, answer)

    def _work_later(self, request: ClientRequest, later: DeferredReply[Any]) -> None:
        try:
            result = later.work()
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

    def _refuse(self, client: bytes, request: str, error: SparkVSRError) -> None:
        report = ErrorReport.of(error)
        self._transport.send(client, encode(make_envelope(ErrorReply(report), request)))


def _raise(error: BaseException) -> Answer:
    raise error
