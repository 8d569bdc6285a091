"""The client every host uses: requests with replies, events to listeners, pictures by whatever way.

The engine may die and come back at any time: a request fails with EngineLost instead of waiting for
ever, and `reconnect` finds the new engine and watches the same jobs again.
Not here: sockets and heartbeat (`link`), starting the engine (`process`), handing events to a host's
main thread (`mailbox`).
"""

from __future__ import annotations

import contextlib
import logging
import threading
from pathlib import Path
from typing import Any, Callable, ContextManager, List, Optional, Sequence, Set, Tuple, Type, TypeVar

from . import messages as m
from .connections.connection import Connection, is_served, read_connection, read_file
from .connections.endpoints import is_local
from .connections.link import BEAT_SECONDS, EngineLink, Observers
from .connections.shared_memory import has_marker
from .connections.wire import Buffer, Envelope, make_envelope
from .errors import (
    ConnectionFailed,
    EngineLost,
    EngineNotFound,
    EngineTooOld,
    MalformedMessage,
    SparkVSRError,
)
from .media import ImageRef, PixelFormat
from .pictures import image_ref, open_image, pack, unlink_all
from .records import Record, newer_fields
from .version import PROTOCOL_VERSION

log = logging.getLogger(__name__)

Listener = Callable[[Envelope], None]
Reply = TypeVar("Reply", bound=Record)

_WATCHING = (m.SubmitJobRequest, m.ReviseJobRequest, m.ResumeJobRequest, m.WatchJobRequest)


class EngineClient:
    """Talks to one engine. Methods may be called from any thread; listeners run in the client's thread.

    Use as a context manager or call `close`. beat_seconds: how often a heartbeat is asked for; six
    unanswered ones in a row are a lost engine.
    """

    def __init__(self, connection: Connection, name: str = "", beat_seconds: float = BEAT_SECONDS) -> None:
        self._name = name
        self._beat_seconds = beat_seconds
        self._listeners: List[Listener] = []
        self._watched: Set[str] = set()
        self._ended: Set[Tuple[str, int]] = set()
        self._lock = threading.Lock()
        self._reconnecting = threading.Lock()
        self._folder: Optional[Path] = None
        self._engine: Optional[m.HelloReply] = None
        self._link = self._new_link(connection)

    @classmethod
    def connect(cls, runtime_folder: Path, name: str = "", timeout_seconds: float = 5.0) -> EngineClient:
        """Connect to the engine whose connection file lies in `runtime_folder` and exchange hellos.

        Args:
            runtime_folder: where the engine's connection file lies.
            name: how this program is called in the engine's log.
            timeout_seconds: how long to wait at most.

        Raises:
            EngineNotFound: where no engine runs.
            EngineLost: where the engine went away.
            RequestTimedOut: where no answer came in time.
            ProtocolMismatch: where the engine has another major version.
            NotAuthorised: where the engine does not know this client's key.
        """
        connection = read_connection(runtime_folder)
        if not is_served(runtime_folder):
            raise EngineNotFound("The engine of this user has ended; start one with 'sparkvsr serve'.")
        with contextlib.suppress(EngineLost), contextlib.ExitStack() as undo:
            client = undo.enter_context(cls._greeted(connection, name, timeout_seconds))
            if read_connection(runtime_folder).instance == connection.instance:
                undo.pop_all()
                return client
        # An engine took a killed one's place meanwhile: it answers at the same address, under another name.
        return cls._greeted(read_connection(runtime_folder), name, timeout_seconds)

    @classmethod
    def connect_by(cls, file: Path, name: str = "", timeout_seconds: float = 10.0) -> EngineClient:
        """Connect to an engine of another machine by the file its administrator gave out, and exchange
        hellos.

        Raises EngineNotFound, EngineLost or RequestTimedOut, ProtocolMismatch, NotAuthorised.

        Args:
            file: made by `sparkvsr keys add`.
            name: who connects, for people.
            timeout_seconds: how long to wait for the engine's answer.
        """
        return cls._greeted(read_file(file), name, timeout_seconds)

    @classmethod
    def _greeted(cls, connection: Connection, name: str, timeout_seconds: float) -> EngineClient:
        client = cls(connection, name)
        try:
            client.hello(timeout_seconds)
        except BaseException:
            client.close()
            raise
        return client

    def __enter__(self) -> EngineClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_alive(self) -> bool:
        """Whether the engine is there: connected, and answering heartbeats."""
        return self._link.is_alive

    @property
    def shares_memory(self) -> bool:
        """Whether pictures reach the engine, and come from it, through shared memory."""
        return self._folder is not None

    def add_listener(self, listener: Listener) -> None:
        """Call `listener` with every event from now on, in the client's own thread.

        Args:
            listener: the function.
        """
        with self._lock:
            self._listeners.append(listener)

    def remove_listener(self, listener: Listener) -> None:
        """Stop calling it; one that is not there is no error.

        Args:
            listener: the function.
        """
        with self._lock, contextlib.suppress(ValueError):
            self._listeners.remove(listener)

    def hello(self, timeout_seconds: float = 5.0) -> m.HelloReply:
        """Check that both sides have the same protocol.

        Args:
            timeout_seconds: how long to wait at most.
        """
        message = m.HelloRequest(client=self._name, shares_memory=self.shares_memory)
        reply = self.request(message, m.HelloReply, timeout_seconds)
        self._engine = reply
        return reply

    def require_minor(self, minor: int, what: str) -> None:
        """Raise EngineTooOld unless the engine's protocol has this minor; sends hello where nobody did.

        Args:
            minor: the least minor number that has what is needed.
            what: what needs it, for the message.
        """
        engine = self._engine or self.hello()
        if engine.protocol[1] < minor:
            version = ".".join(map(str, engine.protocol))
            raise EngineTooOld(
                f"The engine (version {engine.version}, protocol {version}) lacks {what}, which needs"
                f" protocol {PROTOCOL_VERSION[0]}.{minor}; update the engine."
            )

    def request(
        self,
        message: Record,
        reply: Type[Reply],
        timeout_seconds: float = 30.0,
        buffers: Sequence[Buffer] = (),
    ) -> Reply:
        """Send a request and wait for its reply; pictures of `image_ref` in it go along.

        Raises the engine's error as its own class, EngineLost when the engine went away (the request may
        have been carried out or not), RequestTimedOut, and EngineTooOld, without sending it, for a request
        that the engine would understand in part.

        Args:
            message: the request's record.
            reply: class of the reply's record.
            timeout_seconds: how long to wait at most.
            buffers: the bytes that the message's pictures refer to.
        """
        answer = self.request_envelope(message, timeout_seconds, buffers).message
        if not isinstance(answer, reply):
            raise MalformedMessage(f"the engine answered with {type(answer).__name__}, not {reply.__name__}.")
        return answer

    def request_envelope(
        self, message: Record, timeout_seconds: float = 30.0, buffers: Sequence[Buffer] = ()
    ) -> Envelope:
        """As `request`, with the reply's buffers.

        Args:
            message: the message's record.
            timeout_seconds: how long to wait at most.
            buffers: the bytes that the message's pictures refer to.
        """
        self._require_understood(message)
        folder = self._folder
        package = pack(message, folder, buffers)
        try:
            return self._link.request(
                make_envelope(package.message, buffers=package.buffers), timeout_seconds
            )
        finally:
            # The engine has copied what it keeps before it replies; nobody else unlinks these.
            unlink_all(folder, package.shared)

    def image_ref(self, pixels: Any, format: PixelFormat, mode: str = "auto") -> ImageRef:  # noqa: A002
        """A picture of bytes in memory for a request of this client; see `pictures.image_ref`.

        Args:
            pixels: a buffer of bytes that stays as it is until the request has been sent.
            format: size, channels and numbers of the pixels.
            mode: how the bytes travel, see `pictures.image_ref`.
        """
        return image_ref(pixels, format, mode)

    def open_image(self, envelope: Envelope, picture: ImageRef) -> ContextManager[memoryview]:
        """The bytes of a picture that came with an event, read-only; see `pictures.open_image`.

        A shared frame is taken away at the end of the block, so a picture can be opened once.

        Args:
            envelope: the message with what goes around it.
            picture: the picture's reference in a message.
        """
        return open_image(picture, envelope.buffers, self._folder, take=True)

    def reconnect(self, connection: Connection, timeout_seconds: float = 5.0) -> None:
        """Leave the lost engine for a new one and watch the same jobs there.

        Listeners get each watched job's report as it stands now, as a JobChanged event, because changes
        may have been missed. A job that cannot be watched any more is logged and forgotten.

        Args:
            connection: of the new engine.
            timeout_seconds: how long to wait at most.
        """
        with self._reconnecting:
            self._link.close()
            self._link = self._new_link(connection)
            try:
                self.hello(timeout_seconds)
            except BaseException:
                self._link.close()
                raise
            for job in sorted(self._watched):
                self._watch_again(job)

    def close(self) -> None:
        """End the thread and the sockets; open requests fail with EngineLost."""
        self._link.close()

    def _require_understood(self, message: Record) -> None:
        """An older engine ignores fields it does not know, and would render something else."""
        for minor in range(PROTOCOL_VERSION[1]):
            names = newer_fields(message, minor)
            if names:
                self.require_minor(minor + 1, " and ".join(f"'{name}'" for name in names))

    def _watch_again(self, job: str) -> None:
        try:
            self.request(m.WatchJobRequest(job), m.JobReply)
        except ConnectionFailed:
            raise
        except SparkVSRError as error:
            with self._lock:
                self._watched.discard(job)
            log.warning("job %s is not watched any more: %s", job, error)

    def _new_link(self, connection: Connection) -> EngineLink:
        folder = Path(connection.shared_folder)
        is_shared = is_local(connection.requests) and has_marker(folder, connection.instance)
        self._folder = folder if is_shared else None
        return EngineLink(connection, Observers(self._on_event, self._on_reply), self._beat_seconds)

    def _on_reply(self, request: Record, reply: Envelope) -> None:
        """Remember which jobs to watch again after a reconnect."""
        if not isinstance(request, _WATCHING) or not isinstance(reply.message, m.JobReply):
            return
        report = reply.message.report
        if getattr(request, "watch", True):
            with self._lock:
                self._watched.add(report.job)
                self._ended.discard((report.job, report.version))
        if isinstance(request, m.WatchJobRequest):
            changed = m.JobChanged(report)
            self._on_event(Envelope(m.KIND_OF[m.JobChanged], reply.id, changed, reply.reply_to))

    def _on_event(self, envelope: Envelope) -> None:
        with self._lock:
            if not self._is_news(envelope.message):
                return
            listeners = tuple(self._listeners)
        for listener in listeners:
            try:
                listener(envelope)
            except Exception:
                log.exception("a listener failed on %s", envelope.kind)

    def _is_news(self, message: Optional[Record]) -> bool:
        """Progress takes another way than changes of state and may come after the job's end: no news then."""
        if isinstance(message, m.JobProgress):
            return (message.report.job, message.report.version) not in self._ended
        if isinstance(message, m.JobChanged):
            report = message.report
            if report.state in m.ENDED_STATES:
                self._ended.add((report.job, report.version))
                if report.version >= report.versions:
                    self._watched.discard(report.job)
            else:
                self._ended.discard((report.job, report.version))
        return True
