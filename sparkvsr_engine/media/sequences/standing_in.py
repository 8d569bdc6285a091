"""Which frame of a sequence stands in for one whose file is damaged: the nearest before it, else after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import TypeVar

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.faults import FrameDamaged

Content = TypeVar("Content")


def nearest_whole(number: int, available: FrameSpan, read: Callable[[int], Content]) -> tuple[int, Content]:
    """The frame whose file is not damaged and what `read` gives of it; `number` itself where it is whole.

    Raises what `read` raises of the frame itself but for damage, and that where no frame is whole.

    Args:
        number: the frame's number.
        available: the frames that the source has.
        read: reads a frame.
    """
    try:
        return number, read(number)
    except FrameDamaged as error:
        for near in _around(number, available):
            try:
                return near, read(near)
            except MediaUnreadable:
                # Damaged too, or of another size or kind behind the frames that were asked for.
                continue
        raise error from None


def _around(number: int, available: FrameSpan) -> Iterator[int]:
    before = range(number - 1, available.first - 1, -1)
    return chain(before, range(number + 1, available.last + 1))
