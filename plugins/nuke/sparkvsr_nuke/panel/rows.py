"""What the dock shows, as plain data made from the job list: no Qt and no Nuke."""

from __future__ import annotations

import dataclasses
from typing import Any, List, Mapping, Optional, Sequence, Tuple

STRIP_CELLS = 200


@dataclasses.dataclass(frozen=True)
class JobRow:
    """One job version. key: job and version. fraction: 0..1. trust: 0..1 per cell, None where unknown."""

    key: Tuple[str, int]
    title: str
    text: str
    fraction: float
    can_cancel: bool
    can_pause: bool
    can_resume: bool
    trust: Tuple[Optional[float], ...]


@dataclasses.dataclass(frozen=True)
class DockView:
    """Everything the dock shows. engine: a line about the connection; is_ready: whether it stands."""

    engine: str
    is_ready: bool
    rows: Tuple[JobRow, ...]
    steps: Tuple[str, ...]
    log: Tuple[str, ...]


def dock_view(runtime: Any, names: Mapping[str, str]) -> DockView:
    """The dock's content. names: node's token -> its name in the script."""
    job_list = runtime.job_list
    if job_list is None:
        return DockView("The engine starts with the first job.", False, (), (), tuple(runtime.log))
    entries = sorted(job_list.entries.values(), key=lambda entry: entry.report.created, reverse=True)
    state = job_list.engine
    texts = {
        "offline": "The engine is not running; it starts with the next job.",
        "starting": "The engine is starting.",
        "ready": "The engine is running.",
        "lost": f"The engine was lost: {state.text}",
    }
    return DockView(
        texts.get(state.kind, state.text) if state.kind != "offline" or not state.text else state.text,
        state.kind == "ready",
        tuple(job_row(entry, names) for entry in entries if entry.record is not None),
        tuple(runtime.steps.values()),
        tuple(runtime.log),
    )


def job_row(entry: Any, names: Mapping[str, str]) -> JobRow:
    """One row of the dock."""
    from ..bridge_link import job_list as lists

    record, state = entry.record, entry.report.state
    view = f" {record.view}" if record.view not in ("", "main") else ""
    return JobRow(
        entry.key,
        f"{names.get(record.origin, 'removed node')} v{record.version:03d}{view}",
        lists.progress_text(entry),
        1.0 if state == "finished" else entry.fraction,
        state in ("queued", "running", "paused"),
        state in ("queued", "running"),
        state in ("paused", "failed", "cancelled"),
        trust_cells(entry.trust, record.request.first, record.request.last),
    )


def trust_cells(
    trust: Mapping[int, float], first: int, last: int, most: int = STRIP_CELLS
) -> Tuple[Optional[float], ...]:
    """The strip: the least trusted frame of each cell; empty where nothing is known."""
    if not trust:
        return ()
    frames = list(range(first, last + 1))
    cells = min(most, len(frames))
    return tuple(_least(trust, frames[_cut(cell)]) for cell in _cuts(len(frames), cells))


def _cuts(count: int, cells: int) -> List[Tuple[int, int]]:
    return [(count * cell // cells, count * (cell + 1) // cells) for cell in range(cells)]


def _cut(bounds: Tuple[int, int]) -> slice:
    return slice(*bounds)


def _least(trust: Mapping[int, float], frames: Sequence[int]) -> Optional[float]:
    values = [trust[frame] for frame in frames if frame in trust]
    return min(values) if values else None
