"""Previews and suggestions on their way through the worker: ordered, superseded, answered.

Nothing waits here: who sent a request is remembered, and gets the worker's reply or event when it comes.
"""

from __future__ import annotations

import contextlib
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from sparkvsr_bridge import messages as m
from sparkvsr_bridge.errors import SparkVSRError, StateConflict, WorkerLost
from sparkvsr_bridge.media import ImageRef, PixelFormat
from sparkvsr_bridge.pictures import image_ref
from sparkvsr_bridge.records import Record
from sparkvsr_bridge.reports import ErrorReport
from sparkvsr_engine.daemon.client_requests import ClientRequest
from sparkvsr_engine.daemon.server import Reply
from sparkvsr_engine.jobs.worker_messages import DropPreview

log = logging.getLogger(__name__)

Send = Callable[[bytes, Record, str], object]


class Order(Protocol):
    """Sends the worker a message; False where there is no worker to take it."""

    def __call__(self, message: Record, request: str = "", is_bounded: bool = False) -> bool:
        """Send it under the request that waits for its answer. is_bounded: see `worker_messages.Line`."""
        ...


@dataclass(frozen=True)
class _Ordered:
    """A preview on its way: who waits for it, under which request and slot."""

    client: bytes
    request: str
    slot: str


class Previews:
    """Previews of all clients; the last one of a client's slot is the one that counts.

    folder: where the worker leaves pictures that are to be sent; they are this object's to remove.
    """

    def __init__(self, order: Order, send: Send, folder: Path) -> None:
        self._order = order
        self._send = send
        self._folder = folder
        self._ordered: dict[str, _Ordered] = {}

    @property
    def is_awaited(self) -> bool:
        """Whether the worker owes a preview."""
        return bool(self._ordered)

    def awaited_by(self, is_client: Callable[[bytes], bool]) -> int:
        """How many previews the worker owes to the clients that this holds for."""
        return sum(is_client(waiting.client) for waiting in self._ordered.values())

    def order(self, request: ClientRequest, message: m.PreviewRequest) -> str:
        """Have a preview made; returns its name."""
        preview = uuid.uuid4().hex[:10]
        self._supersede(request.client, message.slot)
        self._ordered[preview] = _Ordered(request.client, request.envelope.id, message.slot)
        if not self._order(message, preview, bool(request.owner)):
            del self._ordered[preview]
            raise WorkerLost("The worker is starting; ask for the preview again in a moment.")
        return preview

    def made(self, event: m.PreviewReady) -> None:
        """Forward a preview's picture."""
        waiting = self._ordered.get(event.preview)
        path = Path(event.image.path)
        is_temporary = path.parent == self._folder
        if waiting is None:
            if is_temporary:
                with contextlib.suppress(OSError):
                    path.unlink()
            return
        if event.stage == "full":
            del self._ordered[event.preview]
        if is_temporary:
            event = replace(event, image=_picture_in_memory(path))
        self._send(waiting.client, event, waiting.request)

    def failed(self, event: m.PreviewFailed) -> None:
        """Forward that a preview came to nothing."""
        waiting = self._ordered.pop(event.preview, None)
        if waiting is not None:
            self._send(waiting.client, event, waiting.request)

    def fail_all(self, error: SparkVSRError) -> None:
        """Reply all that wait: the worker died."""
        for preview in list(self._ordered):
            self.failed(m.PreviewFailed(preview, ErrorReport.of(error)))

    def _supersede(self, client: bytes, slot: str) -> None:
        for preview, waiting in list(self._ordered.items()):
            if (waiting.client, waiting.slot) == (client, slot):
                self._order(DropPreview(preview))
                later = StateConflict("The preview was superseded by a later one.")
                self.failed(m.PreviewFailed(preview, ErrorReport.of(later)))


def _picture_in_memory(path: Path) -> ImageRef:
    """A worker's temporary picture as pixels to send, its file taken away: a remote client cannot read it."""
    import numpy as np

    pixels = np.load(path)
    path.unlink(missing_ok=True)
    height, width, channels = pixels.shape
    return image_ref(pixels, PixelFormat(width, height, channels, pixels.dtype.name))


class Suggestions:
    """Keyframe choices that clients wait for; none of them holds a thread."""

    def __init__(self, order: Order, reply: Callable[[ClientRequest, Reply], None]) -> None:
        self._order = order
        self._reply = reply
        self._waiting: dict[str, ClientRequest] = {}

    @property
    def is_awaited(self) -> bool:
        """Whether the worker owes a choice."""
        return bool(self._waiting)

    def order(self, request: ClientRequest, message: m.SuggestKeyframesRequest) -> None:
        """Have keyframes chosen; the reply goes out when they are."""
        name = uuid.uuid4().hex[:10]
        if not self._order(message, name, bool(request.owner)):
            raise WorkerLost("The worker is starting; ask again in a moment.")
        self._waiting[name] = request

    def answered(self, name: str, reply: m.KeyframesReply | m.ErrorReply) -> None:
        """Forward the worker's reply."""
        request = self._waiting.pop(name, None)
        if request is not None:
            self._reply(request, Reply(reply))

    def fail_all(self, error: SparkVSRError) -> None:
        """Reply all that wait: the worker died."""
        for name in list(self._waiting):
            self.answered(name, m.ErrorReply(ErrorReport.of(error)))
