"""A preview as a handle: its pictures as arrays, the quick one before the full one where it was asked for."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparkvsr.inbox import Inbox
from sparkvsr.loading import request_when_loaded
from sparkvsr_bridge.client import EngineClient
from sparkvsr_bridge.connections.wire import Envelope
from sparkvsr_bridge.errors import EngineLost, MalformedMessage, RequestTimedOut
from sparkvsr_bridge.messages import PreviewAccepted, PreviewFailed, PreviewReady, PreviewRequest

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LOOK_SECONDS = 1.0
_ACCEPT_SECONDS = 30.0


@dataclass(frozen=True, eq=False)
class PreviewPicture:
    """One picture of a preview.

    Attributes:
        event: the engine's event, with every field that the protocol gives it.
        pixels: [H, W, 3], None where the picture was written to `path`.
    """

    event: PreviewReady
    pixels: NDArray[Any] | None

    @property
    def frame(self) -> int:
        """The number of the frame."""
        return self.event.frame

    @property
    def stage(self) -> str:
        """`quick` or `full`."""
        return self.event.stage

    @property
    def seconds(self) -> float:
        """How long the engine took."""
        return self.event.seconds

    @property
    def path(self) -> str:
        """The picture's file, empty for an array."""
        return self.event.image.path

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to know about the keyframes in it, sentences."""
        return self.event.warnings


class Preview:
    """A preview the engine has in hand. A later one of the same slot takes its place."""

    def __init__(self, client: EngineClient, inbox: Inbox, name: str) -> None:
        self._client = client
        self._inbox = inbox
        self._name = name
        self._last: PreviewPicture | None = None
        inbox.belongs = self._belongs

    def __iter__(self) -> Iterator[PreviewPicture]:
        """Its pictures: the quick one where it was asked for, then the full one.

        Raises:
            SparkVSRError: why there is none; StateConflict where a later preview took its place.
            EngineLost: where the engine went away.
        """
        while self._last is None:
            picture = self._next_picture(_LOOK_SECONDS)
            if picture is not None:
                yield picture

    def wait(self, timeout_seconds: float | None = None) -> PreviewPicture:
        """The full picture.

        Args:
            timeout_seconds: how long to wait at most; None waits to its end.

        Raises:
            RequestTimedOut: where it is not there by then.
            SparkVSRError: as iterating does.
        """
        give_up = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        while self._last is None:
            remaining = _LOOK_SECONDS if give_up is None else min(_LOOK_SECONDS, give_up - time.monotonic())
            if remaining <= 0:
                raise RequestTimedOut(f"The preview is not there after {timeout_seconds:g} s; wait longer.")
            self._next_picture(remaining)
        return self._last

    def __await__(self) -> Generator[Any, None, PreviewPicture]:
        """As `wait`, without holding the event loop."""
        import asyncio

        return asyncio.to_thread(self.wait).__await__()

    def _next_picture(self, timeout_seconds: float) -> PreviewPicture | None:
        envelope = self._inbox.next_event(timeout_seconds)
        if envelope is not None:
            return self._picture(envelope)
        if not self._client.is_alive:
            self._inbox.close()
            raise EngineLost("The engine went away; ask for the preview again.")
        return None

    def _picture(self, envelope: Envelope) -> PreviewPicture:
        event = envelope.message
        if isinstance(event, PreviewFailed):
            self._inbox.close()
            raise event.error.to_error()
        if not isinstance(event, PreviewReady):
            raise MalformedMessage(f"a preview's event is {type(event).__name__}.")
        pixels = None if event.image.path else self._pixels(envelope, event)
        picture = PreviewPicture(event, pixels)
        if event.stage == "full":
            self._last = picture
            self._inbox.close()
        return picture

    def _pixels(self, envelope: Envelope, event: PreviewReady) -> NDArray[Any]:
        import numpy as np

        layout = event.image.format
        assert layout is not None
        with self._client.open_image(envelope, event.image) as view:
            shape = layout.height, layout.width, layout.channels
            return np.frombuffer(view, layout.sample).reshape(shape).copy()

    def _belongs(self, envelope: Envelope) -> bool:
        event = envelope.message
        return isinstance(event, (PreviewReady, PreviewFailed)) and event.preview == self._name


def start_preview(client: EngineClient, request: PreviewRequest) -> Preview:
    """Send the request of a preview, again while the worker of a fresh engine is loading.

    Args:
        client: a connection to the engine.
        request: the preview.

    Raises:
        SparkVSRError: where the engine refuses it.
    """
    inbox = Inbox(client)
    try:
        accepted = request_when_loaded(client, request, PreviewAccepted, _ACCEPT_SECONDS)
    except BaseException:
        inbox.close()
        raise
    return Preview(client, inbox, accepted.preview)
