# SPDX-License-Identifier: Apache-2.0
"""The engine as a run needs it. A lost engine is started again and the job it had goes on."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import Any, Callable, Optional

from ..bridge_link import EngineClient, EnginePlace, errors, media, messages, requests, settings
from ..plans.planning import MediumFacts
from .memory import ResultRecord

_LOOK_SECONDS = 0.3
_ANSWER_SECONDS = 120.0
_ATTEMPTS = 5

ReportListener = Callable[[messages.JobReport], None]
Query = Callable[[EngineClient], Any]


class Engine:
    """One engine. is_cancelled: called between two looks at a job."""

    def __init__(self, place: EnginePlace, is_cancelled: Callable[[], bool] = lambda: False) -> None:
        self._place, self._is_cancelled = place, is_cancelled
        self._client: Optional[EngineClient] = None

    def client(self) -> EngineClient:
        """Connected, the engine started first when it does not run. Raises ConnectionFailed."""
        if self._client is None or not self._client.is_alive:
            if self._client is not None:
                self._client.close()
            client: EngineClient = self._place.open()
            self._client = client
        return self._client

    def close(self) -> None:
        """End the connection; jobs go on."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def describe(self, path: str) -> MediumFacts:
        """What a file is, or why it cannot be opened. Raises ConnectionFailed."""
        request = messages.DescribeMediaRequest(media.SourceMedia(path))
        try:
            info = self.ask(lambda client: client.request(request, messages.MediaReply, _ANSWER_SECONDS)).info
        except errors.ConnectionFailed:
            raise
        except errors.SparkVSRError as error:
            return MediumFacts(problem=error.message.rstrip("."))
        return MediumFacts(info.frames, info.width, info.height)

    def submit(
        self, request: requests.ShotRequest, target: Callable[[], str], earlier: Optional[ResultRecord]
    ) -> messages.JobReport:
        """Send a job, or the next version of the one that made the earlier result; that one where nothing
        changed.

        target: gives where a new result goes; asked where there is one. Raises SparkVSRError.
        """
        revision = self._revision(request, earlier)
        if revision is None or earlier is None:
            return self._job(messages.SubmitJobRequest(request.job_spec(target())))
        if not requests.is_change(revision):
            return self._earlier(request, target, earlier)
        place = target()
        revision = dataclasses.replace(revision, output=settings.OutputTarget(place))
        try:
            return self._job(messages.ReviseJobRequest(earlier.job, revision))
        except errors.UnknownJob:
            return self._job(messages.SubmitJobRequest(request.job_spec(place)))

    def follow(self, report: messages.JobReport, listener: ReportListener) -> messages.JobReport:
        """Wait for a job's end; returns its last report. Raises SparkVSRError."""
        while report.state not in messages.ENDED_STATES:
            if self._is_cancelled():
                self._job(messages.CancelJobRequest(report.job))
                raise errors.JobCancelled(f"Job {report.job} was cancelled; run it again to go on.")
            time.sleep(_LOOK_SECONDS)
            report = self._job(messages.DescribeJobRequest(report.job, report.version))
            listener(report)
        if report.state == "failed":
            raise report.error.to_error() if report.error is not None else errors.JobFailed("The job failed.")
        if report.state == "cancelled":
            raise errors.JobCancelled(f"Job {report.job} was cancelled; run it again to go on.")
        return report

    def ask(self, query: Query) -> Any:
        """Ask something; where the engine is lost, start it again and ask once more."""
        for attempt in range(_ATTEMPTS):
            try:
                return query(self.client())
            except (errors.EngineNotFound, errors.ProtocolMismatch, errors.NotAuthorised):
                raise
            except errors.ConnectionFailed:
                if attempt == _ATTEMPTS - 1:
                    raise
                time.sleep(_LOOK_SECONDS * attempt)
        raise AssertionError

    def _job(self, request: Any) -> messages.JobReport:
        reply: messages.JobReply = self.ask(
            lambda client: client.request(request, messages.JobReply, _ANSWER_SECONDS)
        )
        return reply.report

    def _earlier(
        self, request: requests.ShotRequest, target: Callable[[], str], earlier: ResultRecord
    ) -> messages.JobReport:
        """The earlier result's job, going on where it had ended; a new one where it or its files are gone."""
        if Path(earlier.path).parent.is_dir():
            try:
                report = self._job(messages.DescribeJobRequest(earlier.job, earlier.version))
            except errors.UnknownJob:
                report = None
            if report is not None and report.state in ("finished", "running", "queued"):
                return report
            if report is not None:
                return self._job(messages.ResumeJobRequest(earlier.job))
        return self._job(messages.SubmitJobRequest(request.job_spec(target())))

    def _revision(
        self, request: requests.ShotRequest, earlier: Optional[ResultRecord]
    ) -> Optional[settings.Revision]:
        before = requests.ShotRequest.from_json(earlier.request) if earlier is not None else None
        revision: Optional[settings.Revision] = (
            requests.revision_between(before, request) if before is not None else None
        )
        return revision
