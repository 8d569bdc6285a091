"""Spatial tiles: which rectangles of a frame a network sees at a time, planned before any tensor exists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sparkvsr_engine.core.blending import interval_weights
from sparkvsr_engine.core.intervals import Interval, plan_intervals


@dataclass(frozen=True)
class TileLimits:
    """The largest tile, in pixels.

    overlap: what neighbours share at least. multiple: sides, starts and overlap are multiples of it.
    """

    width: int
    height: int
    overlap: int
    multiple: int

    def __post_init__(self) -> None:
        sides = (self.width, self.height, self.overlap)
        if self.multiple < 1 or any(side % self.multiple for side in sides):
            raise ValueError(f"{self}: sides and overlap must be multiples of {self.multiple}")
        if self.overlap < 0 or min(self.width, self.height) <= self.overlap:
            raise ValueError(f"{self}: a tile must be larger than the overlap")


@dataclass(frozen=True)
class Tile:
    """A rectangle of the frame."""

    y: Interval
    x: Interval

    @property
    def placed(self) -> tuple[Interval, Interval]:
        """Its intervals in the order of a picture's axes, for `blending.accumulate`."""
        return self.y, self.x

    @property
    def pixels(self) -> int:
        """How many pixels are computed for it."""
        return self.y.read_length * self.x.read_length


@dataclass(frozen=True)
class TilePlan:
    """Tiles that cover a frame; made by `plan_tiles`, checked here.

    rows, columns: the intervals of each axis. The last of each may read beyond the frame, which is padded
    to there before tiles are cut from it.
    """

    width: int
    height: int
    rows: tuple[Interval, ...]
    columns: tuple[Interval, ...]

    def __post_init__(self) -> None:
        _check_cover(self.rows, self.height)
        _check_cover(self.columns, self.width)

    def __iter__(self) -> Iterator[Tile]:
        """The tiles, row by row."""
        return (Tile(y, x) for y in self.rows for x in self.columns)

    def __len__(self) -> int:
        return len(self.rows) * len(self.columns)

    @property
    def computed_share(self) -> float:
        """Pixels computed over pixels of the frame: the price of overlap and padding."""
        return sum(tile.pixels for tile in self) / (self.width * self.height)


def plan_tiles(width: int, height: int, limits: TileLimits) -> TilePlan:
    """Tiles for a frame of any size: as few as the limits allow, and of those the smallest.

    Evening out the tiles costs nothing in count and saves the work a last tile shifted far back would
    do twice: 1088 rows under a limit of 768 become two of 576.

    Args:
        width: in pixels.
        height: in pixels.
        limits: the largest tile and the overlap.
    """
    rows = _plan_side(height, limits.height, limits.overlap, limits.multiple)
    columns = _plan_side(width, limits.width, limits.overlap, limits.multiple)
    return TilePlan(width, height, tuple(rows), tuple(columns))


def _plan_side(size: int, limit: int, overlap: int, multiple: int) -> list[Interval]:
    widest = plan_intervals(size, limit, overlap, multiple)
    if len(widest) == 1:
        return widest
    count = len(widest)
    fair = -(-(size + (count - 1) * overlap) // count)
    length = min(limit, -(-fair // multiple) * multiple)
    return plan_intervals(size, length, overlap, multiple)


def _check_cover(intervals: tuple[Interval, ...], size: int) -> None:
    """Refuse intervals whose weights do not add up to one at every place of the side."""
    total = np.zeros(size, np.float32)
    for interval in intervals:
        total[interval.start : interval.stop] += interval_weights(interval)
    if not np.allclose(total, 1, rtol=0, atol=1e-6):
        place = int(np.argmax(np.abs(total - 1)))
        raise ValueError(f"tiles weigh {total[place]:.6f} at place {place} of {size}, not 1")
