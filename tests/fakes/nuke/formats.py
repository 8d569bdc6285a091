"""Formats, boxes, frame ranges, views and the context a path is evaluated in."""

from __future__ import annotations

from typing import Any

from tests.fakes.nuke.application import current
from tests.fakes.nuke.contract import held_to_the_table
from tests.fakes.nuke.refusals import refused

STOCK = (
    "640 480 0 0 640 480 1 PC_Video",
    "720 486 0 0 720 486 0.91 NTSC",
    "720 576 0 0 720 576 1.09 PAL",
    "1280 720 0 0 1280 720 1 HD_720",
    "1920 1080 0 0 1920 1080 1 HD_1080",
    "3840 2160 0 0 3840 2160 1 UHD_4K",
    "256 256 0 0 256 256 1 square_256",
    "2048 1556 0 0 2048 1556 1 2K_Super_35(full-ap)",
    "2048 1080 0 0 2048 1080 1 2K_DCP",
)


@held_to_the_table
class Format:
    """A picture's size in pixels and the width of a pixel over its height."""

    def __init__(self, width: int, height: int, x: int, y: int, r: int, t: int, aspect: float) -> None:
        self._width, self._height, self._aspect, self._name = int(width), int(height), float(aspect), ""
        self._box = (int(x), int(y), int(r), int(t))

    def name(self) -> Any:
        return self._name or None

    def setName(self, name: str) -> None:
        self._name = name

    def width(self) -> int:
        return self._width

    def height(self) -> int:
        return self._height

    def x(self) -> int:
        return self._box[0]

    def y(self) -> int:
        return self._box[1]

    def r(self) -> int:
        return self._box[2]

    def t(self) -> int:
        return self._box[3]

    def pixelAspect(self) -> float:
        return self._aspect

    def setPixelAspect(self, aspect: float) -> None:
        self._aspect = aspect

    def add(self, name: str) -> None:
        self._name = name
        current().formats.append(self)

    def _text(self) -> str:
        sides = " ".join(str(side) for side in self._box)
        aspect = f"{self._aspect:g}"
        return f"{self._width} {self._height} {sides} {aspect} {self._name}".strip()

    def _key(self) -> tuple[int, int, float]:
        return self._width, self._height, self._aspect

    def __eq__(self, another: object) -> bool:
        return isinstance(another, Format) and self._key() == another._key()

    def __hash__(self) -> int:
        return hash(self._key())


def make_format(width: int, height: int, aspect: float = 1.0, name: str = "") -> Format:
    shape = Format.__new__(Format)
    shape._width, shape._height, shape._aspect, shape._name = int(width), int(height), float(aspect), name
    shape._box = (0, 0, int(width), int(height))
    return shape


def parse_format(text: str) -> Format:
    """A format of its text: `W H [x y r t] [aspect] [name]`. Raises: RuntimeError."""
    words = text.split()
    numbers: list[float] = []
    while words and _is_number(words[0]):
        numbers.append(float(words.pop(0)))
    if len(numbers) not in (2, 3, 6, 7):
        raise refused(RuntimeError(f"{text!r} is no format"))
    aspect = numbers[-1] if len(numbers) in (3, 7) else 1.0
    return make_format(int(numbers[0]), int(numbers[1]), aspect, " ".join(words))


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def named_format(name: str) -> Format | None:
    return next((shape for shape in current().formats if shape._name == name), None)


@held_to_the_table
class Box:
    """A box of whole pixels."""

    def __init__(self, x: int = 0, y: int = 0, r: int = 0, t: int = 0) -> None:
        self._x, self._y, self._r, self._t = x, y, r, t

    def x(self) -> int:
        return self._x

    def y(self) -> int:
        return self._y

    def r(self) -> int:
        return self._r

    def t(self) -> int:
        return self._t

    def w(self) -> int:
        return self._r - self._x

    def h(self) -> int:
        return self._t - self._y


@held_to_the_table
class Info(Box):
    """The box of a node's pixels."""


@held_to_the_table
class OutputContext:
    """A frame and a view to evaluate something in. Views count from 1; 0 is the default view."""

    def __init__(self) -> None:
        self._frame, self._view = current().frame, 1 + current().views.index(current().view)

    def frame(self) -> float:
        return self._frame

    def setFrame(self, frame: float) -> None:
        if isinstance(frame, bool) or not isinstance(frame, (int, float)):
            raise refused(TypeError(f"a frame is a number, not {frame!r}"))
        self._frame = float(frame)

    def view(self) -> int:
        return self._view

    def setView(self, view: int) -> None:
        if not isinstance(view, int) or not 0 <= view <= len(current().views):
            raise refused(TypeError(f"there is no view number {view!r}"))
        self._view = view

    def viewname(self, number: int) -> str:
        return current().views[number - 1]

    def viewshort(self, number: int) -> str:
        return current().views[number - 1][:1]

    def viewcount(self) -> int:
        return len(current().views) + 1

    def viewFromName(self, name: str) -> int:
        return current().views.index(name) + 1 if name in current().views else -1

    def _view_name(self) -> str:
        return current().views[max(0, self._view - 1)]


@held_to_the_table
class FrameRange:
    """First to last frame by an increment: `1-10x2`, or three numbers."""

    def __init__(self, *values: Any) -> None:
        if len(values) == 1 and isinstance(values[0], str):
            self._first, self._last, self._by = parse_range(values[0])
        elif len(values) in (0, 3):
            self._first, self._last, self._by = (int(value) for value in values or (0, 0, 1))
        else:
            raise refused(TypeError("FrameRange takes a text or first, last and increment"))

    def first(self) -> int:
        return self._first

    def last(self) -> int:
        return self._last

    def increment(self) -> int:
        return self._by

    def setFirst(self, first: int) -> None:
        self._first = int(first)

    def setLast(self, last: int) -> None:
        self._last = int(last)

    def setIncrement(self, by: int) -> None:
        self._by = int(by)

    def frames(self) -> int:
        return len(self._list())

    def getFrame(self, index: int) -> int:
        return self._list()[index]

    def isInRange(self, frame: int) -> bool:
        return frame in self._list()

    def minFrame(self) -> int:
        return min(self._first, self._last)

    def maxFrame(self) -> int:
        return max(self._first, self._last)

    def stepFrame(self) -> int:
        return abs(self._by)

    def __iter__(self) -> Any:
        return iter(self._list())

    def __str__(self) -> str:
        ending = "" if self._by == 1 else f"x{self._by}"
        return f"{self._first}-{self._last}{ending}"

    def _list(self) -> list[int]:
        by = self._by if self._last >= self._first else -abs(self._by)
        return list(range(self._first, self._last + (1 if by > 0 else -1), by))


def parse_range(text: str) -> tuple[int, int, int]:
    """Raises: RuntimeError for what is no frame range."""
    span, _, by = text.strip().partition("x")
    head, separator, tail = span[1:].partition("-")
    first = span[:1] + head
    try:
        return int(first), int(tail) if separator else int(first), int(by) if by else 1
    except ValueError:
        raise RuntimeError(f"{text!r} is no frame range") from None


@held_to_the_table
class FrameRanges:
    """Several ranges: `1-10 20 30-40x2`, a list of frames or of ranges."""

    def __init__(self, value: Any = ()) -> None:
        words = value.replace(",", " ").split() if isinstance(value, str) else list(value)
        self._ranges = [self._range_of(word) for word in words]

    @staticmethod
    def _range_of(word: Any) -> FrameRange:
        if isinstance(word, FrameRange):
            return word
        return FrameRange(word if isinstance(word, str) else str(int(word)))

    def size(self) -> int:
        return len(self._ranges)

    def add(self, another: Any) -> None:
        self._ranges.append(self._range_of(another))

    def clear(self) -> None:
        self._ranges.clear()

    def minFrame(self) -> int:
        return min(self.toFrameList())

    def maxFrame(self) -> int:
        return max(self.toFrameList())

    def compact(self) -> None:
        frames = self.toFrameList()
        self._ranges = [FrameRange(str(frame)) for frame in frames]

    def toFrameList(self) -> list[int]:
        return list(dict.fromkeys(frame for span in self._ranges for frame in span._list()))

    def __iter__(self) -> Any:
        return iter(self._ranges)

    def __str__(self) -> str:
        return " ".join(str(span) for span in self._ranges)
