"""Frames that are in memory already, as restorers read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sparkvsr_engine.core.arrays import Picture, Pixels
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.pictures.headroom import split_headroom
from sparkvsr_engine.media.pixels import to_finite
from sparkvsr_engine.storage.bounded_dict import BoundedDict

_KEPT_FRAMES = 6


class FramesInMemory:
    """Frames as restorers read them (`models.base.FrameReader`): within 0..1.

    Args:
        frames: by their numbers.
        span: the shot.
    """

    def __init__(self, frames: Sequence[Pixels] | Mapping[int, Pixels], span: FrameSpan) -> None:
        self._frames = frames
        self._span = span
        # A restorer reads a frame several times, and those around it.
        self._latest: BoundedDict[int, Picture] = BoundedDict(_KEPT_FRAMES)

    @property
    def span(self) -> FrameSpan:
        """The shot."""
        return self._span

    def read(self, frame: int) -> Picture:
        """A frame in model space, the nearest where the shot has none of this number."""
        at = self._span.clamp(frame)
        return self._latest.get_or_make(at, lambda: split_headroom(to_finite(self._frames[at]))[0])

    def headroom(self, frame: int) -> Picture | None:
        """What of a frame lies beyond 0..1, float32 [H, W, 3]; None for nothing."""
        return split_headroom(to_finite(self._frames[self._span.clamp(frame)]))[1]
