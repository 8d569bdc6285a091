"""Overlapping intervals along one axis: how windows cover time and tiles cover a side.

The same arithmetic serves frames and pixels; what differs is the grid a length must lie on.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """One interval, half-open, in frames or pixels.

    start, stop: what it puts out. Its first `fade_in` places are blended with the interval before, its
        last `fade_out` with the one after, place for place.
    read_start, read_stop: what is computed for it, at least what it puts out; `read_stop` may lie
        beyond the axis' end, where the reader pads.
    """

    start: int
    stop: int
    read_start: int
    read_stop: int
    fade_in: int = 0
    fade_out: int = 0

    def __post_init__(self) -> None:
        if not self.read_start <= self.start < self.stop <= self.read_stop:
            raise ValueError(f"{self} puts out what it does not read")
        if min(self.fade_in, self.fade_out) < 0 or self.fade_in + self.fade_out > len(self):
            raise ValueError(f"{self} fades more than it holds")

    def __len__(self) -> int:
        return self.stop - self.start

    @property
    def read_length(self) -> int:
        """How much is computed."""
        return self.read_stop - self.read_start


def grid_length(size: int, length: int, grid: int) -> int:
    """The smallest length that holds `size` and leaves the same rest as `length` when divided by `grid`.

    A grid of 8 with length 33 gives 8n+1, a grid of 16 with length 512 gives multiples of 16.

    Args:
        size: what it must hold.
        length: whose rest it keeps.
        grid: positions are multiples of it.
    """
    remainder = length % grid
    return -(-(size - remainder) // grid) * grid + remainder


def plan_intervals(size: int, length: int, overlap: int, grid: int) -> list[Interval]:
    """Cover `size` places from 0 with intervals of `length`, neighbours sharing at least `overlap`.

    Every interval starts on a multiple of `grid`. The last one is shifted back to the last start on the
    grid that reaches the end, and reads at most grid - 1 places beyond it; an axis shorter than
    `length` gets one interval of `grid_length`. What is put out overlaps by the same amount
    everywhere, the lesser of overlap and stride, so that never more than two intervals meet.

    Args:
        size: how many places there are.
        length: length of one interval.
        overlap: what neighbours share at least.
        grid: positions are multiples of it.

    Raises:
        ValueError: where overlap does not leave a stride on the grid.
    """
    stride = length - overlap
    if size < 1 or length < 1 or overlap < 0 or stride < 1 or stride % grid:
        raise ValueError(
            f"no intervals of {length} overlapping by {overlap} on a grid of {grid} cover {size}"
        )
    if size <= length:
        return [Interval(0, size, 0, grid_length(size, length, grid))]
    tail = -(-(size - length) // grid) * grid
    return _linked([*range(0, tail, stride), tail], size, length, min(overlap, stride))


def _linked(starts: list[int], size: int, length: int, fade: int) -> list[Interval]:
    """Stretches that read `length` from each start; each puts out from where the one before fades."""
    begins = [0, *(start + length - fade for start in starts[:-1])]
    ends = [*(start + length for start in starts[:-1]), size]
    last = len(starts) - 1
    return [
        Interval(begin, end, start, start + length, fade if i > 0 else 0, fade if i < last else 0)
        for i, (begin, end, start) in enumerate(zip(begins, ends, starts, strict=True))
    ]
