"""Which jobs there are and how they stand, put together from the session's news. No Blender here.

The book is what panels draw and what the timeline is brought in line with. It holds no strips: an entry
names its source strip by a token, so that undo and reload cannot leave it with something dead.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Dict, List, Optional, Set, Tuple

from .bridge_link import errors, messages
from .orders import Order
from .session import EngineState, Landed

Key = Tuple[str, int]

ACTIVE_STATES = ("queued", "running", "paused")


@dataclasses.dataclass
class Entry:
    """One version of a job.

    landed: frames (the source's numbers) that can be looked at. order: None for a job that this
    Blender did not ask for and no open file knows. was_placed: a strip was made for it once; taken away
    again by the artist, it does not come back by itself. was_settled: it took over from its source once;
    undone by the artist, it does not do so again. shown_at: when its strip was last brought in line.
    trust: how far keyframes were trusted per frame, 0..1, where the engine told it.
    """

    report: Any
    order: Optional[Order] = None
    landed: Set[int] = dataclasses.field(default_factory=set)
    warnings: List[str] = dataclasses.field(default_factory=list)
    was_placed: bool = False
    was_settled: bool = False
    shown_at: float = -math.inf
    trust: Dict[int, float] = dataclasses.field(default_factory=dict)

    @property
    def key(self) -> Key:
        """Job and version."""
        return self.report.job, self.report.version

    @property
    def is_active(self) -> bool:
        """Whether it can still change."""
        return self.report.state in ACTIVE_STATES

    @property
    def fraction(self) -> float:
        """How far it is, 0..1."""
        total = self.report.frames_total
        return min(1.0, self.report.frames_done / total) if total else 0.0


@dataclasses.dataclass
class Pending:
    """A request on its way to the engine: what happens to it now, or why it came to nothing."""

    token: str
    origin: str
    order: Order
    text: str = "Starting"
    fraction: float = 0.0


class Book:
    """All jobs this host knows, by job and version."""

    def __init__(self) -> None:
        self.entries: Dict[Key, Entry] = {}
        self.pending: Dict[str, Pending] = {}
        self.engine = EngineState("offline")
        self.models: Tuple[Any, ...] = ()
        self._changed: Set[Key] = set()

    def hear(self, news: Any) -> bool:
        """Take in one piece of news; False when it is not the book's affair."""
        if isinstance(news, EngineState):
            self.engine = news
        elif isinstance(news, (messages.JobChanged, messages.JobProgress)):
            self._reported(news.report, is_news=isinstance(news, messages.JobChanged))
        elif isinstance(news, (messages.FramesFinished, Landed)):
            self._landed((news.job, news.version), news.frames)
        elif isinstance(news, messages.JobWarning):
            self._warned(news)
        else:
            return False
        return True

    def accept(self, report: Any, order: Order) -> Entry:
        """The engine took a request: its job and where its frames belong.

        Events may have overtaken this reply: what they said about the job is newer and stays.
        """
        key = (report.job, report.version)
        known = self.entries.get(key)
        entry = known if known is not None and known.report.source else self._entry(report)
        entry.order = order
        if entry.report.state == "finished":
            entry.landed.update(range(order.asked.first, order.asked.last + 1))
        self._changed.add(key)
        return entry

    def restore(self, job: str, version: int, order: Order, was_placed: bool, state: str) -> Entry:
        """A job that an opened file tells of; the engine says later how one that had not ended stands."""
        key = (job, version)
        if key not in self.entries:
            known = state if state in messages.ENDED_STATES else "queued"
            report = messages.JobReport(job, version, known, "", "", frames_total=order.frames)
            self.entries[key] = Entry(report, order, was_placed=was_placed, was_settled=known == "finished")
        entry = self.entries[key]
        entry.order = entry.order or order
        entry.was_placed = entry.was_placed or was_placed
        return entry

    def lose(self, job: str) -> None:
        """The engine knows nothing of a job any more."""
        for key, entry in self.entries.items():
            if key[0] == job and entry.is_active:
                entry.report = dataclasses.replace(entry.report, state="cancelled")
                self._changed.add(key)

    def mark(self, key: Key) -> None:
        """Have the timeline brought in line with this entry at the next look."""
        self._changed.add(key)

    def changes(self) -> List[Entry]:
        """The entries that changed since the last call."""
        found = [self.entries[key] for key in sorted(self._changed) if key in self.entries]
        self._changed.clear()
        return found

    def of_origin(self, origin: str) -> List[Entry]:
        """The entries made from one source strip, oldest first."""
        found = [entry for entry in self.entries.values() if entry.order and entry.order.origin == origin]
        return sorted(found, key=lambda entry: (entry.report.created, entry.report.version))

    def active(self) -> List[Entry]:
        """What runs, waits or is paused, the running one first."""
        order = {"running": 0, "queued": 1, "paused": 2}
        found = [entry for entry in self.entries.values() if entry.is_active]
        return sorted(found, key=lambda entry: (order[entry.report.state], entry.report.created))

    def _entry(self, report: Any) -> Entry:
        key = (report.job, report.version)
        if key not in self.entries:
            self.entries[key] = Entry(report)
        self.entries[key].report = report
        return self.entries[key]

    def _reported(self, report: Any, is_news: bool) -> None:
        key = (report.job, report.version)
        if not is_news and key not in self.entries:
            return
        entry = self._entry(report)
        if is_news and report.state == "finished" and entry.order is not None:
            asked = entry.order.asked
            entry.landed.update(range(asked.first, asked.last + 1))
        if is_news:
            self._changed.add(key)

    def _landed(self, key: Key, frames: Tuple[int, ...]) -> None:
        if key not in self.entries:
            self.entries[key] = Entry(messages.JobReport(key[0], key[1], "running", "", ""))
        entry = self.entries[key]
        fresh = set(frames) - entry.landed
        entry.landed |= fresh
        if fresh:
            self._changed.add(key)

    def _warned(self, news: Any) -> None:
        for (job, _), entry in self.entries.items():
            if job == news.job and news.message not in entry.warnings:
                entry.warnings.append(news.message)


def sentence_of(error: Optional[Exception]) -> str:
    """One line that says what happened and what to do."""
    if isinstance(error, errors.SparkVSRError):
        return error.message
    return f"A defect in the extension: {error!r}; the system console has the details."


def progress_text(entry: Entry) -> str:
    """How a job stands, in a few words: `Rendering 12 of 48, 0:31 left`."""
    report = entry.report
    if report.state == "running":
        text = f"{(report.phase or 'rendering').capitalize()} {report.frames_done} of {report.frames_total}"
        return text if report.eta_seconds is None else f"{text}, {duration(report.eta_seconds)} left"
    return {
        "queued": "Waiting for the engine",
        "paused": f"Paused at {report.frames_done} of {report.frames_total}",
        "finished": "Finished",
        "cancelled": "Cancelled",
        "failed": report.error.message if report.error else "Failed",
    }.get(report.state, report.state)


def duration(seconds: float) -> str:
    """`0:07`, `12:30`, `1:02:03`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
