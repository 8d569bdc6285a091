"""What a node reports about its pictures: format, channels, range, metadata, hashes, errors."""

from __future__ import annotations

import zlib
from typing import Any

from tests.fakes.nuke.application import current
from tests.fakes.nuke.contract import held_to_the_table
from tests.fakes.nuke.formats import Format, FrameRange, Info
from tests.fakes.nuke.pictures import RenderError

UNSEEN = (
    "name",
    "xpos",
    "ypos",
    "selected",
    "label",
    "tile_color",
    "note_font_size",
    "knobChanged",
    "onCreate",
    "help",
)


@held_to_the_table
class NodeReports:
    """Mixed into `Node`; every answer is for the current frame and view."""

    _class: str
    _knobs: dict[str, Any]
    _parent: Any
    _inputs: list[Any]

    def format(self) -> Format:
        from tests.fakes.nuke.evaluation import format_of

        return format_of(self, current().frame, current().view)

    def width(self) -> int:
        return self.format()._width

    def height(self) -> int:
        return self.format()._height

    def pixelAspect(self) -> float:
        return self.format()._aspect

    def bbox(self) -> Info:
        x, y, r, t = self._picture().box
        box = Info.__new__(Info)
        box._x, box._y, box._r, box._t = x, y, r, t
        return box

    def channels(self) -> list[str]:
        try:
            return list(self._picture().planes)
        except RenderError:
            return []

    def metadata(self, key: str | None = None, time: float | None = None, view: str | None = None) -> Any:
        """All metadata, or one value; None for a disabled or failing node."""
        from tests.fakes.nuke.evaluation import is_disabled, picture_of

        frame = current().frame if time is None else time
        if is_disabled(self, frame, view or current().view):
            return None if key else {}
        try:
            metadata = picture_of(self, frame, view or current().view).metadata
        except RenderError:
            return None if key else {}
        return metadata.get(key) if key else dict(metadata)

    def firstFrame(self) -> int:
        from tests.fakes.nuke.evaluation import range_of

        return range_of(self)[0]

    def lastFrame(self) -> int:
        from tests.fakes.nuke.evaluation import range_of

        return range_of(self)[1]

    def frameRange(self) -> FrameRange:
        from tests.fakes.nuke.evaluation import range_of

        span = FrameRange.__new__(FrameRange)
        span._first, span._last = range_of(self)
        span._by = 1
        return span

    def hasError(self) -> bool:
        return self.error()

    def error(self) -> bool:
        try:
            self._picture()
        except RenderError as error:
            return error.node is self
        return False

    def treeHasError(self) -> bool:
        try:
            self._picture()
        except RenderError:
            return True
        return False

    def sample(
        self, c: str, x: float, y: float, dx: float = 1, dy: float = 1, frame: float | None = None
    ) -> float:
        """One channel at a point; origin at the bottom left, pixel centres at halves."""
        from tests.fakes.nuke.evaluation import picture_of

        picture = picture_of(self, current().frame if frame is None else frame, current().view)
        return picture.at({"red": "rgba.red", "green": "rgba.green", "blue": "rgba.blue"}.get(c, c), x, y)

    def opHashes(self) -> list[int]:
        """One number that changes whenever the picture of the current frame may."""
        return [_hash_of(self, current().frame, current().view, 0)]

    def dependencies(self, what: int = 3) -> list[Any]:
        return [node for node in self._inputs if node is not None]

    def dependent(self, what: int = 3, forceEvaluate: bool = True) -> list[Any]:
        siblings = self._parent._children.values() if self._parent is not None else ()
        return [node for node in siblings if self in node._inputs]

    def forceValidate(self) -> None:
        """Everything is always valid here."""

    def isLocalized(self) -> bool:
        return self._knobs["file"]._path_at(current().frame, current().view) in current().localised

    def _picture(self) -> Any:
        from tests.fakes.nuke.evaluation import picture_of

        return picture_of(self, current().frame, current().view)


def _hash_of(node: Any, frame: float, view: str, depth: int) -> int:
    from tests.fakes.nuke.evaluation import inputs_of, is_disabled, passes_through

    if node is None or depth > 200:
        return 0
    if passes_through(node) or is_disabled(node, frame, view):
        upstream = inputs_of(node, frame, view)
        return _hash_of(*upstream[0], depth + 1) if upstream else 0
    words = [node._class]
    for name, knob in sorted(node._knobs.items()):
        if name in UNSEEN or knob._is_user:
            continue
        words.append(f"{name}={_seen(knob, frame, view)}")
    words += [str(_hash_of(source, at, seen, depth + 1)) for source, at, seen in inputs_of(node, frame, view)]
    return zlib.crc32("\n".join(words).encode("utf-8"))


def _seen(knob: Any, frame: float, view: str) -> str:
    try:
        return knob._path_at(frame, view) if hasattr(knob, "_path_at") else knob._text_at(frame, view)
    except RuntimeError as error:
        return str(error)
