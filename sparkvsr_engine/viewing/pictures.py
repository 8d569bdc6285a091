"""Sources that are open, and pictures of them as a screen takes them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.base import ClipInfo, FrameSource
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.media.pixels import to_finite
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.viewing.display import AS_STORED, DisplayWish, display_transform

_MOST_OPEN = 4
CLIPPED = "Values below 0 and above 1 are clipped."


@dataclass(frozen=True, eq=False)
class ShownPicture:
    """A picture for a screen.

    pixels: [H, W, 4], uint8: blue, green, red, 255. full_width, full_height: of the file's picture.
    note: a sentence where it is not what was asked for, such as a neighbour of a damaged frame.
    """

    pixels: NDArray[np.uint8]
    full_width: int
    full_height: int
    note: str = ""


class Viewer:
    """Keeps the sources used last open, so that the next frame costs no second look at the file."""

    def __init__(self) -> None:
        self._open: OrderedDict[SourceMedia, tuple[ClipInfo, FrameSource]] = OrderedDict()

    def describe(self, source: SourceMedia) -> ClipInfo:
        """A look at a source, which is opened anew: its files may have changed. Raises MediaUnreadable."""
        self._forget(source)
        return self._opened(source)[0]

    def frame(
        self, source: SourceMedia, number: int, wish: DisplayWish, fit: tuple[int, int] | None = None
    ) -> ShownPicture:
        """A frame by the source's own number; damaged ones show a neighbour, with a note.

        Args:
            source: the source.
            number: the frame's number.
            wish: how it is to be shown.
            fit: the size the picture is reduced to fit into.

        Raises:
            MediaUnreadable: where the source cannot be read.
            InvalidSettings: where a value makes no sense.
        """
        info, frames = self._opened(source)
        try:
            frame = frames.read(number)
        except MediaUnreadable:
            # A disk that was pulled may come back: the next request opens the source anew.
            self._forget(source)
            raise
        note = f"Frame {number} is damaged; a neighbour is shown." if frame.is_concealed else ""
        return _shown_picture(frame.pixels, info, wish, fit, note)

    def still(self, path: str, wish: DisplayWish, fit: tuple[int, int] | None = None) -> ShownPicture:
        """One picture file, whatever its name.

        Args:
            path: of the file.
            wish: how it is to be shown.
            fit: width and height to fit into, None for its own size.

        Raises:
            MediaUnreadable: where the source cannot be read.
            InvalidSettings: where a value makes no sense.
        """
        source = SourceMedia(str(Path(path)))
        info = probe(source)
        frames = open_source(info, conceals=True)
        try:
            return _shown_picture(frames.read(info.available.first).pixels, info, wish, fit, "")
        finally:
            frames.close()

    def light(self, source: SourceMedia, pixels: NDArray[Any], wish: DisplayWish) -> ShownPicture:
        """A picture in a source's own light, as its preview has it: shown as its frames are.

        Args:
            source: whose light it is.
            pixels: float32 or float16 [H, W, 3 or 4].
            wish: how it is shown.

        Raises:
            MediaUnreadable: the source cannot be read.
            InvalidSettings: the wish names an unknown view.
        """
        return _shown_picture(pixels, self._opened(source)[0], wish, None, "")

    def close(self) -> None:
        """Close what is open."""
        for source in list(self._open):
            self._forget(source)

    def _opened(self, source: SourceMedia) -> tuple[ClipInfo, FrameSource]:
        if source not in self._open:
            info = probe(source)
            self._open[source] = info, open_source(info, conceals=True)
            while len(self._open) > _MOST_OPEN:
                self._forget(next(iter(self._open)))
        self._open.move_to_end(source)
        return self._open[source]

    def _forget(self, source: SourceMedia) -> None:
        pair = self._open.pop(source, None)
        if pair is not None:
            pair[1].close()


def _shown_picture(
    pixels: NDArray[Any], info: ClipInfo, wish: DisplayWish, fit: tuple[int, int] | None, note: str
) -> ShownPicture:
    height, width = pixels.shape[:2]
    size = fitting(width, height, fit)
    if size != (width, height):
        pixels = cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA)
    if wish.view == AS_STORED and _leaves_the_screen(pixels):
        note = f"{note} {CLIPPED}".strip()
    codes = display_transform(info, wish)(pixels)
    return ShownPicture(np.asarray(cv2.cvtColor(codes, cv2.COLOR_RGB2BGRA), np.uint8), width, height, note)


def _leaves_the_screen(pixels: NDArray[Any]) -> bool:
    """Whether there are colours that a screen cannot show as they are stored."""
    if pixels.dtype.kind != "f":
        return False
    colours = to_finite(pixels[..., :3])
    return float(colours.min()) < 0 or float(colours.max()) > 1


def fitting(width: int, height: int, fit: tuple[int, int] | None) -> tuple[int, int]:
    """The size of a picture reduced to fit into another, its shape kept; never enlarged.

    Args:
        width: in pixels.
        height: in pixels.
        fit: width and height to fit into, None for its own size.
    """
    if fit is None:
        return width, height
    factor = min(1.0, fit[0] / width, fit[1] / height)
    return max(1, round(width * factor)), max(1, round(height * factor))
