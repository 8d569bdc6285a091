"""Spreading keyframes over shots by distance alone: evenly, at random, or among given frames.

What all ways share: shots that are long enough and bare come first, longest first.
Not here: what keyframes bring (`placement`), which policy does what (`keyframes`).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.shots import bare_shots


@dataclass(frozen=True)
class SpacingRules:
    """What keyframes are spread under.

    keyframes: frames that are keyframes already, ascending. limit: how many may be added, None for as many as
        bring the distance between keyframes down to `stride`.
    shortest: shots with fewer frames get none. spacing: least distance between keyframes of a shot.
    """

    shots: Sequence[FrameSpan]
    keyframes: Sequence[int]
    limit: int | None
    shortest: int
    spacing: int
    stride: int

    def bare_shots(self) -> list[FrameSpan]:
        """Shots that are long enough and hold no keyframe, longest first."""
        return bare_shots(self.shots, self.keyframes, self.shortest)


@dataclass(frozen=True)
class _Gap:
    """Frames from `start` up to `stop` without a keyframe; an end is closed where a keyframe lies next."""

    start: int
    stop: int
    is_closed_before: bool
    is_closed_after: bool

    def distance(self, count: int) -> float:
        """Frames between neighbours once `count` keyframes are spread in it; those at open ends answer
        for half a distance beyond themselves.
        """
        shares = count + 0.5 * (self.is_closed_before + self.is_closed_after)
        frames = self.stop - self.start + 0.5 * (self.is_closed_before + self.is_closed_after)
        return frames / shares if shares else float("inf")

    def frames(self, count: int) -> list[int]:
        """Where they lie."""
        distance = self.distance(count)
        origin = self.start - 1.0 if self.is_closed_before else self.start - 0.5 - distance / 2
        return [
            min(max(round(origin + distance * i), self.start), self.stop - 1) for i in range(1, count + 1)
        ]


def spread_evenly(rules: SpacingRules) -> list[int]:
    """Keyframes with even distances within every gap, the widest distance made narrower first."""
    gaps = _gaps(rules)
    counts = [0] * len(gaps)
    heap = [(-gap.distance(0), -(gap.stop - gap.start), index) for index, gap in enumerate(gaps)]
    heapq.heapify(heap)
    remaining = rules.limit
    while heap and remaining != 0:
        distance, length, index = heapq.heappop(heap)
        narrower = gaps[index].distance(counts[index] + 1)
        if (remaining is None and -distance <= rules.stride) or not _fits(
            gaps[index], counts[index] + 1, rules
        ):
            continue
        counts[index] += 1
        heapq.heappush(heap, (-narrower, length, index))
        remaining = None if remaining is None else remaining - 1
    return sorted(frame for gap, count in zip(gaps, counts, strict=True) for frame in gap.frames(count))


def _fits(gap: _Gap, count: int, rules: SpacingRules) -> bool:
    """Whether the keyframes keep their distance among themselves and to those at the gap's ends."""
    ends_before = [gap.start - 1] if gap.is_closed_before else []
    ends_after = [gap.stop] if gap.is_closed_after else []
    frames = [*ends_before, *gap.frames(count), *ends_after]
    return all(later - earlier >= max(1, rules.spacing) for earlier, later in pairwise(frames))


def _gaps(rules: SpacingRules) -> list[_Gap]:
    """The stretches between keyframes of the shots that are long enough, in order."""
    gaps: list[_Gap] = []
    for shot in rules.shots:
        if len(shot) < rules.shortest:
            continue
        edges = [shot.start - 1, *(frame for frame in rules.keyframes if frame in shot), shot.stop]
        for i, (before, after) in enumerate(pairwise(edges)):
            if after - before > 1:
                gaps.append(_Gap(before + 1, after, i > 0, i < len(edges) - 2))
    return gaps


class _Clearance:
    """How far candidates are from the nearest keyframe of their shot, kept up to date as some are taken."""

    def __init__(self, rules: SpacingRules, candidates: Iterable[int]) -> None:
        span = FrameSpan(rules.shots[0].start, rules.shots[-1].stop)
        self.frames = np.array([frame for frame in candidates if frame in span], np.int64)
        self._starts = np.array([shot.start for shot in rules.shots])
        self._shots = self._shot(self.frames)
        lengths = np.array([len(shot) for shot in rules.shots])[self._shots]
        self.distance = np.where(lengths < rules.shortest, -1, lengths + rules.spacing)
        self._least = max(1, rules.spacing)
        for frame in rules.keyframes:
            self.take(frame)

    def take(self, frame: int) -> None:
        """Count a frame as a keyframe."""
        near = np.where(self._shots == self._shot(frame), np.abs(self.frames - frame), self.distance)
        self.distance = np.minimum(self.distance, near)

    @property
    def is_clear(self) -> NDArray[np.bool_]:
        """Which candidates keep the least distance; none of a shot that is too short does."""
        return self.distance >= self._least

    def within(self, shot: FrameSpan) -> list[int]:
        """The candidates of a shot."""
        return [int(frame) for frame in self.frames[self._shots == self._shot(shot.start)]]

    def _shot(self, frame: int | NDArray[np.int64]) -> NDArray[np.int64]:
        return np.asarray(np.searchsorted(self._starts, frame, "right") - 1, np.int64)


def spread_randomly(rules: SpacingRules, seed: int) -> list[int]:
    """One frame of every bare shot, then frames of all shots, drawn with a seed.

    limit None: as many as even spreading would take.
    """
    generator = np.random.default_rng(seed)
    count = len(spread_evenly(rules)) if rules.limit is None else rules.limit
    span = FrameSpan(rules.shots[0].start, rules.shots[-1].stop)
    candidates = _Clearance(rules, generator.permutation(np.arange(span.start, span.stop)).tolist())
    chosen = [shot.start + int(generator.integers(len(shot))) for shot in rules.bare_shots()[:count]]
    for frame in chosen:
        candidates.take(frame)
    while len(chosen) < count and candidates.is_clear.any():
        chosen.append(int(candidates.frames[np.argmax(candidates.is_clear)]))
        candidates.take(chosen[-1])
    return sorted(chosen)


def spread_among(rules: SpacingRules, candidates: Iterable[int]) -> list[int]:
    """Of the candidates those that keep their distance: the one nearest to the middle of every bare shot
    that has any, then again and again the one farthest from all chosen; limit None takes all, in order.
    """
    clearance = _Clearance(rules, sorted(set(candidates)))
    chosen: list[int] = []
    for shot in rules.bare_shots() if rules.limit is not None else ():
        inside = clearance.within(shot)
        if inside and len(chosen) < (rules.limit or 0):
            middle = (shot.start + shot.stop - 1) / 2
            chosen.append(min(inside, key=lambda frame: (abs(frame - middle), frame)))
            clearance.take(chosen[-1])
    while clearance.is_clear.any() and (rules.limit is None or len(chosen) < rules.limit):
        best = np.argmax(clearance.is_clear if rules.limit is None else clearance.distance)
        chosen.append(int(clearance.frames[best]))
        clearance.take(chosen[-1])
    return sorted(chosen)
