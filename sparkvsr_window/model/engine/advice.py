"""What the engine advises: where keyframes help, and how far a result trusts those it has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sparkvsr_bridge.errors import StateConflict
from sparkvsr_bridge.messages import (
    ConfidenceReply,
    ConfidenceRequest,
    KeyframeChoice,
    KeyframesReply,
    SuggestKeyframesRequest,
    SuggestNextRequest,
)
from sparkvsr_bridge.settings import KeyframePolicy
from sparkvsr_window.frames.codes import screen_picture
from sparkvsr_window.frames.keys import ScreenPicture
from sparkvsr_window.model.core import DOCUMENT, JOBS, PICTURE, VIEW, Core
from sparkvsr_window.model.documents.records import Document, KeyframeMark, Version
from sparkvsr_window.model.documents.shot_requests import shot_request
from sparkvsr_window.model.pictures import Pictures
from sparkvsr_window.model.viewing import HEAT_MAP

_COUNT = 3
_SUGGEST_SECONDS = 600.0
_HEAT_SECONDS = 60.0
_TRUST_SECONDS = 2.0

VersionKey = tuple[str, int]


class Advice:
    """Suggestions and trust of the document."""

    def __init__(self, core: Core, pictures: Pictures) -> None:
        self._core = core
        self._pictures = pictures
        self.suggestions: tuple[KeyframeChoice, ...] = ()
        self.is_suggesting = False
        self._trust: dict[VersionKey, dict[int, float]] = {}
        self._complete: set[VersionKey] = set()
        self._trust_asked_at = 0.0
        self._is_asking = False
        self._heat_request: tuple[VersionKey, int] | None = None

    def forget(self) -> None:
        """Another clip is worked on from now on."""
        self.suggestions, self.is_suggesting, self._heat_request = (), False, None

    @property
    def trust(self) -> dict[int, float]:
        """Mean trust in keyframes, 0..1, by frame, of the version shown, else of the newest."""
        version = self._version()
        return self._trust.get(version.key, {}) if version is not None else {}

    def suggest(self) -> None:
        """Ask where keyframes help most: by the newest version where one is finished, else by the source."""
        core, document = self._core, self._core.document
        if document is None or self.is_suggesting:
            return
        self.is_suggesting = True
        core.touch(DOCUMENT)
        core.inform("The engine looks for the frames where keyframes help most.")
        finished = [version for version in document.versions if version.state == "finished"]
        request = SuggestNextRequest(finished[-1].job, 0, _COUNT) if finished else _source_request(document)
        core.link.run(
            lambda client: client.request(request, KeyframesReply, _SUGGEST_SECONDS),
            lambda reply: self._suggested(document.clip.path, reply),
            self._no_suggestion,
            beside=True,
        )

    def accept(self) -> None:
        """Make keyframes of the suggestions."""
        document = self._core.document
        if document is None:
            return
        for choice in self.suggestions:
            if document.keyframe_at(choice.frame) is None:
                document = document.with_keyframe(KeyframeMark(choice.frame, reason=choice.reason))
        self.suggestions = ()
        self._core.set_document(document)

    def dismiss(self) -> None:
        """Forget the suggestions."""
        self.suggestions = ()
        self._core.touch(DOCUMENT)

    def tick(self) -> None:
        """Ask for the trust of the version in view as it grows, and for the heat map where one is shown."""
        core, version = self._core, self._version()
        if version is None or not core.link.is_ready:
            return
        now = core.clock()
        is_due = version.key not in self._complete and now - self._trust_asked_at >= _TRUST_SECONDS
        if is_due and not self._is_asking and version.state in ("running", "finished", "paused"):
            self._trust_asked_at, self._is_asking = now, True
            self._ask_trust(version)
        self._ask_heat_map()

    def _ask_trust(self, version: Version) -> None:
        request = ConfidenceRequest(version.job, version.number)
        is_finished = version.state == "finished"

        def take(reply: Any) -> None:
            self._is_asking = False
            trust = dict(zip(reply.frames, reply.trust, strict=True))
            if is_finished:
                self._complete.add(version.key)
            if trust != self._trust.get(version.key):
                self._trust[version.key] = trust
                self._core.touch(JOBS)

        def refused(_: Exception) -> None:
            self._is_asking = False
            if is_finished:
                self._complete.add(version.key)

        self._core.link.run(lambda client: client.request(request, ConfidenceReply), take, refused)

    def _ask_heat_map(self) -> None:
        viewing = self._core.viewing
        side = next((side for side in viewing.sides if side.kind == HEAT_MAP and side.version), None)
        if side is None or side.version is None or viewing.is_playing:
            return
        frame_key = (side.version, viewing.playhead)
        if self._heat_request == frame_key:
            return
        self._heat_request = frame_key
        (job, number), frame = frame_key

        def came(picture: ScreenPicture) -> None:
            self._pictures.heat_map = (side.version or ("", 0), frame, picture)
            self._core.touch(PICTURE)

        self._core.link.run(lambda client: _heat_map(client, job, number, frame), came, self._no_heat_map)

    def _no_heat_map(self, error: Exception) -> None:
        if isinstance(error, StateConflict):
            self._core.inform(error.message)
        else:
            self._core.fail(error)

    def _suggested(self, path: str, reply: KeyframesReply) -> None:
        core, document = self._core, self._core.document
        self.is_suggesting = False
        core.touch(DOCUMENT, VIEW)
        if document is None or document.clip.path != path:
            return
        if reply.cuts:
            core.set_document(replace(document, cuts=reply.cuts))
        present = {mark.frame for mark in document.keyframes}
        self.suggestions = tuple(choice for choice in reply.choices if choice.frame not in present)
        if reply.note:
            core.inform(reply.note)
        if not self.suggestions:
            core.inform("The engine suggests no further keyframes.")

    def _no_suggestion(self, error: Exception) -> None:
        self.is_suggesting = False
        self._core.touch(DOCUMENT)
        self._core.fail(error)

    def _version(self) -> Version | None:
        document = self._core.document
        if document is None or not document.versions:
            return None
        key = next((side.version for side in self._core.viewing.sides if side.version), None)
        version = document.version(key) if key is not None else None
        return version or document.versions[-1]


def _source_request(document: Document) -> SuggestKeyframesRequest:
    request = shot_request(document)
    budget = len(document.keyframes) + _COUNT
    settings = replace(request.settings(), policy=KeyframePolicy("adaptive", budget))
    return SuggestKeyframesRequest(request.source(), settings, request.engine_keyframes())


def _heat_map(client: Any, job: str, version: int, frame: int) -> ScreenPicture:
    envelope = client.request_envelope(ConfidenceRequest(job, version, frame), _HEAT_SECONDS)
    image = envelope.message.image
    with client.open_image(envelope, image) as pixels:
        return screen_picture(pixels, image.format)
