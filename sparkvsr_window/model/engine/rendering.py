"""Rendering the range: new jobs, revisions of earlier ones, the queue of all jobs of the engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sparkvsr_bridge.errors import UnknownJob
from sparkvsr_bridge.hosts.job_list import ACTIVE_STATES, JobEntry, progress_text
from sparkvsr_bridge.hosts.requests import ShotRequest, is_change, learning_again, revision_between
from sparkvsr_bridge.messages import (
    ENDED_STATES,
    CancelJobRequest,
    JobChanged,
    JobListReply,
    JobProgress,
    JobReply,
    JobReport,
    JobWarning,
    ListJobsRequest,
    OkReply,
    PauseJobRequest,
    ResumeJobRequest,
    ReviseJobRequest,
    SetPlayheadRequest,
    SubmitJobRequest,
    WatchJobRequest,
)
from sparkvsr_bridge.settings import Revision
from sparkvsr_window.model.core import JOBS, Core
from sparkvsr_window.model.documents.records import Document, Version
from sparkvsr_window.model.documents.shot_requests import shot_request
from sparkvsr_window.model.documents.targets import usual_target

_LIST_SECONDS = 1.0
_ACCEPT_SECONDS = 60.0


@dataclass(frozen=True)
class JobRow:
    """A job in the queue. text: how it stands. fraction: 0..1. is_own: of the clip in the window."""

    report: JobReport
    text: str
    fraction: float
    is_own: bool

    @property
    def is_active(self) -> bool:
        """Whether it can still be paused or cancelled."""
        return self.report.state in ACTIVE_STATES


class Rendering:
    """Jobs of the document and of everybody else at this engine."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._reports: dict[tuple[str, int], JobReport] = {}
        self._listed_at = 0.0
        self._is_listing = False
        self._order_count = 0
        core.on_news.append(self._take_in)

    @property
    def is_ordering(self) -> bool:
        """Whether a request is on its way to the engine."""
        return self._order_count > 0

    @property
    def rows(self) -> tuple[JobRow, ...]:
        """All jobs: those at work first, then the newest."""
        reports = sorted(
            self._reports.values(),
            key=lambda each: (each.state not in ACTIVE_STATES, -each.created, -each.version),
        )
        return tuple(self._row(report) for report in reports)

    @property
    def current(self) -> JobRow | None:
        """The document's job at work, else its newest."""
        own_rows = [row for row in self.rows if row.is_own]
        return next((row for row in own_rows if row.is_active), own_rows[0] if own_rows else None)

    def report(self, key: tuple[str, int]) -> JobReport | None:
        """How a version stands, where the engine has reported it."""
        return self._reports.get(key)

    def text_of(self, report: JobReport) -> str:
        """How a job stands, in a few words."""
        return progress_text(JobEntry(report))

    def render(self) -> None:
        """Render the range: a new version of the newest job where one can make it, else a new job."""
        core, document = self._core, self._core.document
        if document is None:
            core.inform("Nothing is open; drop a movie or a numbered sequence into the window.", "error")
            return
        before, request, revision = _next_version(document)
        if revision is None or before is None:
            self._order(_submission(shot_request(document), document), shot_request(document))
        elif is_change(revision):
            self._order(ReviseJobRequest(before.job, revision), request)
        else:
            self._render_again(before)

    @property
    def learns_again(self) -> bool:
        """Whether the newest version was learnt and can be learnt anew."""
        document = self._core.document
        before = _newest(document) if document is not None else None
        earlier = ShotRequest.from_json(before.request) if before is not None else None
        return (
            document is not None
            and earlier is not None
            and document.settings.learn != "off"
            and earlier.settings().learn != "off"
        )

    def learn_again(self) -> None:
        """A new version learnt anew from the keyframes as they are; all frames of its shots are rendered."""
        document = self._core.document
        before, request, revision = _next_version(document) if document is not None else (None, None, None)
        if not self.learns_again or before is None or request is None or revision is None:
            self._core.inform("There is no version to learn again; render one with Learn turned on.", "error")
            return
        self._order(ReviseJobRequest(before.job, learning_again(revision)), request)

    def pause_or_resume(self, job: str) -> None:
        """Pause a job, or let it go on."""
        row = self._row_of(job)
        if row is not None and row.report.state in ("queued", "running"):
            self._ask(PauseJobRequest(job))
        else:
            self.resume(job)

    def resume(self, job: str) -> None:
        """Let a paused, failed or cancelled job go on."""
        self._core.link.follow(job)
        self._ask(ResumeJobRequest(job))

    def cancel(self, job: str) -> None:
        """Stop a job; what is finished is kept."""
        self._ask(CancelJobRequest(job))

    def set_playhead(self, frame: int) -> None:
        """Have what is looked at rendered first."""
        row = self.current
        if row is not None and row.report.state == "running":
            request = SetPlayheadRequest(row.report.job, frame)
            self._core.link.run(lambda client: client.request(request, OkReply), failed=lambda _: None)

    def watch_versions(self) -> None:
        """Ask how the document's versions stand, and follow those at work: after opening it."""
        document = self._core.document
        for version in document.versions if document is not None else ():
            if version.state not in ENDED_STATES:
                self._watch(version)

    def tick(self) -> None:
        """Ask for the list of jobs once a second while the engine is there."""
        core = self._core
        now = core.clock()
        if self._is_listing or not core.link.is_ready or now - self._listed_at < _LIST_SECONDS:
            return
        self._is_listing, self._listed_at = True, now
        core.link.run(
            lambda client: client.request(ListJobsRequest(), JobListReply).reports,
            self._listed,
            lambda _: self._listed(()),
        )

    def _listed(self, reports: tuple[JobReport, ...]) -> None:
        self._is_listing = False
        for report in reports:
            self._enter(report)

    def _order(self, request: Any, shot: ShotRequest) -> None:
        self._order_count += 1
        self._core.touch(JOBS)
        document = self._core.document
        assert document is not None
        self._core.link.run(
            lambda client: client.request(request, JobReply, _ACCEPT_SECONDS).report,
            lambda report: self._accepted(document.clip.path, shot, report),
            self._refused,
            beside=True,
        )

    def _accepted(self, path: str, shot: ShotRequest, report: JobReport) -> None:
        self._order_count -= 1
        core = self._core
        core.link.follow(report.job)
        document = core.document
        if document is not None and document.clip.path == path:
            version = Version(
                report.job, report.version, report.target, shot.to_json(), report.state,
                shot.first, shot.last, report.created,
            )  # fmt: skip
            core.set_document(document.with_version(version))
        self._enter(report)
        reused = f", {report.frames_reused} of them as before" if report.frames_reused else ""
        # A new job is planned when its turn comes, and counts no frames until then.
        total = report.frames_total or shot.last - shot.first + 1
        core.inform(f"Version {report.version} renders {total} frames{reused}.")
        core.touch(JOBS)

    def _refused(self, error: Exception) -> None:
        self._order_count -= 1
        self._core.touch(JOBS)
        self._core.fail(error)

    def _render_again(self, before: Version) -> None:
        """Nothing changed since the newest version."""
        if before.state in ("failed", "cancelled", "paused"):
            self.resume(before.job)
        else:
            self._core.inform(
                "Nothing has changed since the newest version; change a keyframe, guidance or the range."
            )

    def _ask(self, request: Any) -> None:
        self._core.link.run(
            lambda client: client.request(request, JobReply, _ACCEPT_SECONDS).report, self._enter
        )

    def _watch(self, version: Version) -> None:
        self._core.link.follow(version.job)
        self._core.link.run(
            lambda client: client.request(WatchJobRequest(version.job), JobReply).report,
            self._enter,
            lambda error: self._not_watched(version, error),
        )

    def _not_watched(self, version: Version, error: Exception) -> None:
        document = self._core.document
        if isinstance(error, UnknownJob) and document is not None:
            self._core.set_document(document.with_version(replace(version, state="cancelled")))
            self._core.link.forget(version.job)

    def _take_in(self, news: object) -> None:
        if isinstance(news, (JobChanged, JobProgress)):
            self._enter(news.report)
        elif isinstance(news, JobWarning):
            self._core.inform(news.message)

    def _enter(self, report: JobReport) -> None:
        key = (report.job, report.version)
        before = self._reports.get(key)
        if before == report:
            return
        self._reports[key] = report
        core = self._core
        core.touch(JOBS)
        document = core.document
        version = document.version(key) if document is not None else None
        if document is None or version is None:
            return
        if version.state != report.state:
            core.reader.cache.drop(report.target)
            core.set_document(
                document.with_version(replace(version, state=report.state, target=report.target))
            )
            self._announce_end(report)

    def _announce_end(self, report: JobReport) -> None:
        if report.state == "finished":
            notes = "".join(f" {note}" for note in report.run_notes[-1:])
            self._core.inform(f"Version {report.version} is finished: {Path(report.target).name}{notes}")
        elif report.state == "failed" and report.error is not None:
            self._core.inform(report.error.message, "error")

    def _row_of(self, job: str) -> JobRow | None:
        return next((row for row in self.rows if row.report.job == job), None)

    def _row(self, report: JobReport) -> JobRow:
        entry = JobEntry(report)
        document = self._core.document
        is_own = document is not None and document.version(entry.key) is not None
        return JobRow(report, progress_text(entry), entry.fraction, is_own)


def _newest(document: Document) -> Version | None:
    return document.versions[-1] if document.versions else None


def _next_version(document: Document) -> tuple[Version | None, ShotRequest, Revision | None]:
    """The newest version, the request as it stands, and what a next version would change; None where only a
    new job can.
    """
    before = _newest(document)
    earlier = ShotRequest.from_json(before.request) if before is not None else None
    request = shot_request(document, earlier)
    return before, request, None if earlier is None else revision_between(earlier, request)


def _submission(shot: ShotRequest, document: Document) -> SubmitJobRequest:
    return SubmitJobRequest(shot.job_spec(document.target or usual_target(document.clip, Path.exists)))
