"""`--in-process`: a job rendered without the daemon, shown as one of the daemon's."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from sparkvsr_bridge.messages import JobReport
from sparkvsr_bridge.settings import JobSpec
from sparkvsr_engine.cli.console import Console, ProgressBar, record_values
from sparkvsr_engine.cli.following import show_event
from sparkvsr_engine.in_process import Started, render_in_process


def run_in_process(
    spec: JobSpec, console: Console, show: Callable[[JobReport], None] | None = None
) -> JobReport:
    """Render a job to its end, or on from where an earlier process was ended.

    Raises the job's error, JobCancelled after Ctrl-C.

    Args:
        spec: the request.
        console: where the command's output goes.
        show: gets its progress instead of a bar of its own.
    """
    with contextlib.ExitStack() as stack:
        show_progress = show or stack.enter_context(ProgressBar(console)).show
        return render_in_process(
            spec,
            lambda event: show_event(event, console, show_progress),
            lambda started: _show_start(started, console),
        )


def _show_start(started: Started, console: Console) -> None:
    report = started.report
    if not started.is_resumed:
        console.event("submitted", **record_values(report))
        return
    console.note(f"goes on with job {report.job}: {report.frames_done} frames are there")
    console.event("resumed", **record_values(report))
