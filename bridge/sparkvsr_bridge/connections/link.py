"""One connection to one engine: its thread, its sockets, its open requests. It ends once and for good.

The engine may die at any time: the link then ends, open requests fail with EngineLost instead of
waiting for ever, and so does every later one. Starting over is the client's affair (`client`).
"""

from __future__ import annotations

import collections
import dataclasses
import logging
import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Callable, Deque, Dict, List, Optional, Sequence, Tuple

from ..errors import EngineLost, MalformedMessage, NotAuthorised, RequestTimedOut, SparkVSRError
from ..messages import ErrorReply
from ..records import Record
from ..transport import ClientTransport
from ..transport.client import Arrivals
from .connection import Connection
from .wire import Buffer, Envelope, decode, encode, peek_reply_to

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
_MISSES_TO_RENEW = 3
_MISSES_TO_LOSE = 6
_DRAIN_SECONDS = 0.05


@dataclasses.dataclass(frozen=True)
class Observers:
    """Who is told in the link's thread: of every event, and of every reply with the request it answers."""

    on_event: Callable[[Envelope], None]
    on_reply: Callable[[Record, Envelope], None]


@dataclasses.dataclass(frozen=True)
class _Waiting:
    """A request that waits for its reply."""

    envelope: Envelope
    future: Future[Envelope]


class EngineLink:
    """Connected from the start; `request` may be called from any thread but the link's own.

    Raises EngineNotFound when the connection's endpoints or keys cannot be.
    """

    def __init__(
        self, connection: Connection, observers: Observers, beat_seconds: float = BEAT_SECONDS
    ) -> None:
        self._instance = connection.instance.encode()
        self._observers = observers
        self._beat_seconds = beat_seconds
        self._lock = threading.Lock()
        self._open: Dict[str, _Waiting] = {}
        self._outbox: Deque[Tuple[str, Sequence[Buffer]]] = collections.deque()
        self._is_closing = False
        self._end: Optional[SparkVSRError] = None
        self._unanswered = 0
        started: Future[ClientTransport] = Future()
        self._thread = threading.Thread(
            target=self._run, args=(connection, started), name="sparkvsr-link", daemon=True
        )
        self._thread.start()
        self._transport = started.result()

    @property
    def is_alive(self) -> bool:
        """Whether the link has not ended; a frozen engine is noticed after some heartbeats."""
        return self._end is None and not self._is_closing

    @property
    def is_own_thread(self) -> bool:
        """Whether the caller runs in the link's thread, as observers do."""
        return threading.current_thread() is self._thread

    def request(self, envelope: Envelope, timeout_seconds: float) -> Envelope:
        """Send a request and wait for its reply.

        Raises the engine's error as its own class, EngineLost, NotAuthorised, RequestTimedOut; and
        RuntimeError in the link's own thread, which would wait for itself.

        Args:
            envelope: the request.
            timeout_seconds: how long to wait at most.
        """
        if self.is_own_thread:
            raise RuntimeError("a listener cannot make requests; hand the event to another thread (Mailbox)")
        frames = encode(envelope)
        waiting = _Waiting(envelope, Future())
        with self._lock:
            if self._end is not None or self._is_closing:
                raise _again(self._end or _closed())
            self._open[envelope.id] = waiting
            self._outbox.append((envelope.id, frames))
        self._transport.waker.ring()
        try:
            return waiting.future.result(timeout_seconds)
        except FutureTimeoutError:
            raise RequestTimedOut(
                f"The engine did not answer {envelope.kind} within {timeout_seconds:g} s; look at"
                " 'sparkvsr status' and the engine's log."
            ) from None
        finally:
            with self._lock:
                self._open.pop(envelope.id, None)

    def close(self) -> None:
        """End the thread and the sockets; open requests fail with EngineLost. Closing twice is fine."""
        self._is_closing = True
        self._transport.waker.ring()
        if not self.is_own_thread:
            self._thread.join()

    def _run(self, connection: Connection, started: Future[ClientTransport]) -> None:
        try:
            transport = ClientTransport(connection)
            transport.subscribe("")
        except BaseException as error:
            started.set_exception(error)
            return
        started.set_result(transport)
        end: SparkVSRError = EngineLost(
            "The client's connection broke on a defect; its log has the traceback."
        )
        try:
            end = self._serve(transport)
        except Exception:
            log.exception("the connection to the engine broke")
        finally:
            self._finish(end)
            transport.close()

    def _serve(self, transport: ClientTransport) -> SparkVSRError:
        """Carry messages until the link ends; returns why it did."""
        next_beat = time.monotonic()
        while not self._is_closing:
            if time.monotonic() >= next_beat:
                if self._unanswered >= _MISSES_TO_LOSE:
                    return EngineLost(
                        "The engine stopped answering; end it and start 'sparkvsr serve' again."
                    )
                self._beat(transport)
                next_beat = time.monotonic() + self._beat_seconds
            self._send_waiting(transport)
            arrivals = transport.receive(next_beat - time.monotonic(), bool(self._outbox))
            end = self._take_in(arrivals, transport)
            if end is not None:
                return end
        return _closed()

    def _take_in(self, arrivals: Arrivals, transport: ClientTransport) -> Optional[SparkVSRError]:
        """Dispatch what came; why the link ends, None where it goes on."""
        for instance in arrivals.beats:
            self._unanswered = 0
            if self._instance and instance and instance != self._instance:
                return EngineLost("Another engine took the place of this one; connect again.")
        self._dispatch_all(arrivals.messages)
        if arrivals.refusal:
            return NotAuthorised(f"The engine does not let this client in: {arrivals.refusal}.")
        if not arrivals.is_dropped:
            return None
        self._drain(transport)
        return EngineLost(
            "The engine ended or was lost; its jobs are kept and go on once 'sparkvsr serve' runs again."
        )

    def _beat(self, transport: ClientTransport) -> None:
        """Count in beats, not in seconds: a laptop that slept or a slow listener is no lost engine."""
        self._unanswered += 1
        if self._unanswered % _MISSES_TO_RENEW == 0:
            transport.renew_beat()
        transport.beat()

    def _drain(self, transport: ClientTransport) -> None:
        """Hand on what came before the connection dropped: the reply to a shutdown, the last events."""
        while True:
            messages = transport.receive(_DRAIN_SECONDS).messages
            if not messages:
                return
            self._dispatch_all(messages)

    def _send_waiting(self, transport: ClientTransport) -> None:
        """Send what can be sent; requests given up meanwhile never leave."""
        while self._outbox:
            request_id, frames = self._outbox[0]
            if request_id in self._open and not transport.send(frames):
                return
            self._outbox.popleft()

    def _dispatch_all(self, messages: List[List[bytes]]) -> None:
        if messages:
            self._unanswered = 0
        for frames in messages:
            try:
                envelope = decode(frames)
            except SparkVSRError as error:
                self._fail(peek_reply_to(frames), error)
                continue
            if envelope.kind.endswith("_reply"):
                self._answer(envelope)
            elif envelope.message is not None:
                self._observers.on_event(envelope)

    def _answer(self, envelope: Envelope) -> None:
        waiting = self._take_waiting(envelope.reply_to)
        if waiting is None:
            return  # its request was given up
        if isinstance(envelope.message, ErrorReply):
            waiting.future.set_exception(envelope.message.error.to_error())
        elif envelope.message is None:
            waiting.future.set_exception(
                MalformedMessage(f"the engine answered with an unknown kind '{envelope.kind}'.")
            )
        else:
            if waiting.envelope.message is not None:
                self._observers.on_reply(waiting.envelope.message, envelope)
            waiting.future.set_result(envelope)

    def _fail(self, request_id: str, error: SparkVSRError) -> None:
        """A message that cannot be read fails the request it answers, if any."""
        waiting = self._take_waiting(request_id)
        if waiting is not None:
            waiting.future.set_exception(error)
        else:
            log.warning("a message from the engine was dropped: %s", error)

    def _take_waiting(self, request_id: str) -> Optional[_Waiting]:
        with self._lock:
            return self._open.pop(request_id, None)

    def _finish(self, end: SparkVSRError) -> None:
        with self._lock:
            self._end = end
            unanswered = list(self._open.values())
            self._open.clear()
            self._outbox.clear()
        for waiting in unanswered:
            waiting.future.set_exception(_again(end))


def _closed() -> SparkVSRError:
    return EngineLost("The client is closed; connect again.")


def _again(error: SparkVSRError) -> SparkVSRError:
    """The same error as a new exception: one raised in two threads mixes their tracebacks."""
    return type(error)(error.message, **error.details)
