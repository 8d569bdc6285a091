"""The lines between daemon and worker: records of the bridge, and the few that only these two exchange.

One JSON object per line over the worker's pipes. The daemon sends the requests it got, such as
`PreviewRequest` and `PauseJobRequest`; the worker sends the replies and events that clients get, and the
daemon forwards them. The store holds what must survive; these lines are only news.
Not here: sockets and clients (`sparkvsr_engine.daemon`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sparkvsr_bridge.errors import MalformedMessage
from sparkvsr_bridge.messages import KIND_OF, MESSAGE_KINDS
from sparkvsr_bridge.records import Record


@dataclass(frozen=True)
class RunJob(Record):
    """Render a version until it ends or is stopped."""

    job: str
    version: int


@dataclass(frozen=True)
class DropPreview(Record):
    """Nobody waits for this preview any more."""

    preview: str


@dataclass(frozen=True)
class WorkerReady(Record):
    """The worker takes orders."""

    pid: int
    device: str


@dataclass(frozen=True)
class Line:
    """One line.

    Attributes:
        message: a record of `sparkvsr_bridge.messages`, or one of this file.
        request: the preview or request that it belongs to; empty where the message names it.
        is_bounded: whether it is a remote client's, whose files must lie below the roots when they are
        opened.
    """

    message: Record
    request: str = ""
    is_bounded: bool = False


_WORKER_MESSAGES: dict[str, type[Record]] = {
    "run_job": RunJob,
    "drop_preview": DropPreview,
    "worker_ready": WorkerReady,
}
_KINDS = MESSAGE_KINDS | _WORKER_MESSAGES
_KIND_OF = KIND_OF | {record: kind for kind, record in _WORKER_MESSAGES.items()}


def to_line(line: Line) -> bytes:
    """One line, its end included."""
    message = line.message
    body: dict[str, Any] = {
        "kind": _KIND_OF[type(message)],
        "request": line.request,
        "body": message.to_dict(),
    }
    if line.is_bounded:
        body["bounded"] = True
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def from_line(line: bytes) -> Line:
    """The message of a line; raises MalformedMessage."""
    try:
        body = json.loads(line)
        return Line(
            _KINDS[body["kind"]].from_dict(body["body"]), str(body["request"]), bool(body.get("bounded"))
        )
    except (ValueError, KeyError, TypeError) as error:
        raise MalformedMessage(f"The worker's line {line[:80]!r} cannot be read: {error}.") from error
