# SPDX-License-Identifier: Apache-2.0
"""The connection of one host to the engine, in threads of its own.

The host's main thread leaves tasks and drains news; nothing here waits in it. A lost engine is started again
and followed jobs are watched again, as long as there are any.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import logging
import queue
import threading
import time
from typing import Any, Callable, Deque, List, Optional, Set

from .. import errors, mailbox, messages
from .engine_place import EnginePlace
from .landing import landed_frames

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.25
_RETRY_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0)
_CLOSING_SECONDS = 2.0
_NEWS_AT_ONCE = 200

Work = Callable[[Any], Any]
Listener = Callable[[Any, Any], None]


@dataclasses.dataclass(frozen=True)
class EngineState:
    """State of the connection: `offline`, `starting`, `ready` or `lost`, with a line for people."""

    kind: str
    text: str = ""


@dataclasses.dataclass(frozen=True)
class Answer:
    """Result of a task: its value, or the error that ended it."""

    token: str
    value: Any = None
    error: Optional[Exception] = None


@dataclasses.dataclass(frozen=True)
class _Task:
    token: str
    work: Work


class Session:
    """One engine as one host uses it. `close` ends it; a closed session runs no more tasks.

    listener: called with the client and every event's envelope in the client's thread, before the event comes
        as news; for pixels that travel with an event.
    """

    def __init__(self, place: EnginePlace, listener: Optional[Listener] = None) -> None:
        self.place = place
        self._listener = listener
        self.state = EngineState("offline")
        self._mailbox = mailbox.Mailbox()
        self._tasks: queue.SimpleQueue[Optional[_Task]] = queue.SimpleQueue()
        self._news: Deque[Any] = collections.deque()
        self._followed: Set[str] = set()
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._client: Any = None
        self._is_closing = False
        self._failures = 0
        self._retry_at = 0.0
        self._thread = threading.Thread(target=self._run, name="sparkvsr-session", daemon=True)
        self._thread.start()

    def do(self, token: str, work: Work) -> None:
        """Run `work(client)` in the session's thread; an Answer with this token follows.

        Args:
            token: names the task; its Answer carries it.
            work: called with the engine's client.
        """
        self._tasks.put(_Task(token, work))

    def do_beside(self, token: str, work: Work) -> None:
        """As `do`, in a thread of its own: for work that takes long and must not delay other tasks.

        Args:
            token: names the task; its Answer carries it.
            work: called with the engine's client.
        """
        task = _Task(token, work)
        threading.Thread(target=self._carry_out, args=(task,), name="sparkvsr-beside", daemon=True).start()

    def follow(self, job: str) -> None:
        """Keep the engine running and the job watched until `forget`.

        Args:
            job: the job's name.
        """
        with self._lock:
            self._followed.add(job)

    def forget(self, job: str) -> None:
        """Stop watching a job.

        Args:
            job: the job's name.
        """
        with self._lock:
            self._followed.discard(job)

    @property
    def is_connected(self) -> bool:
        """Whether a task would find the engine there; without it a task starts the engine."""
        client = self._client
        return client is not None and client.is_alive

    @property
    def followed(self) -> Set[str]:
        """The jobs that are watched."""
        with self._lock:
            return set(self._followed)

    def drain(self) -> List[Any]:
        """News since the last call: EngineState, Answer, Landed, the engine's events. Never waits."""
        news: List[Any] = []
        while self._news and len(news) < _NEWS_AT_ONCE:
            news.append(self._news.popleft())
        events = [envelope.message for envelope in self._mailbox.drain(_NEWS_AT_ONCE)]
        return news + [event for event in events if event is not None]

    def post(self, news: Any) -> None:
        """Leave news for the main thread; for work that reports its progress.

        Args:
            news: anything that `drain` is to return.
        """
        self._news.append(news)

    def close(self) -> None:
        """End threads and connection. Returns soon, whatever the engine does."""
        self._is_closing = True
        self._tasks.put(None)
        client = self._client
        if client is not None:
            client.close()
        self._thread.join(_CLOSING_SECONDS)

    def _run(self) -> None:
        while not self._is_closing:
            try:
                task = self._tasks.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                self._look_after()
                continue
            if task is not None:
                self._carry_out(task)
        if self._client is not None:
            self._client.close()

    def _carry_out(self, task: _Task) -> None:
        try:
            value = task.work(self.client())
        except errors.SparkVSRError as error:
            self.post(Answer(task.token, error=error))
        except Exception as error:
            log.exception("the task %s failed", task.token)
            self.post(Answer(task.token, error=error))
        else:
            self.post(Answer(task.token, value))

    def client(self) -> Any:
        """The engine's client, connected now where it was not; for work that runs in a thread of its own.

        Raises ConnectionFailed.
        """
        with self._opening:
            if self._client is None or not self._client.is_alive:
                self._open()
            return self._client

    def _open(self) -> None:
        self._set_state("starting", "Starting the engine")
        try:
            fresh = self.place.open()
        except errors.SparkVSRError as error:
            self._set_state("lost" if self.followed else "offline", error.message)
            raise
        if self._is_closing:
            fresh.close()
            raise errors.EngineLost("The session was closed.")
        if self._client is not None:
            self._client.close()
        if self._listener is not None:
            fresh.add_listener(functools.partial(self._listener, fresh))
        fresh.add_listener(self._mailbox)
        self._client = fresh
        self._failures = 0
        self._set_state("ready", "Connected")
        for job in sorted(self.followed):
            self._watch(fresh, job)

    def _watch(self, client: Any, job: str) -> None:
        """Watch a job on a new connection; the frames that landed meanwhile come as news."""
        try:
            report = client.request(messages.WatchJobRequest(job), messages.JobReply).report
        except errors.ConnectionFailed as error:
            log.warning("job %s is not watched: %s", job, error)
        except errors.SparkVSRError as error:
            self.forget(job)
            self.post(Answer(f"watch {job}", error=error))
        else:
            self.post(landed_frames(report))

    def _look_after(self) -> None:
        """Notice a lost engine, and start it again while a job is followed."""
        if self._client is not None and self._client.is_alive:
            return
        if not self.followed:
            if self._client is not None:
                self._drop_client()
            return
        if self.state.kind != "lost":
            self._set_state("lost", "The engine went away; starting it again")
            self._retry_at = time.monotonic()
        if time.monotonic() < self._retry_at:
            return
        try:
            self.client()
        except errors.SparkVSRError as error:
            pause = _RETRY_SECONDS[min(self._failures, len(_RETRY_SECONDS) - 1)]
            self._failures += 1
            self._retry_at = time.monotonic() + pause
            log.warning("the engine did not come back: %s", error)

    def _drop_client(self) -> None:
        with self._opening:
            if self._client is not None:
                self._client.close()
            self._client = None
        self._set_state("offline", "The engine has ended")

    def _set_state(self, kind: str, text: str) -> None:
        self.state = EngineState(kind, text)
        self.post(self.state)
