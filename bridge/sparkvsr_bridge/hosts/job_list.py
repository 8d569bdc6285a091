# SPDX-License-Identifier: Apache-2.0
"""The jobs of one host and their states, put together from the session's news.

Panels draw this list, and the host's nodes or strips are updated from it. It holds no host objects: an entry
names its source by a token, so that undo and reload cannot leave it with something dead.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Dict, List, Optional, Set, Tuple

from .. import errors, messages
from .landing import Landed
from .result_records import ResultRecord
from .session import EngineState

Key = Tuple[str, int]

ACTIVE_STATES = ("queued", "running", "paused")


@dataclasses.dataclass
class JobEntry:
    """One version of a job.

    landed: frames (the source's numbers) whose files are complete. record: None for a job that this host
    did not submit and no open file names. was_placed: the host has shown it once; removed by the artist, it
    does not come back by itself. was_settled: it replaced its source once; undone by the artist, it does
    not do so again. shown_at: when the host last updated what shows it. trust: how far keyframes were
    trusted per frame, 0..1, where the engine has reported it.
    """

    report: Any
    record: Optional[ResultRecord] = None
    landed: Set[int] = dataclasses.field(default_factory=set[int])
    warnings: List[str] = dataclasses.field(default_factory=list[str])
    was_placed: bool = False
    was_settled: bool = False
    shown_at: float = -math.inf
    trust: Dict[int, float] = dataclasses.field(default_factory=dict[int, float])

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
    """A request on its way to the engine, and the step it is at. fraction: 0..1."""

    token: str
    origin: str
    record: ResultRecord
    text: str = "Starting"
    fraction: float = 0.0


class JobList:
    """All jobs of this host, by job and version."""

    def __init__(self) -> None:
        self.entries: Dict[Key, JobEntry] = {}
        self.pending: Dict[str, Pending] = {}
        self.engine = EngineState("offline")
        self.models: Tuple[Any, ...] = ()
        self._changed: Set[Key] = set()

    def take_in(self, news: Any) -> bool:
        """Update the list by one piece of news; False when the news does not concern it.

        Args:
            news: one piece of news of the session.
        """
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

    def accept(self, report: Any, record: ResultRecord) -> JobEntry:
        """Enter a job that the engine accepted, and where its frames belong.

        Events may have overtaken this reply: their state of the job is newer and stays.

        Args:
            report: the job's `JobReport`.
            record: what the job was made of and where it belongs.
        """
        key = (report.job, report.version)
        earlier = self.entries.get(key)
        entry = earlier if earlier is not None and earlier.report.source else self._entry(report)
        entry.record = record
        if entry.report.state == "finished":
            entry.landed.update(range(record.request.first, record.request.last + 1))
        self._changed.add(key)
        return entry

    def restore(self, job: str, version: int, record: ResultRecord, was_placed: bool, state: str) -> JobEntry:
        """Enter a job that an opened file names; the engine reports later on one that had not ended.

        Args:
            job: the job's name.
            version: the version, from 1.
            record: what the job was made of and where it belongs.
            was_placed: whether the host has shown it before.
            state: as the host's file has it.
        """
        key = (job, version)
        if key not in self.entries:
            state = state if state in messages.ENDED_STATES else "queued"
            report = messages.JobReport(job, version, state, "", "", frames_total=record.frames)
            self.entries[key] = JobEntry(
                report, record, was_placed=was_placed, was_settled=state == "finished"
            )
        entry = self.entries[key]
        entry.record = entry.record or record
        entry.was_placed = entry.was_placed or was_placed
        return entry

    def lose(self, job: str) -> None:
        """End a job that the engine no longer has.

        Args:
            job: the job's name.
        """
        for key, entry in self.entries.items():
            if key[0] == job and entry.is_active:
                entry.report = dataclasses.replace(entry.report, state="cancelled")
                self._changed.add(key)

    def mark(self, key: Key) -> None:
        """Report this entry at the next call of `changes`.

        Args:
            key: job and version.
        """
        self._changed.add(key)

    def changes(self) -> List[JobEntry]:
        """The entries that changed since the last call."""
        changed = [self.entries[key] for key in sorted(self._changed) if key in self.entries]
        self._changed.clear()
        return changed

    def active(self) -> List[JobEntry]:
        """What runs, waits or is paused, the running one first."""
        order = {"running": 0, "queued": 1, "paused": 2}
        active = [entry for entry in self.entries.values() if entry.is_active]
        return sorted(active, key=lambda entry: (order[entry.report.state], entry.report.created))

    def _entry(self, report: Any) -> JobEntry:
        key = (report.job, report.version)
        if key not in self.entries:
            self.entries[key] = JobEntry(report)
        self.entries[key].report = report
        return self.entries[key]

    def _reported(self, report: Any, is_news: bool) -> None:
        key = (report.job, report.version)
        if not is_news and key not in self.entries:
            return
        entry = self._entry(report)
        if is_news and report.state == "finished" and entry.record is not None:
            request = entry.record.request
            entry.landed.update(range(request.first, request.last + 1))
        if is_news:
            self._changed.add(key)

    def _landed(self, key: Key, frames: Tuple[int, ...]) -> None:
        if key not in self.entries:
            self.entries[key] = JobEntry(messages.JobReport(key[0], key[1], "running", "", ""))
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
    """One line that says what happened and what to do.

    Args:
        error: what was raised.
    """
    if isinstance(error, errors.SparkVSRError):
        return error.message
    return f"A defect in the plugin: {error!r}; the host's console has the details."


def progress_text(entry: JobEntry) -> str:
    """How a job stands, in a few words: `Rendering 12 of 48, 0:31 left`.

    Args:
        entry: the job.
    """
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
    """`0:07`, `12:30`, `1:02:03`.

    Args:
        seconds: how long.
    """
    minutes, remainder = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{remainder:02d}" if hours else f"{minutes}:{remainder:02d}"
