"""Shows a job's events as they come; Ctrl-C cancels it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from sparkvsr.job import Job
from sparkvsr_bridge.messages import FramesFinished, JobChanged, JobProgress, JobReport, JobWarning
from sparkvsr_bridge.records import Record
from sparkvsr_engine.cli.console import Console, ProgressBar, record_values

Show = Callable[[JobReport], None]


class JobFollower:
    """Shows jobs, one after another."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._plan_note = ""

    def follow(self, job: Job, show: Show | None = None) -> JobReport:
        """Wait for the job's end.

        Args:
            job: the job; its events are shown from the first that nobody took.
            show: gets its progress, instead of a bar of its own.

        Returns:
            Its last report, ended or paused.

        Raises:
            JobCancelled: after Ctrl-C.
            SparkVSRError: the job's own error.
        """
        job.on_engine_lost = lambda: self._console.note("the engine went away; starting it again")
        with contextlib.ExitStack() as stack:
            show_progress = show or stack.enter_context(ProgressBar(self._console)).show
            try:
                self._show_events(job, show_progress)
            except KeyboardInterrupt:
                self._console.note("cancelling; finished chunks are kept")
                job.cancel()
                self._show_events(job, show_progress)
        return job.wait()

    def _show_events(self, job: Job, show_progress: Show) -> None:
        for event in job:
            if not isinstance(event, (JobChanged, JobProgress)):
                show_event(event, self._console, show_progress)
            elif event.report.state == "running":
                show_progress(event.report)
                self._note_plan(event.report)

    def _note_plan(self, report: JobReport) -> None:
        """How the model runs, once; steps down are warnings of their own."""
        if report.run_notes and not self._plan_note:
            self._plan_note = report.run_notes[0]
            self._console.note(self._plan_note)


def show_event(event: Record, console: Console, show_progress: Show) -> None:
    """An event of a job that renders, for people or machines.

    Args:
        event: a record of the protocol; others are passed over.
        console: where the command's output goes.
        show_progress: called with the report of a JobProgress.
    """
    if isinstance(event, JobProgress):
        show_progress(event.report)
    elif isinstance(event, FramesFinished):
        console.frames(event)
    elif isinstance(event, JobWarning):
        console.job_warning(event)


def finish_line(report: JobReport) -> str:
    """What people read at the end."""
    reused = f", {report.frames_reused} of them reused" if report.frames_reused else ""
    return (
        f"{report.target}: {report.frames_done} frames{reused} (job {report.job}, version {report.version})"
    )


def show_end(console: Console, report: JobReport) -> None:
    """The last line of a command that renders."""
    console.result(finish_line(report), report.state, **record_values(report))
