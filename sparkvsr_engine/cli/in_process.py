"""`--in-process`: a job rendered without the daemon, shown as one of the daemon's."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from sparkvsr_bridge.messages import FramesFinished, JobProgress, JobReport, JobWarning
from sparkvsr_bridge.records import Record
from sparkvsr_bridge.settings import JobSpec
from sparkvsr_engine.cli.console import Console, ProgressBar
from sparkvsr_engine.in_process import Started, render_in_process


def run_in_process(
    spec: JobSpec, console: Console, show: Callable[[JobReport], None] | None = None
) -> JobReport:
    """Render a job to its end, or on from where an earlier process was ended.

    show: gets its progress instead of a bar of its own. Raises the job's error, JobCancelled after Ctrl-C.
    """
    with contextlib.ExitStack() as stack:
        show_progress = show or stack.enter_context(ProgressBar(console)).show

        def observe(event: Record) -> None:
            if isinstance(event, JobProgress):
                show_progress(event.report)
            elif isinstance(event, FramesFinished):
                console.frames(event)
            elif isinstance(event, JobWarning):
                console.warn(event.message)

        return render_in_process(spec, observe, lambda started: _show_start(started, console))


def _show_start(started: Started, console: Console) -> None:
    if not started.is_resumed:
        console.event("submitted", job=started.job, version=started.version)
        return
    console.note(f"goes on with job {started.job}: {started.frames_done} frames are there")
    console.event("resumed", job=started.job, version=started.version, frames_done=started.frames_done)
