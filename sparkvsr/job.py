"""A job of the engine as a handle: followed, waited for, awaited, cancelled, revised."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import Any, TypeAlias

from sparkvsr.inbox import Inbox
from sparkvsr.requests import Keyframes, keyframe_records
from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.connections.wire import Envelope
from sparkvsr_bridge.errors import EngineLost, JobCancelled, RequestTimedOut, SparkVSRError
from sparkvsr_bridge.messages import (
    ENDED_STATES,
    CancelJobRequest,
    ConfidenceReply,
    ConfidenceRequest,
    DescribeJobRequest,
    FramesFinished,
    JobChanged,
    JobProgress,
    JobReply,
    JobReport,
    JobWarning,
    KeyframeChoice,
    KeyframesReply,
    OkReply,
    PauseJobRequest,
    ResumeJobRequest,
    ReviseJobRequest,
    SetPlayheadRequest,
    SubmitJobRequest,
    SuggestNextRequest,
    WatchJobRequest,
)
from sparkvsr_bridge.process import EngineProcess
from sparkvsr_bridge.settings import Revision

JobEvent: TypeAlias = "JobChanged | JobProgress | FramesFinished | JobWarning"
# A movie whose packets do not identify its frames is decoded once before its job is accepted.
ACCEPT_SECONDS = 1800.0
_LOOK_SECONDS = 1.0


class Job:
    """One version of a job.

    Iterate over it for its events until it ends or is paused; `wait` or `await` it for its last report. The
    job is the engine's: it goes on when its handle, or the program, is gone.

    Attributes:
        on_engine_lost: called before an engine that went away is started again.
    """

    on_engine_lost: Callable[[], None] | None = None

    def __init__(self, engine: EngineProcess, client: EngineClient, inbox: Inbox, report: JobReport) -> None:
        self._engine = engine
        self._client = client
        self._inbox = inbox
        self._report = report
        inbox.belongs = self._belongs

    def __repr__(self) -> str:
        return f"Job({self.name}, version {self.version}, {self._report.state})"

    @property
    def name(self) -> str:
        """The job's name, as `sparkvsr jobs` lists it."""
        return self._report.job

    @property
    def version(self) -> int:
        """The version, from 1."""
        return self._report.version

    @property
    def report(self) -> JobReport:
        """How the version stood at its last event or reply."""
        return self._report

    @property
    def is_ended(self) -> bool:
        """Whether it finished, failed or was cancelled."""
        return self._report.state in ENDED_STATES

    def __iter__(self) -> Iterator[JobEvent]:
        """Its events as they come, until it has ended or is paused; an engine that died is started again.

        An iteration that is left and begun again goes on where it was.

        Raises:
            EngineLost: where it does not come back.
        """
        while True:
            event = self._next_event(0.0 if self._rests() else _LOOK_SECONDS)
            if event is not None:
                yield event
            elif self._rests():
                return

    def wait(self, timeout_seconds: float | None = None) -> JobReport:
        """The report at its end.

        Args:
            timeout_seconds: how long to wait at most; None waits to its end.

        Raises:
            RequestTimedOut: where it has not ended by then; it goes on.
            JobCancelled: where somebody cancelled it.
            SparkVSRError: the job's own error, as its own class.
        """
        give_up = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        while not self._rests():
            remaining = _LOOK_SECONDS if give_up is None else min(_LOOK_SECONDS, give_up - time.monotonic())
            if remaining <= 0:
                raise RequestTimedOut(
                    f"Job {self.name} has not ended after {timeout_seconds:g} s; it goes on."
                )
            self._next_event(remaining)
        return self._end()

    def __await__(self) -> Generator[Any, None, JobReport]:
        """As `wait`, without holding the event loop; cancelling the task leaves the job alone."""
        import asyncio

        return asyncio.to_thread(self.wait).__await__()

    def cancel(self) -> JobReport:
        """Stop it; finished frames are kept."""
        return self._send_request(CancelJobRequest(self.name))

    def pause(self) -> JobReport:
        """Stop it after the frame in hand; `resume` goes on from there."""
        return self._send_request(PauseJobRequest(self.name))

    def resume(self) -> JobReport:
        """Go on with a paused, failed or cancelled job from its last finished frames."""
        return self._send_request(ResumeJobRequest(self.name))

    def revise(
        self, change: Revision | None = None, *, keyframes: Keyframes | None = None, **changes: Any
    ) -> Job:
        """A new version of the job; only what depends on the change is rendered.

        Args:
            change: the whole change as a record.
            keyframes: set or added, as in `Engine.upscale`.
            **changes: fields of `Revision` by name, `guidance=0.5` for example.

        Raises:
            SparkVSRError: where the engine refuses it.
        """
        revision = replace(change or Revision(), **changes)
        if keyframes:
            revision = replace(
                revision, set_keyframes=(*revision.set_keyframes, *keyframe_records(keyframes))
            )
        return start_job(self._engine, self._client, ReviseJobRequest(self.name, revision))

    def suggest_next(self, count: int = 1, among: tuple[int, ...] = ()) -> tuple[KeyframeChoice, ...]:
        """Frames of the rendered version where one more keyframe would help most.

        Args:
            count: how many.
            among: frames to choose from; empty leaves all open.
        """
        request = SuggestNextRequest(self.name, self.version, count, among)
        return self._client.request(request, KeyframesReply, ACCEPT_SECONDS).choices

    def confidence(self) -> dict[int, float]:
        """Mean trust in keyframes, 0..1, of the rendered frames it was measured of, by frame number."""
        reply = self._client.request(ConfidenceRequest(self.name, self.version), ConfidenceReply)
        return dict(zip(reply.frames, reply.trust, strict=True))

    def set_playhead(self, frame: int) -> None:
        """Have what lies around this frame rendered first.

        Args:
            frame: in the source's own numbers.
        """
        self._client.request(SetPlayheadRequest(self.name, frame), OkReply)

    def _send_request(self, request: CancelJobRequest | PauseJobRequest | ResumeJobRequest) -> JobReport:
        self._inbox.reopen()
        self._report = self._client.request(request, JobReply).report
        # Events come in order: those before the reply show how the job stood before it.
        self._inbox.drop(lambda envelope: isinstance(envelope.message, (JobChanged, JobProgress)))
        return self._report

    def _rests(self) -> bool:
        return self.is_ended or self._report.state == "paused"

    def _end(self) -> JobReport:
        report = self._report
        self._inbox.close()
        if report.state == "failed" and report.error is not None:
            raise report.error.to_error()
        if report.state == "cancelled":
            raise JobCancelled(
                f"Job {self.name} was cancelled after {report.frames_done} frames;"
                f" 'sparkvsr resume {self.name}' goes on."
            )
        return report

    def _next_event(self, timeout_seconds: float) -> JobEvent | None:
        """The next event, once the report is brought up to it; None where none came in that time."""
        envelope = self._inbox.next_event(timeout_seconds)
        if envelope is None:
            if not self._rests():
                self._look()
            return None
        event = envelope.message
        if isinstance(event, (JobChanged, JobProgress)):
            self._report = event.report
        return event if isinstance(event, (JobChanged, JobProgress, FramesFinished, JobWarning)) else None

    def _look(self) -> None:
        """Nothing came: see whether the engine is still there, and how the job stands."""
        if not self._client.is_alive:
            self._restart_engine()
        try:
            request = DescribeJobRequest(self.name, self.version)
            self._report = self._client.request(request, JobReply, 10.0).report
        except EngineLost:
            return

    def _restart_engine(self) -> None:
        if self.on_engine_lost is not None:
            self.on_engine_lost()
        try:
            self._engine.reconnect(self._client)
        except SparkVSRError as error:
            raise EngineLost(f"The engine went away and did not come back: {error.message}") from error

    def _belongs(self, envelope: Envelope) -> bool:
        event = envelope.message
        if isinstance(event, (JobChanged, JobProgress)):
            return (event.report.job, event.report.version) == (self.name, self.version)
        if isinstance(event, FramesFinished):
            return (event.job, event.version) == (self.name, self.version)
        return isinstance(event, JobWarning) and event.job == self.name


def start_job(
    engine: EngineProcess, client: EngineClient, request: SubmitJobRequest | ReviseJobRequest
) -> Job:
    """Send the request of a job; its events are kept from before, so that none is missed.

    Args:
        engine: starts the engine again where it is lost.
        client: a connection to the engine.
        request: a new job, or a revision of one.

    Raises:
        SparkVSRError: where the engine refuses it.
    """
    inbox = Inbox(client)
    try:
        report = client.request(request, JobReply, ACCEPT_SECONDS).report
    except BaseException:
        inbox.close()
        raise
    return Job(engine, client, inbox, report)


def open_job(engine: EngineProcess, client: EngineClient, name: str, version: int = 0) -> Job:
    """A handle of a job that is there, watched from now on.

    Args:
        engine: starts the engine again where it is lost.
        client: its connection.
        name: the job's, as `sparkvsr jobs` lists it.
        version: from 1; 0 is the latest.

    Raises:
        UnknownJob: where the engine has none of that name.
    """
    inbox = Inbox(client)
    try:
        client.request(WatchJobRequest(name), JobReply)
        report = client.request(DescribeJobRequest(name, version), JobReply).report
    except BaseException:
        inbox.close()
        raise
    return Job(engine, client, inbox, report)
