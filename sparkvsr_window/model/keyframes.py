"""Keyframes: added, given a picture, painted outside and picked up when saved, taken away."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_bridge.hosts.numbering import number_in_name
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.messages import PreviewAccepted, PreviewFailed, PreviewReady, PreviewRequest
from sparkvsr_bridge.settings import GUIDANCE_LIMIT
from sparkvsr_window.model.core import Core
from sparkvsr_window.model.documents.records import PAINTED, PICTURE, Document, KeyframeMark
from sparkvsr_window.model.documents.shot_requests import shot_request

_LOOK_SECONDS = 0.5
_LINEAR_SAMPLES = ("float16", "float32")

OpenEditor = Callable[[Path], None]


class Keyframes:
    """The keyframes of the document.

    folder: where pictures to paint on are put. open_editor: opens a picture in the editor of choice.
    """

    def __init__(self, core: Core, folder: Path, open_editor: OpenEditor) -> None:
        self._core = core
        self._folder = folder
        self.open_editor = open_editor
        self._looked_at = 0.0
        self._is_looking = False
        self._stamps: dict[str, int] = {}
        self._to_edit: dict[str, tuple[str, int, Path]] = {}
        self._early: dict[str, PreviewReady | PreviewFailed] = {}
        core.on_news.append(self._take_in)

    @property
    def is_preparing(self) -> bool:
        """Whether a picture to paint on is on its way."""
        return bool(self._to_edit)

    def add(self) -> None:
        """A keyframe at the frame in view, its picture made by the engine."""
        document, frame = self._core.document, self._core.viewing.playhead
        if document is not None and document.keyframe_at(frame) is None:
            self._core.set_document(document.with_keyframe(KeyframeMark(frame)))

    def remove(self, frame: int) -> None:
        """Take a keyframe away; its picture file stays."""
        if self._core.document is not None:
            self._core.set_document(self._core.document.without_keyframe(frame))

    def set_strength(self, frame: int, strength: float) -> None:
        """How far a keyframe is followed, 0..2."""
        self._change(frame, strength=min(max(strength, 0.0), GUIDANCE_LIMIT))

    def set_matte(self, frame: int, path: str) -> None:
        """A picture that limits where a keyframe counts; empty for everywhere."""
        self._change(frame, matte=path)

    def set_picture(self, frame: int, path: str) -> None:
        """Give a keyframe a picture, adding it where there is none."""
        document = self._core.document
        if document is None:
            return
        stamp = stamp_of(Path(path))
        if not stamp:
            self._core.fail(MediaUnreadable(f"{path} is not there; choose a picture that is."))
            return
        mark = document.keyframe_at(frame) or KeyframeMark(frame)
        origin = mark.origin if mark.image == path else PICTURE
        self._core.set_document(document.with_keyframe(replace(mark, image=path, stamp=stamp, origin=origin)))

    def drop_picture(self, path: str, frame: int | None = None) -> None:
        """Take a picture that was dropped: at `frame`, else at its name's number, else in view."""
        document = self._core.document
        if document is None:
            return
        named = number_in_name(Path(path).name)
        info = document.clip.info
        is_inside = named is not None and info.first_frame <= named <= info.last_frame
        target = frame if frame is not None else named if is_inside else self._core.viewing.playhead
        assert target is not None
        self.set_picture(target, path)
        self._core.inform(f"{Path(path).name} is the keyframe of frame {target}.")

    def edit(self, frame: int) -> None:
        """Open a keyframe's picture in the editor; one the engine makes is made first, to be painted on."""
        document = self._core.document
        if document is None:
            return
        mark = document.keyframe_at(frame)
        if mark is not None and mark.image:
            self.open_editor(Path(mark.image))
            return
        self._core.set_document(document.with_keyframe(mark or KeyframeMark(frame)))
        path = self.picture_path(document, frame)
        if path.is_file():
            self._begin_painting(document.clip.path, frame, path)
            return
        request = _painting_request(document, mark or KeyframeMark(frame), path)
        self._core.inform(f"The picture of frame {frame} is being made; the editor opens when it is there.")
        self._core.link.run(
            lambda client: _ask_for_picture(client, request, path),
            lambda name: self._accepted(name, (document.clip.path, frame, path)),
        )

    def picture_path(self, document: Document, frame: int) -> Path:
        """Where the picture of a frame to paint on lies."""
        clip = document.clip
        extension = ".exr" if clip.info.sample in _LINEAR_SAMPLES else ".png"
        mark = hashlib.sha256(clip.path.encode("utf-8", "surrogateescape")).hexdigest()[:8]
        size = "x".join(map(str, document.output_size))
        stem = Path(clip.path).name.split(".")[0] or "clip"
        return self._folder / f"{stem}-{mark}" / f"{stem}_{size}_key.{frame:04d}{extension}"

    def tick(self) -> None:
        """Look twice a second, on a thread, whether pictures were saved anew."""
        core = self._core
        document, now = core.document, core.clock()
        if document is None or self._is_looking or now - self._looked_at < _LOOK_SECONDS:
            return
        paths = {mark.image for mark in document.keyframes if mark.image}
        if not paths:
            return
        self._looked_at, self._is_looking = now, True
        core.in_background(lambda: {path: stamp_of(Path(path)) for path in paths}, self._looked)

    def _looked(self, stamps: dict[str, int]) -> None:
        self._is_looking = False
        before, self._stamps = self._stamps, stamps
        document = self._core.document
        if document is None:
            return
        for mark in document.keyframes:
            stamp = stamps.get(mark.image, mark.stamp)
            # A file that was another one at the last look is still being written.
            if stamp in (mark.stamp, 0) or stamp != before.get(mark.image):
                continue
            origin = PAINTED if Path(mark.image).is_relative_to(self._folder) else mark.origin
            self._change(mark.frame, stamp=stamp, origin=origin)
            self._core.inform(f"The keyframe of frame {mark.frame} was saved anew and is used from now on.")

    def _begin_painting(self, clip: str, frame: int, path: Path) -> None:
        document = self._core.document
        if document is None or document.clip.path != clip:
            return
        mark = document.keyframe_at(frame) or KeyframeMark(frame)
        self._core.set_document(
            document.with_keyframe(replace(mark, image=str(path), stamp=stamp_of(path), origin=PAINTED))
        )
        self.open_editor(path)

    def _change(self, frame: int, **changes: object) -> None:
        document = self._core.document
        mark = document.keyframe_at(frame) if document is not None else None
        if document is not None and mark is not None:
            self._core.set_document(document.with_keyframe(replace(mark, **changes)))  # type: ignore[arg-type]

    def _accepted(self, name: str, picture: tuple[str, int, Path]) -> None:
        self._to_edit[name] = picture
        early = self._early.pop(name, None)
        if early is not None:
            self._take_in(early)

    def _take_in(self, news: object) -> None:
        if not isinstance(news, (PreviewReady, PreviewFailed)):
            return
        if news.preview not in self._to_edit:
            # It may have overtaken the reply that names it; the last one is enough for that.
            self._early = {news.preview: news}
            return
        clip, frame, path = self._to_edit.pop(news.preview)
        if isinstance(news, PreviewFailed):
            self._core.fail(news.error.to_error())
        else:
            self._begin_painting(clip, frame, path)


def stamp_of(path: Path) -> int:
    """When a file was last saved, in nanoseconds; 0 where it is not there or empty."""
    try:
        state = path.stat()
    except OSError:
        return 0
    return state.st_mtime_ns if state.st_size else 0


def _painting_request(document: Document, mark: KeyframeMark, path: Path) -> PreviewRequest:
    """The frame as its own keyframe makes it, as a file."""
    request = shot_request(replace(document, keyframes=(replace(mark, image="", matte="", strength=1.0),)))
    return PreviewRequest(
        SourceMedia(request.path, mark.frame, mark.frame),
        mark.frame,
        request.settings(),
        replace(request, first=mark.frame, last=mark.frame).engine_keyframes(),
        slot=f"window keyframe {mark.frame}",
        target=str(path),
    )


def _ask_for_picture(client: object, request: PreviewRequest, path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    return client.request(request, PreviewAccepted).preview  # type: ignore[attr-defined]
