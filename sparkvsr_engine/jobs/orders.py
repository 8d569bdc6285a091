"""What daemon and worker say to each other: one JSON object per line over the worker's pipes.

Orders go to the worker, reports come back. The store holds what must survive; these lines are only
news. Annotations are spelled as `bridge.connections.fields` reads them: `Tuple[int, ...]`, `Optional[float]`.
Not here: sockets and clients (`sparkvsr_engine.daemon`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Optional, Tuple

from bridge.errors import MalformedMessage
from bridge.messages import ErrorReport, KeyframeChoice, PreviewRequest, SuggestKeyframesRequest
from bridge.records import Record, nested


@dataclass(frozen=True)
class RunJob(Record):
    """Render a version until it ends or is stopped."""

    job: str
    version: int


@dataclass(frozen=True)
class StopJob(Record):
    """Stop the running job after the frame in hand; `state` is what it becomes: paused or cancelled."""

    job: str
    state: str


@dataclass(frozen=True)
class MovePlayhead(Record):
    """Render what the artist looks at first."""

    job: str
    frame: int


@dataclass(frozen=True)
class MakePreview(Record):
    """Render one frame between the frames of a job."""

    preview: str
    request: PreviewRequest = nested(PreviewRequest)


@dataclass(frozen=True)
class DropPreview(Record):
    """Nobody waits for this preview any more."""

    preview: str


@dataclass(frozen=True)
class Suggest(Record):
    """Choose keyframes without rendering."""

    order: str
    request: SuggestKeyframesRequest = nested(SuggestKeyframesRequest)


@dataclass(frozen=True)
class WorkerReady(Record):
    """The worker listens."""

    pid: int
    device: str


@dataclass(frozen=True)
class JobAdvanced(Record):
    """How far the running version is; frames include reused ones."""

    job: str
    version: int
    phase: str
    frames_done: int = 0
    frames_total: int = 0
    chunks_total: int = 0
    frames_per_second: float = 0.0
    eta_seconds: Optional[float] = None
    keyframes: Tuple[int, ...] = ()
    passes_run: int = 0
    passes_spared: int = 0
    run_notes: Tuple[str, ...] = ()


@dataclass(frozen=True)
class FramesDone(Record):
    """Frames under their final names."""

    job: str
    version: int
    frames: Tuple[int, ...]
    paths: Tuple[str, ...] = ()


@dataclass(frozen=True)
class JobWarned(Record):
    """Something the artist should know."""

    job: str
    version: int
    message: str
    frame: Optional[int] = None


@dataclass(frozen=True)
class JobEnded(Record):
    """The worker has let the version go, in this state."""

    job: str
    version: int
    state: str
    error: Optional[ErrorReport] = nested(ErrorReport, default=None)


@dataclass(frozen=True)
class PreviewMade(Record):
    """A preview's picture lies at `path`; `temporary` files are the receiver's to remove."""

    preview: str
    frame: int
    stage: str
    path: str
    temporary: bool = False
    seconds: float = 0.0
    warnings: Tuple[str, ...] = ()


@dataclass(frozen=True)
class OrderFailed(Record):
    """A preview or suggestion came to nothing."""

    order: str
    error: ErrorReport = nested(ErrorReport)


@dataclass(frozen=True)
class Suggested(Record):
    """The keyframes a policy would choose."""

    order: str
    choices: Tuple[KeyframeChoice, ...] = nested(KeyframeChoice, many=True, default=())
    cuts: Tuple[int, ...] = ()
    note: str = ""


_KINDS: dict[str, type[Record]] = {
    kind.__name__: kind
    for kind in (
        RunJob, StopJob, MovePlayhead, MakePreview, DropPreview, Suggest,
        WorkerReady, JobAdvanced, FramesDone, JobWarned, JobEnded, PreviewMade, OrderFailed, Suggested,
    )
}  # fmt: skip


def to_line(message: Record) -> bytes:
    """One line, its end included."""
    body: dict[str, Any] = {"kind": type(message).__name__, "body": message.to_dict()}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def from_line(line: bytes) -> Record:
    """The message of a line; raises MalformedMessage."""
    try:
        body = json.loads(line)
        return _KINDS[body["kind"]].from_dict(body["body"])
    except (ValueError, KeyError, TypeError) as error:
        raise MalformedMessage(f"the line {line[:80]!r} is no order and no report: {error}.") from error
