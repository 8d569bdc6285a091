"""The line under a node, in a few words. Pure Python, no Nuke."""

from __future__ import annotations

from typing import Any, Sequence

from .state import FARM, Version


def label_of(version: Version, entries: Sequence[Any], is_out_of_date: bool) -> str:
    """`v003  12 of 48`, `v003  out of date`, `v003`. entries: of the job list, one per view."""
    parts = [f"v{version.number:03d}"]
    state = _state(version, entries)
    if state:
        parts.append(state)
    if is_out_of_date:
        parts.append("out of date")
    return "  ".join(parts)


def _state(version: Version, entries: Sequence[Any]) -> str:
    reports = [entry.report for entry in entries]
    states = {report.state for report in reports} or {job.state for job in version.jobs}
    if "failed" in states:
        return "failed"
    if "running" in states and reports:
        done = sum(report.frames_done for report in reports)
        return f"{done} of {sum(report.frames_total for report in reports)}"
    for state, text in (
        ("running", "running"),
        ("queued", "waiting"),
        ("paused", "paused"),
        ("cancelled", "cancelled"),
        (FARM, "for the farm"),
    ):
        if state in states:
            return text
    return ""
