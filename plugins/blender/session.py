"""Talks to the engine in threads of its own; the host's main thread only leaves tasks and drains news.

Nothing here waits in the caller's thread. A lost engine is started again, and jobs that are followed are
watched again, as long as there are any. No Blender here.
"""

from __future__ import annotations

import collections
import dataclasses
import logging
import queue
import threading
import time
from pathlib import Path
from typing import Any, Callable, Deque, List, Optional, Set, Tuple

from .bridge_link import errors, mailbox, messages
from .engine_place import EnginePlace

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.25
_RETRY_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0)
_CLOSING_SECONDS = 2.0
_NEWS_AT_ONCE = 200

Work = Callable[[Any], Any]


@dataclasses.dataclass(frozen=True)
class EngineState:
    """How the connection is: `offline`, `starting`, `ready` or `lost`, with a line for people."""

    kind: str
    text: str = ""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What became of a task: its value, or the error that ended it."""

    token: str
    value: Any = None
    error: Optional[Exception] = None


@dataclasses.dataclass(frozen=True)
class Landed:
    """Frames of a job version that lie in its folder already, found by looking there."""

    job: str
    version: int
    frames: Tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class _Task:
    token: str
    work: Work


class Session:
    """One engine as seen by one host. `close` ends it; a closed one takes no more tasks."""

    def __init__(self, place: EnginePlace) -> None:
        self.place = place
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
        """Have `work(client)` done in the session's thread; an Answer with this token follows."""
        self._tasks.put(_Task(token, work))

    def do_beside(self, token: str, work: Work) -> None:
        """As `do`, in a thread of its own: for what takes long and must not hold up other tasks."""
        task = _Task(token, work)
        threading.Thread(target=self._carry_out, args=(task,), name="sparkvsr-beside", daemon=True).start()

    def follow(self, job: str) -> None:
        """Keep the engine running and the job watched until `forget`."""
        with self._lock:
            self._followed.add(job)

    def forget(self, job: str) -> None:
        """The job is over."""
        with self._lock:
            self._followed.discard(job)

    @property
    def followed(self) -> Set[str]:
        """The jobs that are watched."""
        with self._lock:
            return set(self._followed)

    def drain(self) -> List[Any]:
        """Everything that happened since: EngineState, Answer, Landed, the engine's events. Never waits."""
        found: List[Any] = []
        while self._news and len(found) < _NEWS_AT_ONCE:
            found.append(self._news.popleft())
        events = [envelope.message for envelope in self._mailbox.drain(_NEWS_AT_ONCE)]
        return found + [event for event in events if event is not None]

    def post(self, news: Any) -> None:
        """Leave news for the main thread; for work that tells of its progress."""
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
        fresh.add_listener(self._mailbox)
        self._client = fresh
        self._failures = 0
        self._set_state("ready", "Connected")
        for job in sorted(self.followed):
            self._watch(fresh, job)

    def _watch(self, client: Any, job: str) -> None:
        """Watch a job on a new connection; its report comes as news, and the frames that landed meanwhile."""
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


def landed_frames(report: Any) -> Landed:
    """The frames of a report's target that are there; a target that is no numbered pattern has none.

    Frames get their final names in one step, so that what is there is whole.
    """
    target = Path(report.target)
    place = _split_pattern(target.name)
    if place is None or not target.parent.is_dir():
        return Landed(report.job, report.version, ())
    head, tail = place
    names = (entry.name for entry in target.parent.iterdir())
    texts = (name[len(head) : len(name) - len(tail)] for name in names if _fits(name, head, tail))
    return Landed(report.job, report.version, tuple(sorted(int(text) for text in texts if text.isdigit())))


def _split_pattern(name: str) -> Optional[Tuple[str, str]]:
    head, mark, rest = name.partition("%")
    digits, letter, tail = rest.partition("d")
    return (head, tail) if mark and letter and digits.isdigit() else None


def _fits(name: str, head: str, tail: str) -> bool:
    return name.startswith(head) and name.endswith(tail) and len(name) > len(head) + len(tail)
