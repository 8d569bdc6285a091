"""A picture between nodes: planes over a box of a format, and metadata."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tests.fakes.nuke.formats import Format

Sides = "tuple[int, int, int, int]"
RGBA = ("rgba.red", "rgba.green", "rgba.blue", "rgba.alpha")


class RenderError(RuntimeError):
    """A node cannot give its picture: the node, and what stands beside it in the interface."""

    def __init__(self, node: Any, message: str) -> None:
        super().__init__(f"{node._full_name()}: {message}")
        self.node, self.message = node, message


@dataclass(frozen=True)
class Picture:
    """Planes by channel, float32 [t - y, r - x], the top row first.

    box: x, y, r, t of the pixels there are, origin at the bottom left of the format; beyond it is black.
    """

    format: Format
    box: tuple[int, int, int, int]
    planes: dict[str, np.ndarray] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the box."""
        return self.box[2] - self.box[0], self.box[3] - self.box[1]

    def over(self, box: tuple[int, int, int, int]) -> Picture:
        """The same picture, its planes cut or filled with black to cover exactly `box`."""
        return replace(
            self, box=box, planes={name: moved(plane, self.box, box) for name, plane in self.planes.items()}
        )

    def plane(self, name: str) -> np.ndarray:
        """A channel; black where there is none."""
        width, height = self.size
        return self.planes.get(name, np.zeros((height, width), np.float32))

    def at(self, name: str, x: float, y: float) -> float:
        column, row = int(np.floor(x)) - self.box[0], self.box[3] - 1 - int(np.floor(y))
        width, height = self.size
        if not (0 <= column < width and 0 <= row < height):
            return 0.0
        return float(self.plane(name)[row, column])


def moved(plane: np.ndarray, box: tuple[int, ...], onto: tuple[int, ...]) -> np.ndarray:
    """A plane of one box laid onto another: same place, black around."""
    result = np.zeros((onto[3] - onto[1], onto[2] - onto[0]), np.float32)
    x, y, r, t = max(box[0], onto[0]), max(box[1], onto[1]), min(box[2], onto[2]), min(box[3], onto[3])
    if x < r and y < t:
        result[onto[3] - t : onto[3] - y, x - onto[0] : r - onto[0]] = plane[
            box[3] - t : box[3] - y, x - box[0] : r - box[0]
        ]
    return result


def full_box(shape: Format) -> tuple[int, int, int, int]:
    return 0, 0, shape._width, shape._height


def black(shape: Format, channels: tuple[str, ...] = RGBA) -> Picture:
    planes = {name: np.zeros((shape._height, shape._width), np.float32) for name in channels}
    return Picture(shape, full_box(shape), planes)


def union(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, int, int, int]:
    return (
        min(first[0], second[0]),
        min(first[1], second[1]),
        max(first[2], second[2]),
        max(first[3], second[3]),
    )


def layer_of(channel: str) -> str:
    return channel.split(".", 1)[0]


def chosen(channels: str, picture: Picture) -> list[str]:
    """The channels of a picture that a mask such as `rgb`, `rgba`, `all`, `depth` means."""
    names: list[str] = []
    for word in channels.split():
        if word == "all":
            names += list(picture.planes)
        elif word in ("rgb", "rgba", "alpha"):
            names += {"rgb": RGBA[:3], "rgba": RGBA, "alpha": RGBA[3:]}[word]
        elif "." in word:
            names.append(word)
        elif word not in ("none", "false"):
            names += [name for name in picture.planes if layer_of(name) == word]
    return list(dict.fromkeys(names))
