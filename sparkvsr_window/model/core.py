"""What the parts of the model share: document, view, engine, pictures, messages, and what changed."""

from __future__ import annotations

import collections
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from sparkvsr_bridge.hosts.engine_place import EnginePlace
from sparkvsr_bridge.hosts.job_list import sentence_of
from sparkvsr_bridge.media import PixelFormat
from sparkvsr_bridge.reports import ModelReport
from sparkvsr_window.frames.keys import Transform
from sparkvsr_window.frames.reader import FrameReader, PictureThen
from sparkvsr_window.model.background import Background
from sparkvsr_window.model.documents.records import Document, Message
from sparkvsr_window.model.engine.engine_link import EngineLink
from sparkvsr_window.model.engine.previews import take_pixels
from sparkvsr_window.model.viewing import Viewing

DOCUMENT, VIEW, PICTURE, JOBS, MESSAGE, ENGINE = "document", "view", "picture", "jobs", "message", "engine"
"""Topics of change."""

_MOST_MESSAGES = 200


class Core:
    """The shared state. Used by one thread; engine and pictures come from threads of their own.

    models: of the engine's list, empty before the engine is there.

    wake: called from those threads when `WindowModel.poll` has something to do.
    """

    def __init__(
        self,
        place: EnginePlace,
        make_reader: Callable[[Callable[[], None]], FrameReader],
        wake: Callable[[], None],
    ) -> None:
        self.document: Document | None = None
        self.viewing = Viewing()
        self.transform = Transform()
        self.models: tuple[ModelReport, ...] = ()
        self.messages: collections.deque[Message] = collections.deque(maxlen=_MOST_MESSAGES)
        self.changed: set[str] = set()
        self.on_news: list[Callable[[object], object]] = []
        self.clock: Callable[[], float] = time.monotonic
        self.pictures_came = threading.Event()
        self._wake = wake
        self.background = Background(wake)
        self.in_background = self.background.run
        self.reader = make_reader(self._picture_came)
        self.link = EngineLink(place, self._take_in, self.fail, self._listen)

    def touch(self, *topics: str) -> None:
        """Mark what changed."""
        self.changed.update(topics)

    def set_document(self, document: Document) -> None:
        """Another state of the document."""
        if document != self.document:
            self.document = document
            self.touch(DOCUMENT)

    def set_viewing(self, **changes: object) -> None:
        """Another state of the view."""
        viewing = replace(self.viewing, **changes)  # type: ignore[arg-type]
        if viewing != self.viewing:
            self.viewing = viewing
            self.touch(VIEW)

    def inform(self, text: str, kind: str = "info") -> None:
        """A sentence for the artist; the same twice in a row is one."""
        message = Message(text, kind)
        if not self.messages or self.messages[-1] != message:
            self.messages.append(message)
            self.touch(MESSAGE)

    def show_light(self, path: str, layout: PixelFormat, pixels: bytes, then: PictureThen) -> None:
        """Have a picture in the light of a source shown as its frames are."""
        request = {
            "path": path,
            "transform": vars(self.transform),
            "width": layout.width,
            "height": layout.height,
            "channels": layout.channels,
            "sample": layout.sample,
        }
        self.reader.show_light(request, pixels, then)

    def fail(self, error: Exception) -> None:
        """A sentence about what went wrong."""
        self.inform(sentence_of(error), "error")

    def _picture_came(self) -> None:
        """Called in the reader's thread."""
        self.pictures_came.set()
        self._wake()

    def _listen(self, client: object, envelope: object) -> None:
        take_pixels(self.link.post, client, envelope)
        self._wake()

    def _take_in(self, news: object) -> None:
        for listener in self.on_news:
            listener(news)
