"""Run a network over a large picture in pieces, so that memory is bounded by the piece.

Each piece reads `reach` source pixels more than it puts out; where that is the network's whole reach, the
result is that of the picture in one go. Neighbours also fade into each other over `fade` pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from sparkvsr_bridge.errors import JobCancelled
from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.blending import accumulate
from sparkvsr_engine.core.intervals import Interval
from sparkvsr_engine.models.isr.upscaler import Cancelled

# The deep networks' nominal reach is hundreds of pixels; beyond this what a pixel adds is not seen.
WIDEST_REACH = 48


@dataclass(frozen=True)
class PieceLimits:
    """How a picture is cut; all in source pixels.

    side: the longest side of a piece, everything it reads included. fade: an even number.
    """

    side: int
    reach: int
    fade: int = 16

    def __post_init__(self) -> None:
        if self.fade < 0 or self.fade % 2 or self.reach < 0:
            raise ValueError(f"{self}: fade must be even and neither may be negative")
        if self.side < self.smallest_side:
            raise ValueError(f"{self}: a piece must have a side of {self.smallest_side} at least")

    @property
    def smallest_side(self) -> int:
        """Below it, sharing a side out evenly could leave a piece less than it fades."""
        return 2 * self.reach + max(3 * self.fade, 1)

    def halved(self, size: int) -> PieceLimits | None:
        """Limits that halve the pieces of a picture of `size` pixels, None when they cannot be smaller."""
        side = min(self.side, size)
        if side <= self.smallest_side:
            return None
        return replace(self, side=max(side // 2, self.smallest_side))


def plan_side(size: int, limits: PieceLimits) -> list[Interval]:
    """Cover `size` pixels with pieces of even length that read no more than `limits.side`."""
    if size <= limits.side:
        return [Interval(0, size, 0, size)]
    count = -(-size // (limits.side - 2 * limits.reach - limits.fade))
    cuts = [size * index // count for index in range(count + 1)]
    return [_piece(start, stop, size, limits) for start, stop in pairwise(cuts)]


def _piece(first: int, last: int, size: int, limits: PieceLimits) -> Interval:
    half = limits.fade // 2
    is_first, is_last = first == 0, last == size
    start, stop = (first if is_first else first - half), (last if is_last else last + half)
    return Interval(
        start,
        stop,
        max(0, start - limits.reach),
        min(size, stop + limits.reach),
        0 if is_first else limits.fade,
        0 if is_last else limits.fade,
    )


def _enlarged(interval: Interval, scale: int) -> Interval:
    return Interval(
        interval.start * scale,
        interval.stop * scale,
        interval.read_start * scale,
        interval.read_stop * scale,
        interval.fade_in * scale,
        interval.fade_out * scale,
    )


def run_in_pieces(
    run: Callable[[Picture], Picture],
    picture: Picture,
    scale: int,
    limits: PieceLimits,
    is_cancelled: Cancelled,
) -> Picture:
    """`run` over the whole picture: float32 [H, W, 3] to [H * scale, W * scale, 3].

    Args:
        run: restores a piece.
        picture: float32 [H, W, 3].
        scale: output size over source size.
        limits: largest piece and overlap.
        is_cancelled: asked between two steps; true ends the work with JobCancelled.

    Raises:
        JobCancelled: between two pieces when asked to.
    """
    height, width = picture.shape[:2]
    canvas = np.zeros((height * scale, width * scale, 3), np.float32)
    for rows, columns in _pieces(height, width, limits):
        if is_cancelled():
            raise JobCancelled("The keyframe was given up because its job was cancelled.")
        piece = picture[rows.read_start : rows.read_stop, columns.read_start : columns.read_stop]
        accumulate(canvas, run(piece), (_enlarged(rows, scale), _enlarged(columns, scale)))
    return canvas


def _pieces(height: int, width: int, limits: PieceLimits) -> Iterator[tuple[Interval, Interval]]:
    columns = plan_side(width, limits)
    return ((row, column) for row in plan_side(height, limits) for column in columns)
