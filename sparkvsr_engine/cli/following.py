"""Follows a job to its end: events shown as they come, Ctrl-C cancels, a lost engine is started again."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable

from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.connections.wire import Envelope
from sparkvsr_bridge.errors import EngineLost, JobCancelled, SparkVSRError
from sparkvsr_bridge.messages import (
    ENDED_STATES,
    CancelJobRequest,
    DescribeJobRequest,
    FramesFinished,
    JobChanged,
    JobProgress,
    JobReply,
    JobReport,
    JobWarning,
)
from sparkvsr_bridge.process import EngineProcess
from sparkvsr_engine.cli.console import Console, ProgressBar, report_values

_LOOK_SECONDS = 1.0


class JobFollower:
    """Hears what happens to jobs from before the first request is sent, so that nothing is missed."""

    def __init__(self, engine: EngineProcess, client: EngineClient, console: Console) -> None:
        self._engine = engine
        self._client = client
        self._console = console
        self._letters: queue.SimpleQueue[Envelope] = queue.SimpleQueue()
        self._plan_note = ""
        client.add_listener(self._letters.put)

    def follow(self, started: JobReport, show: Callable[[JobReport], None] | None = None) -> JobReport:
        """Wait for the job's end; returns its last report. show: gets its progress instead of its own bar.

        Raises the job's own error, JobCancelled after Ctrl-C.
        """
        with contextlib.ExitStack() as stack:
            show_progress = show or stack.enter_context(ProgressBar(self._console)).show
            try:
                report = self._until_end(started, show_progress)
            except KeyboardInterrupt:
                self._console.note("cancelling; finished chunks are kept")
                self._client.request(CancelJobRequest(started.job), JobReply)
                report = self._until_end(started, show_progress)
        if report.state == "failed" and report.error is not None:
            raise report.error.to_error()
        if report.state == "cancelled":
            raise JobCancelled(
                f"Job {report.job} was cancelled after {report.frames_done} frames;"
                f" 'sparkvsr resume {report.job}' goes on."
            )
        return report

    def _until_end(self, report: JobReport, show: Callable[[JobReport], None]) -> JobReport:
        while report.state not in (*ENDED_STATES, "paused"):
            try:
                envelope = self._letters.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                report = self._look(report)
                continue
            report = self._take(envelope, report, show)
        return report

    def _take(self, envelope: Envelope, report: JobReport, show: Callable[[JobReport], None]) -> JobReport:
        message = envelope.message
        if isinstance(message, (JobChanged, JobProgress)) and _same(message.report, report):
            if message.report.state == "running":
                show(message.report)
                self._tell_plan(message.report)
            return message.report
        if isinstance(message, JobWarning) and message.job == report.job:
            self._console.warn(message.message)
        if isinstance(message, FramesFinished) and message.job == report.job:
            self._console.frames(message)
        return report

    def _tell_plan(self, report: JobReport) -> None:
        """How the model runs, once; steps down are warnings of their own."""
        if report.run_notes and not self._plan_note:
            self._plan_note = report.run_notes[0]
            self._console.note(self._plan_note)

    def _look(self, report: JobReport) -> JobReport:
        """Nothing was heard: see whether the engine is still there, and how the job stands."""
        if not self._client.is_alive:
            self._console.note("the engine went away; starting it again")
            self._restart()
        try:
            request = DescribeJobRequest(report.job, report.version)
            return self._client.request(request, JobReply, 10.0).report
        except EngineLost:
            return report

    def _restart(self) -> None:
        try:
            self._engine.reconnect(self._client)
        except SparkVSRError as error:
            raise EngineLost(f"The engine went away and did not come back: {error.message}") from error


def finish_line(report: JobReport) -> str:
    """What to tell people at the end."""
    reused = f", {report.frames_reused} of them reused" if report.frames_reused else ""
    return (
        f"{report.target}: {report.frames_done} frames{reused} (job {report.job}, version {report.version})"
    )


def tell_end(console: Console, report: JobReport) -> None:
    """The last line of a command that renders."""
    console.result(finish_line(report), report.state, **report_values(report))


def _same(first: JobReport, second: JobReport) -> bool:
    return (first.job, first.version) == (second.job, second.version)
