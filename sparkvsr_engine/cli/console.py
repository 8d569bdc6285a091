"""What a command says: one JSON object per line for machines, text and a progress bar for people.

JSON goes to stdout. Text for people goes to stderr while work goes on; results they asked for to stdout.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from types import TracebackType
from typing import Any, Self, cast

from sparkvsr_bridge.errors import SparkVSRError
from sparkvsr_bridge.messages import FramesFinished, JobReport, JobWarning, KeyframeChoice
from sparkvsr_bridge.records import Record


def is_json(options: argparse.Namespace) -> bool:
    """Whether `--json` was given."""
    return bool(getattr(options, "json", False))


class Console:
    """One command's voice."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def event(self, kind: str, **values: Any) -> None:
        """Something that happened, for machines only."""
        if self.as_json:
            print(json.dumps({"event": kind, **values}, ensure_ascii=False), flush=True)  # noqa: T201

    def result(self, text: str, kind: str, **values: Any) -> None:
        """What was asked for.

        Args:
            text: for people.
            kind: the event's name for machines.
            **values: the event's fields for machines.
        """
        if self.as_json:
            self.event(kind, **values)
        else:
            print(text, flush=True)  # noqa: T201

    def line(self, text: str) -> None:
        """Output in the words of another program that reads it; nothing with `--json`."""
        if not self.as_json:
            print(text, flush=True)  # noqa: T201

    def frames(self, event: FramesFinished) -> None:
        """Finished frames, for machines."""
        self.event("frames", **record_values(event))

    def keyframe(self, choice: KeyframeChoice) -> None:
        """A frame that was chosen as a keyframe, with why."""
        text = f"{choice.frame:>8}  {choice.reason}"
        self.result(text, "keyframe", **record_values(choice))

    def note(self, text: str) -> None:
        """Something people should know on the way."""
        if not self.as_json:
            print(text, file=sys.stderr, flush=True)  # noqa: T201

    def warn(self, text: str) -> None:
        """Something to look at; the work goes on."""
        if self.as_json:
            self.event("warning", message=text)
        else:
            self.note(f"warning: {text}")

    def job_warning(self, warning: JobWarning) -> None:
        """A job's warning; the job goes on."""
        if self.as_json:
            self.event("warning", **record_values(warning))
        else:
            self.warn(warning.message)

    def fail(self, error: SparkVSRError) -> None:
        """Why it came to nothing, and what to do."""
        if self.as_json:
            self.event("error", **error.to_dict())
        print(f"sparkvsr: {error.message}", file=sys.stderr, flush=True)  # noqa: T201

    def table(self, columns: list[str], rows: list[list[str]]) -> str:
        """Rows as text under their columns."""
        widths = [max(len(row[index]) for row in [columns, *rows]) for index in range(len(columns))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            for row in [columns, *rows]
        ]
        return "\n".join(line.rstrip() for line in lines)


def record_values(record: Record) -> dict[str, Any]:
    """A record of the protocol for machines: all its fields, those at their defaults too."""
    return dataclasses.asdict(cast("Any", record))


class ProgressBar:
    """A bar with ETA on stderr for people, events for machines. Use as a context manager."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        if not self._console.as_json:
            from rich.console import Console as RichConsole
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            self._progress = Progress(
                TextColumn("{task.description:<18}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[speed]}"),
                console=RichConsole(stderr=True),
                transient=True,
            )
            self._progress.start()
            self._task = self._progress.add_task("waiting", total=None, speed="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def show(self, report: JobReport) -> None:
        """How far the job is."""
        if self._progress is None:
            self._console.event("progress", **record_values(report))
            return
        speed = f"{report.frames_per_second:.2f} fps" if report.frames_per_second else ""
        if report.eta_seconds is not None:
            speed += f", {_duration(report.eta_seconds)} left"
        self._progress.update(
            self._task,
            description=report.phase or report.state,
            completed=report.frames_done,
            total=report.frames_total or None,
            speed=speed,
        )


def _duration(seconds: float) -> str:
    minutes, whole_seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{whole_seconds:02d}" if hours else f"{minutes}:{whole_seconds:02d}"
