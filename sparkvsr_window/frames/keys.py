"""What names a picture, and the picture itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

AS_STORED = "As stored"
"""The view that changes nothing: codes as the file has them."""


@dataclass(frozen=True)
class Transform:
    """How colours are shown; see `sparkvsr_engine.viewing`'s DisplayWish.

    display, view: empty for what suits the source. config: of OpenColorIO. space: of the source.
    """

    display: str = ""
    view: str = ""
    config: str = ""
    space: str = ""


@dataclass(frozen=True)
class PictureKey:
    """A picture that can be read.

    path: a source, or one picture file where number is None. fit: size that it is reduced to fit into.
    stamp: changes where the same name holds another picture.
    """

    path: str
    number: int | None = None
    fit: tuple[int, int] | None = None
    transform: Transform = Transform()
    stamp: int = 0

    def request(self) -> dict[str, Any]:
        """As the process that reads takes it."""
        values: dict[str, Any] = {"op": "still", "path": self.path, "transform": vars(self.transform)}
        if self.number is not None:
            values |= {"op": "frame", "number": self.number}
        if self.fit is not None:
            values["fit"] = list(self.fit)
        return values


@dataclass(frozen=True, eq=False)
class ScreenPicture:
    """A picture for the screen.

    pixels: height * width * 4 bytes: blue, green, red, 255. full_width, full_height: of the file's picture.
    note: a sentence where it is not quite what was asked for.
    """

    width: int
    height: int
    pixels: Any = field(repr=False)
    full_width: int
    full_height: int
    note: str = ""

    @property
    def nbytes(self) -> int:
        """Bytes of its pixels."""
        return self.width * self.height * 4
