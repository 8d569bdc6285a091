"""Stretches of a shot between keyframes that are there, and the best places in one for so many more.

For k = 1, 2, 3 ... by dynamic programming over the last of them. Not here: what keyframes are worth
(`keyframe_value`), how many a gap gets (`placement`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.keyframe_choice.keyframe_value import ShotValues, Values


class Gap:
    """Places between two keyframes, or on one side of one, or of a whole shot, and their best subsets."""

    def __init__(
        self,
        worth: ShotValues,
        before: int | None,
        after: int | None,
        is_free: NDArray[np.bool_],
        spacing: int,
    ) -> None:
        self.worth = worth
        self.ends = before, after
        self.inside = slice(
            0 if before is None else before + 1, len(worth.frames) if after is None else after
        )
        self._spacing = spacing
        self._own_gains = np.where(is_free, worth.own_gains, -np.inf)[self.inside]
        places = range(self.inside.start, self.inside.stop)
        self._lead = np.array([worth.value(before, place) for place in places], np.float64)
        self._tail = np.array([worth.value(place, after) for place in places], np.float64)
        self._best: list[Values] = []
        self._from: list[NDArray[np.int64]] = []

    def value(self, count: int) -> float:
        """The most that so many keyframes are worth here, dB; -inf where there is no room for them."""
        if count == 0:
            return self.worth.value(*self.ends)
        return float(self._ended(count).max(initial=-np.inf))

    def places(self, count: int) -> list[int]:
        """The frames of the best so many keyframes, ascending."""
        places: list[int] = []
        last = int(np.argmax(self._ended(count))) if count else 0
        for level in range(count - 1, -1, -1):
            places.append(int(self.worth.frames[self.inside.start + last]))
            last = int(self._from[level][last])
        return places[::-1]

    def gains(self) -> Values:
        """What one keyframe more raises the other frames by, dB, by its place; -inf where there is no room.

        Gains of places nearer than two keyframes may be are mixed, the nearer the more: frames gain alike
        there, and what was measured on one of them is a little off.
        """
        if self.inside.start == self.inside.stop:
            return np.empty(0)
        before, after = self.ends
        missing = self.worth.missing_between(self.inside.start, self.inside.stop, before, after)
        measure = self.worth.measure
        # Its own frame is left out: there every keyframe is worth the same, and needs no neighbours.
        gains = self._ended(1) - measure.full_rise + measure.rise_of(missing)
        frames = self.worth.frames[self.inside]
        return _mixed(gains - self.worth.value(before, after), frames, self._spacing)

    def _ended(self, count: int) -> Values:
        """The worth of so many keyframes by the place of the last one."""
        while len(self._best) < count:
            self._add_level()
        return self._best[count - 1] + self._tail

    def _add_level(self) -> None:
        if not self._best:
            self._best.append(self._lead + self._own_gains)
            self._from.append(np.full(len(self._own_gains), -1))
            return
        best, source = self._carried(self._best[-1])
        self._best.append(best + self._own_gains)
        self._from.append(source)

    def _carried(self, level: Values) -> tuple[Values, NDArray[np.int64]]:
        """The best way to every place from a keyframe before it, without its own worth."""
        size, inside = len(level), self.inside
        frames, between = self.worth.frames[inside], self.worth.between[inside]
        best, source = np.full(size, -np.inf), np.full(size, -1)
        widest = 2 * self.worth.reach
        for step in range(1, min(widest + 1, size)):
            totals = level[:-step] + between[:-step, step]
            totals[frames[step:] - frames[:-step] < self._spacing] = -np.inf
            is_better = totals > best[step:]
            best[step:][is_better] = totals[is_better]
            source[step:][is_better] = np.flatnonzero(is_better)
        if size > widest + 1:
            alone = level + self.worth.after[inside]
            record, highest = _records(alone)
            far = highest[: -widest - 1] + self.worth.before[inside][widest + 1 :]
            is_better = far > best[widest + 1 :]
            best[widest + 1 :][is_better] = far[is_better]
            source[widest + 1 :][is_better] = record[: -widest - 1][is_better]
        return best, source


def _mixed(gains: Values, frames: NDArray[np.int64], width: int) -> Values:
    """Gains smoothed with a triangle `width` frames wide; places at -inf stay so and do not count."""
    is_open = np.isfinite(gains)
    values = np.where(is_open, gains, 0.0)
    mixed, shares = width * values, width * is_open.astype(np.float64)
    for step in range(1, min(width, len(gains))):
        share = np.maximum(width - (frames[step:] - frames[:-step]), 0)
        mixed[step:] += share * values[:-step]
        mixed[:-step] += share * values[step:]
        shares[step:] += share * is_open[:-step]
        shares[:-step] += share * is_open[step:]
    return np.where(is_open, mixed / np.maximum(shares, 1), -np.inf)


def _records(values: Values) -> tuple[NDArray[np.int64], Values]:
    """For every place the first at which the highest so far was, and that."""
    highest = np.maximum.accumulate(values)
    is_record = np.concatenate([[True], values[1:] > highest[:-1]])
    return np.maximum.accumulate(np.where(is_record, np.arange(len(values)), 0)), highest
