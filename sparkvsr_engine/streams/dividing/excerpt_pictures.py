"""Pictures of excerpts, held while divisions are tried: each is asked for at every quality that is tried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from sparkvsr_engine.streams.reducing import ReducedFrames

# Two excerpts of a reduced movie up to 480x270 at 8 bits, and some keyframes. Of larger ones what fits.
_SMALL_BYTES, _FULL_BYTES = 64 << 20, 64 << 20


class ExcerptPictures:
    """Reads frames for both tracks, and holds as many as a limit of bytes allows; others are read again.

    pictures: read from. small_bytes, full_bytes: the limits of reduced frames and of frames at full size.
    """

    def __init__(
        self, pictures: ReducedFrames, small_bytes: int = _SMALL_BYTES, full_bytes: int = _FULL_BYTES
    ) -> None:
        self._small = _Held(pictures.small, small_bytes)
        self._full = _Held(pictures.full, full_bytes)

    def small(self, frame: int) -> NDArray[Any]:
        """A frame reduced, [h, w, 3]; not to be written to."""
        return self._small.read(frame)

    def full(self, frame: int) -> NDArray[Any]:
        """A frame at its own size, [H, W, 3]; not to be written to."""
        return self._full.read(frame)


class _Held:
    """The first frames that are asked for stay: they are asked for in turn, where the last ones would never
    be there when they come again.
    """

    def __init__(self, read: Callable[[int], NDArray[Any]], most_bytes: int) -> None:
        self._read, self._left = read, most_bytes
        self._held: dict[int, NDArray[Any]] = {}

    def read(self, frame: int) -> NDArray[Any]:
        if frame in self._held:
            return self._held[frame]
        pixels = self._read(frame)
        if pixels.nbytes <= self._left:
            self._left -= pixels.nbytes
            self._held[frame] = pixels
        return pixels
