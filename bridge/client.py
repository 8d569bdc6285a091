"""The client every host uses: requests with replies, events to listeners, one thread for the sockets.

The engine may die and come back at any time: a request fails with EngineLost instead of waiting for
ever, and `reconnect` finds the new engine and watches the same jobs again.
Not here: starting the engine (`process`), handing events to a host's main thread (`mailbox`).
"""

from __future__ import annotations

import dataclasses
import logging
import queue
import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path
from typing import Callable, Dict, List, Optional, Sequence, Set, Tuple, Type, TypeVar

from . import messages as m
from .connection import Connection, read_connection
from .errors import EngineLost, MalformedMessage, RequestTimedOut, SparkVSRError, error_from_dict
from .records import Record
from .transport import ClientTransport
from .wire import Buffer, Envelope, decode, encode, make_envelope

log = logging.getLogger(__name__)

Listener = Callable[[Envelope], None]
Reply = TypeVar("Reply", bound=Record)

BEAT_SECONDS = 1.0
LOST_AFTER_SECONDS = 6.0


@dataclasses.dataclass
class _Open:
    """A request that waits for its reply."""

    future: "Future[Envelope]"
    kind: str


class EngineClient:
    """Talks to one engine. Methods may be called from any thread; listeners run in the client's thread.

    Use as a context manager or call `close`.
    """

    def __init__(self, connection: Connection, name: str = "") -> None:
        self._name = name
        self._listeners: List[Listener] = []
        self._watched: Set[str] = set()
        self._open: Dict[str, _Open] = {}
        self._outbox: "queue.SimpleQueue[Optional[Sequence[Buffer]]]" = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._start(connection)

    @classmethod
    def connect(cls, runtime_folder: Path, name: str = "", timeout_seconds: float = 5.0) -> "EngineClient":
        """Connect to the engine whose connection file lies in `runtime_folder` and say hello.

        Raises EngineNotFound, EngineLost or RequestTimedOut, ProtocolMismatch.
        """
        client = cls(read_connection(runtime_folder), name)
        try:
            client.hello(timeout_seconds)
        except BaseException:
            client.close()
            raise
        return client

    def __enter__(self) -> "EngineClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_alive(self) -> bool:
        """Whether the engine's process answered a heartbeat lately."""
        return not self._closed and time.monotonic() - self._last_beat < LOST_AFTER_SECONDS

    def add_listener(self, listener: Listener) -> None:
        """Call `listener` with every event from now on, in the client's own thread."""
        with self._lock:
            self._listeners.append(listener)

    def remove_listener(self, listener: Listener) -> None:
        """Stop calling it."""
        with self._lock:
            self._listeners.remove(listener)

    def hello(self, timeout_seconds: float = 5.0) -> m.HelloReply:
        """Check that both sides speak the same protocol."""
        return self.request(m.HelloRequest(client=self._name), m.HelloReply, timeout_seconds)

    def request(
        self,
        message: Record,
        reply: Type[Reply],
        timeout_seconds: float = 30.0,
        buffers: Sequence[Buffer] = (),
    ) -> Reply:
        """Send a request and wait for its reply.

        Raises the engine's error as its own class, EngineLost when the engine went away, RequestTimedOut.
        """
        answer = self.request_envelope(message, timeout_seconds, buffers).message
        if not isinstance(answer, reply):
            raise MalformedMessage(f"the engine answered with {type(answer).__name__}, not {reply.__name__}.")
        return answer

    def request_envelope(
        self, message: Record, timeout_seconds: float = 30.0, buffers: Sequence[Buffer] = ()
    ) -> Envelope:
        """As `request`, with the reply's buffers."""
        envelope = make_envelope(message, buffers=buffers)
        waiting = _Open(Future(), envelope.kind)
        with self._lock:
            if self._closed:
                raise EngineLost("The client is closed; connect again.")
            self._open[envelope.id] = waiting
        job = getattr(message, "job", "") if getattr(message, "watch", True) else ""
        self._outbox.put(encode(envelope))
        self._transport.wake()
        try:
            answer = waiting.future.result(timeout_seconds)
        except FutureTimeoutError:
            raise RequestTimedOut(
                f"The engine did not answer {envelope.kind} within {timeout_seconds:g} s; look at"
                " 'sparkvsr status' and the engine's log."
            ) from None
        finally:
            with self._lock:
                self._open.pop(envelope.id, None)
        self._remember_watched(message, answer.message, job)
        return answer

    def reconnect(self, connection: Connection) -> None:
        """Leave the lost engine for a new one and watch the same jobs there."""
        self.close()
        self._start(connection)
        self.hello()
        for job in sorted(self._watched):
            try:
                self.request(m.WatchJobRequest(job), m.JobReply)
            except SparkVSRError as error:
                log.warning("job %s is not watched any more: %s", job, error)

    def close(self) -> None:
        """End the thread and the sockets; open requests fail with EngineLost."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._outbox.put(None)
        self._transport.wake()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _start(self, connection: Connection) -> None:
        self._closed = False
        self._last_beat = time.monotonic()
        self._outbox = queue.SimpleQueue()
        ready: "Future[ClientTransport]" = Future()
        self._thread = threading.Thread(
            target=self._run, args=(connection, ready, self._outbox), name="sparkvsr-client", daemon=True
        )
        self._thread.start()
        self._transport = ready.result()

    def _run(
        self,
        connection: Connection,
        ready: "Future[ClientTransport]",
        outbox: "queue.SimpleQueue[Optional[Sequence[Buffer]]]",
    ) -> None:
        transport = ClientTransport(connection)
        transport.subscribe("")
        ready.set_result(transport)
        next_beat = 0.0
        while True:
            now = time.monotonic()
            if now >= next_beat:
                transport.beat()
                next_beat = now + BEAT_SECONDS
            if now - self._last_beat > LOST_AFTER_SECONDS:
                self._fail_open(EngineLost("The engine stopped answering; start it again with 'sparkvsr serve'."))
            for frames in transport.receive(max(0.0, next_beat - now), self._on_beat):
                self._dispatch(frames)
            if not self._send_outbox(transport, outbox):
                break
        transport.close()
        self._fail_open(EngineLost("The client was closed while a request was open."))

    def _send_outbox(
        self, transport: ClientTransport, outbox: "queue.SimpleQueue[Optional[Sequence[Buffer]]]"
    ) -> bool:
        """Send what waits; False when the client was closed."""
        while True:
            try:
                frames = outbox.get_nowait()
            except queue.Empty:
                return True
            if frames is None:
                return False
            transport.send(frames)

    def _on_beat(self) -> None:
        self._last_beat = time.monotonic()

    def _dispatch(self, frames: Sequence[bytes]) -> None:
        try:
            envelope = decode(frames)
        except SparkVSRError as error:
            log.warning("a message from the engine was dropped: %s", error)
            return
        self._on_beat()
        with self._lock:
            waiting = self._open.get(envelope.reply_to)
            listeners: Tuple[Listener, ...] = tuple(self._listeners)
        if waiting is not None and envelope.kind.endswith("_reply"):
            _resolve(waiting.future, envelope)
            return
        if envelope.message is None:
            return  # an event of a newer engine
        for listener in listeners:
            try:
                listener(envelope)
            except Exception:
                log.exception("a listener failed on %s", envelope.kind)

    def _fail_open(self, error: SparkVSRError) -> None:
        with self._lock:
            waiting = list(self._open.values())
            self._open.clear()
        for request in waiting:
            if not request.future.done():
                request.future.set_exception(error)

    def _remember_watched(self, message: Record, answer: Optional[Record], job: str) -> None:
        """Which jobs to watch again after a reconnect."""
        if isinstance(answer, m.JobReply) and (job or getattr(message, "watch", False)):
            if isinstance(message, (m.SubmitJobRequest, m.ReviseJobRequest, m.ResumeJobRequest, m.WatchJobRequest)):
                self._watched.add(answer.report.job)


def _resolve(future: "Future[Envelope]", envelope: Envelope) -> None:
    if future.done():
        return
    if isinstance(envelope.message, m.ErrorReply):
        future.set_exception(error_from_dict(envelope.message.error.to_dict()))
    elif envelope.message is None:
        future.set_exception(MalformedMessage(f"the engine answered with an unknown kind '{envelope.kind}'."))
    else:
        future.set_result(envelope)
