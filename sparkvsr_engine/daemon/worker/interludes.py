"""Previews and suggestions on their way through the worker: ordered, superseded, answered."""

from __future__ import annotations

import contextlib
import logging
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from bridge import messages as m
from bridge.errors import SparkVSRError, StateConflict, WorkerLost
from bridge.media import ImageRef, PixelFormat
from bridge.pictures import image_ref
from bridge.records import Record
from bridge.reports import ErrorReport
from sparkvsr_engine.daemon.server import Answer, Asked, Later
from sparkvsr_engine.jobs.orders import (
    DropPreview,
    MakePreview,
    OrderFailed,
    PreviewMade,
    Suggest,
    Suggested,
)

log = logging.getLogger(__name__)

Order = Callable[[Record], bool]
Send = Callable[[bytes, Record, str], None]

_SUGGESTION_SECONDS = 3600.0


@dataclass(frozen=True)
class _Ordered:
    """A preview on its way: who waits for it, under which request and slot."""

    client: bytes
    request: str
    slot: str


class Previews:
    """Previews of all clients; the last one of a client's slot is the one that counts."""

    def __init__(self, order: Order, send: Send) -> None:
        self._order = order
        self._send = send
        self._ordered: dict[str, _Ordered] = {}

    @property
    def is_awaited(self) -> bool:
        """Whether the worker owes a preview."""
        return bool(self._ordered)

    def order(self, asked: Asked, message: m.PreviewRequest) -> str:
        """Have a preview made; returns its name."""
        preview = uuid.uuid4().hex[:10]
        self._supersede(asked.client, message.slot)
        self._ordered[preview] = _Ordered(asked.client, asked.envelope.id, message.slot)
        if not self._order(MakePreview(preview, message)):
            del self._ordered[preview]
            raise WorkerLost("The worker is starting; ask for the preview again in a moment.")
        return preview

    def made(self, report: PreviewMade) -> None:
        """A preview's picture is there."""
        waiting = self._ordered.get(report.preview)
        if waiting is None:
            if report.temporary:
                with contextlib.suppress(OSError):
                    Path(report.path).unlink()
            return
        if report.stage == "full":
            del self._ordered[report.preview]
        picture = _picture_in_memory(Path(report.path)) if report.temporary else ImageRef(path=report.path)
        event = m.PreviewReady(
            report.preview, report.frame, report.stage, picture, report.seconds, report.warnings
        )
        self._send(waiting.client, event, waiting.request)

    def failed(self, report: OrderFailed) -> bool:
        """A preview came to nothing; False when the order was no preview."""
        waiting = self._ordered.pop(report.order, None)
        if waiting is None:
            return False
        self._send(waiting.client, m.PreviewFailed(report.order, report.error), waiting.request)
        return True

    def fail_all(self, error: SparkVSRError) -> None:
        """The worker died: everybody who waits is told."""
        for preview in list(self._ordered):
            self.failed(OrderFailed(preview, ErrorReport.of(error)))

    def _supersede(self, client: bytes, slot: str) -> None:
        for preview, waiting in list(self._ordered.items()):
            if (waiting.client, waiting.slot) == (client, slot):
                self._order(DropPreview(preview))
                later = StateConflict("The preview was superseded by a later one.")
                self.failed(OrderFailed(preview, ErrorReport.of(later)))


def _picture_in_memory(path: Path) -> ImageRef:
    """A worker's temporary picture as pixels to send, its file taken away: a remote client cannot read it."""
    import numpy as np

    pixels = np.load(path)
    path.unlink(missing_ok=True)
    height, width, channels = pixels.shape
    return image_ref(pixels, PixelFormat(width, height, channels, pixels.dtype.name))


class Suggestions:
    """Keyframe choices that clients wait for."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._waiting: dict[str, Future[m.KeyframesReply]] = {}

    @property
    def is_awaited(self) -> bool:
        """Whether the worker owes a choice."""
        return bool(self._waiting)

    def order(self, asked: Asked, message: m.SuggestKeyframesRequest) -> Later:  # noqa: ARG002 - as every order
        """Have keyframes chosen; the answer comes when they are."""
        name = uuid.uuid4().hex[:10]
        future: Future[m.KeyframesReply] = Future()
        self._waiting[name] = future
        if not self._order(Suggest(name, message)):
            del self._waiting[name]
            raise WorkerLost("The worker is starting; ask again in a moment.")
        return Later(
            lambda: future.result(_SUGGESTION_SECONDS), lambda reply: Answer(cast("m.KeyframesReply", reply))
        )

    def made(self, report: Suggested) -> None:
        """The worker has chosen."""
        future = self._waiting.pop(report.order, None)
        if future is not None:
            future.set_result(m.KeyframesReply(report.choices, report.cuts, report.note))

    def failed(self, report: OrderFailed) -> bool:
        """No choice was made; False when the order was no suggestion."""
        future = self._waiting.pop(report.order, None)
        if future is None:
            return False
        future.set_exception(report.error.to_error())
        return True

    def fail_all(self, error: SparkVSRError) -> None:
        """The worker died: everybody who waits is told."""
        for name in list(self._waiting):
            self.failed(OrderFailed(name, ErrorReport.of(error)))
