"""The frame in view as the engine would render it: always the newest wish, one at a time.

While a picture is being made, later wishes wait, and only the newest of them is asked for: a slider that
moves gets a picture as often as the engine makes one, instead of none until it rests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sparkvsr_bridge.errors import MediaUnreadable, StateConflict
from sparkvsr_bridge.media import Region as RegionRecord
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.messages import PreviewAccepted, PreviewFailed, PreviewReady, PreviewRequest
from sparkvsr_window.frames.codes import screen_picture
from sparkvsr_window.frames.keys import ScreenPicture
from sparkvsr_window.model.documents.records import Document, Region
from sparkvsr_window.model.documents.shot_requests import shot_request
from sparkvsr_window.model.engine.engine_link import EngineLink

ShowLight = Callable[[str, Any, bytes, Callable[[ScreenPicture | None, Exception | None], None]], None]

_SLOT = "window"
_MOMENT_SECONDS = 0.5


@dataclass(frozen=True)
class PreviewWish:
    """What is wanted: a frame of a document, and the part of the result to show (None: all of it)."""

    document: Document
    frame: int
    region: Region | None = None

    @property
    def key(self) -> object:
        """What its pixels depend on."""
        strengths = tuple((mark.strength, mark.matte) for mark in self.document.keyframes)
        return self.frame, self.region, _passes(self), self.document.settings.guidance, strengths

    def is_like(self, wish: PreviewWish) -> bool:
        """Whether one differs from the other by what needs no network pass alone."""
        return self.frame == wish.frame and self.region == wish.region and _passes(self) == _passes(wish)

    def request(self) -> PreviewRequest:
        """As the engine is asked; raises InvalidSettings."""
        request = shot_request(self.document)
        # The frame alone is put out; its surroundings and keyframes are found from it.
        return PreviewRequest(
            SourceMedia(request.path, self.frame, self.frame),
            self.frame,
            request.settings(),
            # All keyframes count, those outside the range as well, as in a job.
            replace(request, first=_LOWEST, last=_HIGHEST).engine_keyframes(),
            RegionRecord(*self.region) if self.region else None,
            slot=_SLOT,
            quick_first=self.region is None,
        )


_LOWEST, _HIGHEST = -(2**53), 2**53


def _passes(wish: PreviewWish) -> Any:
    """What network passes depend on."""
    marks = tuple((mark.frame, mark.image, mark.stamp, mark.colour) for mark in wish.document.keyframes)
    return wish.document.clip.path, replace(wish.document.settings, guidance=1.0), marks


@dataclass(frozen=True, eq=False)
class PreviewPicture:
    """A preview that came. seconds: from request to picture. stage: `quick` or `full`."""

    wish: PreviewWish
    picture: ScreenPicture
    stage: str
    seconds: float


@dataclass(frozen=True, eq=False)
class PreviewPixels:
    """News from the client's thread: a preview's pixels, taken out of the message before they are gone.

    picture: None for scene-linear light, which `light` has as bytes: a display's view must show it.
    """

    event: PreviewReady
    picture: ScreenPicture | None
    light: bytes = b""


def take_pixels(post: Callable[[Any], None], client: Any, envelope: Any) -> None:
    """A session's listener that leaves previews' pixels as news."""
    event = envelope.message
    if not isinstance(event, PreviewReady) or event.image.format is None:
        return
    with client.open_image(envelope, event.image) as pixels:
        if event.image.format.sample.startswith("float"):
            post(PreviewPixels(event, None, bytes(pixels)))
        else:
            post(PreviewPixels(event, screen_picture(pixels, event.image.format)))


class LivePreview:
    """Asks for previews and keeps the last picture. on_error: what went wrong, but for being superseded.

    show_light: has a picture of scene-linear light shown; see `FrameReader.show_light`.
    """

    def __init__(
        self,
        link: EngineLink,
        on_picture: Callable[[PreviewPicture, tuple[str, ...]], None],
        on_error: Callable[[Exception], None],
        clock: Callable[[], float],
        show_light: ShowLight,
    ) -> None:
        self._show_light = show_light
        self._clock = clock
        self._sent_at = 0.0
        self._link = link
        self._on_picture = on_picture
        self._on_error = on_error
        self._newest: PreviewWish | None = None
        self._in_hand: PreviewWish | None = None
        self._name = ""
        self._failed: object = None
        self._early: dict[str, list[Any]] = {}
        self.picture: PreviewPicture | None = None

    def is_slow(self, now: float) -> bool:
        """Whether a picture is on its way for longer than a moment."""
        return self._in_hand is not None and now - self._sent_at > _MOMENT_SECONDS

    def wants(self, wish: PreviewWish) -> bool:
        """Whether this is shown, on its way or asked for already."""
        if self._newest is None or self._newest.key != wish.key:
            return False
        is_shown = self.picture is not None and self.picture.wish.key == wish.key
        return is_shown or self._in_hand is not None or self._failed == wish.key

    def ask(self, wish: PreviewWish) -> None:
        """Want a picture in place of what was wanted before."""
        self._newest, self._failed = wish, None
        if self._in_hand is None or not wish.is_like(self._in_hand):
            self._send(wish)

    def forget(self) -> None:
        """Want nothing; what is on its way is not shown."""
        self._newest = self._in_hand = self.picture = None
        self._name = ""

    def take_in(self, news: Any) -> None:
        """A preview's picture, or why there is none; other news does not concern it."""
        if isinstance(news, PreviewPixels):
            self._arrived(news.event.preview, news)
        elif isinstance(news, PreviewFailed):
            self._arrived(news.preview, news)

    def engine_lost(self) -> None:
        """What was on its way will not come; the newest wish is sent again with the next `ask`."""
        self._in_hand, self._name = None, ""

    def _send(self, wish: PreviewWish) -> None:
        self._in_hand, self._name, self._sent_at = wish, "", self._clock()
        try:
            request = wish.request()
        except Exception as error:
            self._fail(wish, error)
            return
        self._link.run(
            lambda client: client.request(request, PreviewAccepted).preview,
            lambda name: self._accepted(wish, name),
            lambda error: self._fail(wish, error),
        )

    def _accepted(self, wish: PreviewWish, name: str) -> None:
        early = self._early.pop(name, [])
        if wish is not self._in_hand:
            return
        self._name = name
        for news in early:
            self._arrived(name, news)

    def _arrived(self, name: str, news: Any) -> None:
        wish = self._in_hand
        if wish is None:
            return
        if name != self._name:
            if not self._name:
                # It overtook the reply that names it.
                self._early = {name: [*self._early.get(name, []), news]}
            return
        if isinstance(news, PreviewFailed):
            self._fail(wish, news.error.to_error())
            return
        if news.picture is not None:
            self._place(wish, news.event, news.picture, None)
        else:
            self._show_light(
                wish.document.clip.path,
                news.event.image.format,
                news.light,
                lambda picture, error: self._place(wish, news.event, picture, error),
            )

    def _place(
        self, wish: PreviewWish, event: PreviewReady, picture: ScreenPicture | None, error: Exception | None
    ) -> None:
        if wish is not self._in_hand:
            return
        if picture is None:
            self._fail(wish, error or MediaUnreadable("The preview cannot be shown; ask for it again."))
            return
        self.picture = PreviewPicture(wish, picture, event.stage, event.seconds)
        self._on_picture(self.picture, event.warnings)
        if event.stage == "full":
            self._go_on(wish)

    def _fail(self, wish: PreviewWish, error: Exception) -> None:
        if wish is not self._in_hand:
            return
        if not isinstance(error, StateConflict):
            self._failed = wish.key
            self._on_error(error)
        self._go_on(wish)

    def _go_on(self, done: PreviewWish) -> None:
        self._in_hand, self._name = None, ""
        newest = self._newest
        if newest is not None and newest.key != done.key:
            self._send(newest)
