"""Which pictures are on the screen, and where: the source, the preview, versions, the map of trust."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from sparkvsr_bridge.hosts.job_list import sentence_of
from sparkvsr_window.frames.keys import PictureKey, ScreenPicture, Transform
from sparkvsr_window.model.core import PICTURE, Core
from sparkvsr_window.model.documents.records import Document, Region, Version
from sparkvsr_window.model.engine.previews import LivePreview
from sparkvsr_window.model.viewing import HEAT_MAP, PREVIEW, SOURCE, VERSION, Side

_AHEAD = 6
_RETRY_SECONDS = 2.0
_THUMBNAIL = (160, 90)
_NUMBER = re.compile(r"%0?(\d*)d")


@dataclass(frozen=True, eq=False)
class Placed:
    """A picture and where it lies in the result's pixels (None: it fills the frame).

    label: what it is, for people. note: a sentence where it is not quite that. frame: which it shows.
    under: what is seen where it does not reach: the source, enlarged by the screen.
    """

    picture: ScreenPicture | None
    label: str
    frame: int
    region: Region | None = None
    note: str = ""
    under: ScreenPicture | None = None


class Pictures:
    """Pictures of both sides for the frame in view, and thumbnails."""

    def __init__(self, core: Core, preview: LivePreview) -> None:
        self._core = core
        self._preview = preview
        self._thumbnails: tuple[PictureKey, ...] = ()
        self._last: dict[int, Placed] = {}
        self.heat_map: tuple[tuple[str, int], int, ScreenPicture] | None = None
        self._failed_since: float | None = None
        self._tried_at = 0.0

    def forget(self) -> None:
        """Another clip is shown from now on."""
        self._last.clear()
        self.heat_map = None

    def order(self) -> None:
        """Have read what is looked at, then what comes next, then thumbnails."""
        core, document = self._core, self._core.document
        if document is None:
            core.reader.want(())
            return
        frame = core.viewing.playhead
        keys = [self._key(side, document, frame) for side in core.viewing.sides]
        later = list(self._thumbnails)
        if core.viewing.is_playing:
            step = 1 if core.viewing.speed > 0 else -1
            ahead = (document.clip.nearest(frame + step * count) for count in range(1, _AHEAD))
            first = core.viewing.sides[0]
            later = [key for each in ahead if (key := self._key(first, document, each)) is not None]
        core.reader.want([key for key in keys if key is not None], later)

    def placed(self, index: int) -> Placed | None:
        """The picture of a side. While it is on its way the one before stays, so that nothing blinks."""
        core, document = self._core, self._core.document
        if document is None or index >= len(core.viewing.sides):
            return None
        placed = self._placed(core.viewing.sides[index], document, core.viewing.playhead)
        if placed.picture is not None:
            self._last[index] = placed
            return placed
        last = self._last.get(index)
        if last is None or placed.under is not None or last.label != placed.label:
            return placed
        return replace(last, note=placed.note) if placed.note else last

    def tick(self) -> None:
        """Show why a picture does not come, and try again every few seconds: a disk may be back."""
        core, document = self._core, self._core.document
        if document is None:
            return
        keys = (self._key(side, document, core.viewing.playhead) for side in core.viewing.sides)
        errors = [error for key in keys if key is not None and (error := core.reader.error(key)) is not None]
        if not errors:
            self._failed_since = None
            return
        now = core.clock()
        if self._failed_since is None:
            self._failed_since = self._tried_at = now
            core.fail(errors[0])
            core.touch(PICTURE)
        if now - self._tried_at >= _RETRY_SECONDS:
            self._tried_at = now
            core.reader.retry()

    def thumbnail(self, frame: int, image: str = "", stamp: int = 0) -> ScreenPicture | None:
        """A small picture of a source frame, or of a keyframe's file; ordered by `order_thumbnails`."""
        return self._core.reader.picture(self.thumbnail_key(frame, image, stamp))

    def thumbnail_key(self, frame: int, image: str = "", stamp: int = 0) -> PictureKey:
        """The name of that picture."""
        document = self._core.document
        assert document is not None
        if image:
            return PictureKey(image, None, _THUMBNAIL, self._core.transform, stamp)
        return PictureKey(document.clip.path, frame, _THUMBNAIL, self._core.transform)

    def order_thumbnails(self) -> None:
        """Want the small pictures of the document's keyframes."""
        document = self._core.document
        marks = document.keyframes if document is not None else ()
        self._thumbnails = tuple(self.thumbnail_key(mark.frame, mark.image, mark.stamp) for mark in marks)

    def _placed(self, side: Side, document: Document, frame: int) -> Placed:
        if side.kind == PREVIEW:
            return self._previewed(document, frame)
        if side.kind == HEAT_MAP:
            return self._mapped(side, frame)
        key = self._key(side, document, frame)
        label = label_of(side, document)
        if key is None:
            return Placed(None, label, frame, note=self._missing(side, document, frame))
        error = self._core.reader.error(key)
        picture = self._core.reader.picture(key)
        note = picture.note if picture is not None else sentence_of(error) if error is not None else ""
        return Placed(picture, label, frame, note=note)

    def _previewed(self, document: Document, frame: int) -> Placed:
        preview = self._preview.picture
        if preview is None or preview.wish.frame != frame or preview.wish.document.clip != document.clip:
            return Placed(None, "Preview", frame, under=self._source(document, frame))
        label = "Preview" if preview.stage == "full" else "Quick preview"
        region = preview.wish.region
        # A whole frame hides the source.
        under = self._source(document, frame) if region is not None else None
        return Placed(preview.picture, label, frame, region, under=under)

    def _mapped(self, side: Side, frame: int) -> Placed:
        heat_map = self.heat_map
        if heat_map is None or heat_map[:2] != (side.version, frame):
            return Placed(None, "Trust", frame, under=self._source(self._core.document, frame))
        return Placed(heat_map[2], "Trust", frame)

    def _source(self, document: Document | None, frame: int) -> ScreenPicture | None:
        if document is None:
            return None
        return self._core.reader.picture(PictureKey(document.clip.path, frame, None, self._core.transform))

    def _key(self, side: Side, document: Document, frame: int) -> PictureKey | None:
        if side.kind != VERSION:
            # The source lies under what the engine makes, while that is on its way and around a region.
            return PictureKey(document.clip.path, frame, None, self._core.transform)
        version = document.version(side.version) if side.version else None
        return None if version is None else version_key(version, frame, self._core.transform)

    def _missing(self, side: Side, document: Document, frame: int) -> str:
        version = document.version(side.version) if side.version else None
        if version is None:
            return "There is no such version; render the range."
        if not version.first <= frame <= version.last:
            return f"Version {version.number} has frames {version.first} to {version.last}."
        return f"Version {version.number} can be shown when it is finished."


def version_key(version: Version, frame: int, transform: Transform) -> PictureKey | None:
    """The picture of a frame of a version; None where it cannot be there yet."""
    if not version.first <= frame <= version.last:
        return None
    name = Path(version.target).name
    if _NUMBER.search(name):
        path = str(
            Path(version.target).with_name(_NUMBER.sub(lambda match: f"{frame:0{match[1] or 1}d}", name))
        )
        return PictureKey(path, None, None, transform)
    if version.state != "finished":
        return None
    return PictureKey(version.target, frame - version.first, None, transform)


def label_of(side: Side, document: Document) -> str:
    """What a side shows, in a word or two."""
    version = document.version(side.version) if side.version else None
    names = {SOURCE: "Source", PREVIEW: "Preview", HEAT_MAP: "Trust"}
    if side.kind == VERSION:
        return f"Version {version.number}" if version is not None else "Version"
    return names[side.kind]
