"""The real command line, run in this process: what it wrote, and what it printed."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

from sparkvsr_engine.cli import main


@dataclass(frozen=True)
class Outcome:
    """How a command ended. warnings: its sentences before and while it rendered. error: why it failed."""

    status: int
    warnings: tuple[str, ...]
    error: str


def upscaled(
    source: Path | str, target: Path | str, *options: str, scale: int = 1, model: str = "identity"
) -> Outcome:
    """`sparkvsr upscale --in-process`, by default through the restorer that returns its input."""
    sized = () if "--size" in options else ("--scale", str(scale))
    keyframes = () if "--keyframe" in options else ("--keyframes", "none")
    command = ["upscale", str(source), "-o", str(target), "--in-process", "--json", "--model", model]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = main([*command, *sized, *keyframes, *options])
    events = [json.loads(line) for line in printed.getvalue().splitlines()]
    warnings = tuple(event["message"] for event in events if event["event"] == "warning")
    errors = [event["message"] for event in events if event["event"] == "error"]
    return Outcome(status, warnings, " ".join(errors))
