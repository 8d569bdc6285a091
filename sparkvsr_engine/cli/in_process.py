"""`--in-process`: a job rendered without the daemon, shown as one of the daemon's."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from bridge.messages import FramesFinished, JobChanged, JobProgress, JobReport, JobWarning
from bridge.records import Record
from bridge.settings import JobSpec
from sparkvsr_engine.cli.console import Console, ProgressBar
from sparkvsr_engine.in_process import render_in_process


def run_in_process(
    spec: JobSpec, console: Console, show: Callable[[JobReport], None] | None = None
) -> JobReport:
    """Render a job to its end; raises its error, JobCancelled after Ctrl-C.

    show: gets its progress instead of a bar of its own.
    """
    with contextlib.ExitStack() as stack:
        shown = show or stack.enter_context(ProgressBar(console)).show

        def observe(event: Record) -> None:
            if isinstance(event, JobChanged):
                console.event("submitted", job=event.report.job, version=event.report.version)
            elif isinstance(event, JobProgress):
                shown(event.report)
            elif isinstance(event, FramesFinished):
                console.frames(event)
            elif isinstance(event, JobWarning):
                console.warn(event.message)

        return render_in_process(spec, observe)
