"""Placing keyframes so that expected trust covers a range best: greedy, then each moved to its best place.

With r(t) the best trust any keyframe so far reaches on frame t, the next one is where
    gain(k) = sum over t of max(0, quality(k) * trust(k, t) - r(t))
is largest (facility location; gains only shrink as keyframes are added, so stale ones are upper bounds
and few need computing again). Greed alone puts the first of two in the middle; moving each to
the best place between its neighbours mends that.

Not here: trust itself (`propagation`), other policies and words for people (`keyframes`).
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.propagation import PropagationField, Values
from sparkvsr_engine.core.shots import shot_of

_SWEEPS = 6
_WORTH_MOVING = 1.001
_WEAK_TRUST = 0.5
_TIE = 1e-9


@dataclass(frozen=True, eq=False)
class Ground:
    """What placing goes by.

    qualities: float64 [F], 0..1, how much detail a keyframe on each frame has to give.
    reached: float64 [F], trust that is there without any keyframe placed here (measured after a
        render, say); zeros as a rule.
    shortest: shots with fewer frames get no keyframe of their own.
    spacing: least distance between two keyframes of a shot.
    """

    shots: Sequence[FrameSpan]
    field: PropagationField
    qualities: Values
    reached: Values
    shortest: int
    spacing: int

    def index(self, frame: int) -> int:
        """The frame's place in the arrays."""
        return frame - self.field.span.start

    def quality(self, frame: int) -> float:
        """Quality of a keyframe on this frame."""
        return float(self.qualities[self.index(frame)])


@dataclass(frozen=True)
class Contribution:
    """What a keyframe adds to the others.

    gain: trust summed over frames, above what the others reach. covered: frames it reaches best.
    rescued: those of them that the others reach with trust below a half.
    """

    gain: float
    covered: int
    rescued: int


def place(ground: Ground, fixed: Sequence[int], room: int | None, worth: float) -> list[int]:
    """Frames for at most `room` more keyframes beside the fixed ones, ascending.

    Every shot that is long enough and has none gets its own first, longer shots before shorter ones;
    then gain decides. room None: as many as gain at least `worth` frames of full trust each, beyond the
    one per shot.
    """
    chosen: list[int] = []
    reached = np.maximum(ground.reached, ground.field.best(dict.fromkeys(fixed, 1.0)))
    gains = _allowed(ground, ground.field.gains(ground.qualities, reached), fixed)
    for shot in bare_shots(ground, fixed)[:room]:
        inside = slice(ground.index(shot.start), ground.index(shot.stop))
        frame = shot.start + int(np.argmax(gains[inside]))
        if np.isfinite(gains[ground.index(frame)]):
            chosen.append(frame)
    for frame in chosen:
        ground.field.raise_by(frame, ground.quality(frame), reached)
    left = None if room is None else room - len(chosen)
    chosen += _climb(ground, reached, [*fixed, *chosen], left, worth)
    return _settled(ground, fixed, chosen)


def next_best(ground: Ground, fixed: Sequence[int], taken: Sequence[int]) -> int | None:
    """The frame where one more keyframe gains most, None where none would gain anything.

    fixed: keyframes whose expected trust counts as reached. taken: frames to keep the least distance to.
    """
    reached = np.maximum(ground.reached, ground.field.best(dict.fromkeys(fixed, 1.0)))
    gains = _allowed(ground, ground.field.gains(ground.qualities, reached), taken)
    best = int(np.argmax(gains))
    return ground.field.span.start + best if gains[best] > 0 else None


def bare_shots(ground: Ground, taken: Sequence[int]) -> list[FrameSpan]:
    """Shots that are long enough and hold no keyframe, longest first."""
    held = {shot_of(frame, ground.shots) for frame in taken}
    bare = [shot for shot in ground.shots if shot not in held and len(shot) >= ground.shortest]
    return sorted(bare, key=lambda shot: (-len(shot), shot.start))


def _allowed(ground: Ground, gains: Values, taken: Sequence[int]) -> Values:
    """The gains, -inf where a keyframe would be too near to another of its shot or the shot is too short."""
    found = gains.copy()
    for shot in ground.shots:
        if len(shot) < ground.shortest:
            found[ground.index(shot.start) : ground.index(shot.stop)] = -np.inf
    for frame in taken:
        found[_crowded(ground, frame)] = -np.inf
    return found


def _crowded(ground: Ground, frame: int) -> slice:
    """The places too near to a keyframe to hold another."""
    near = FrameSpan(frame, frame + 1).widened(max(ground.spacing, 1) - 1, shot_of(frame, ground.shots))
    return slice(ground.index(near.start), ground.index(near.stop))


def _climb(
    ground: Ground, reached: Values, taken: Sequence[int], room: int | None, worth: float
) -> list[int]:
    """The best next frame, again and again, while there is room (None: while it is worth it).

    reached is raised in place.
    """
    gains = _allowed(ground, ground.field.gains(ground.qualities, reached), taken)
    start = ground.field.span.start
    is_open = gains > 0
    heap = [(-float(gains[i]), start + int(i)) for i in np.flatnonzero(is_open)]
    heapq.heapify(heap)
    chosen: list[int] = []
    least = worth if room is None else 0.0
    while heap and (room is None or len(chosen) < room):
        _, frame = heapq.heappop(heap)
        if not is_open[frame - start]:
            continue
        gain = ground.field.gain(frame, ground.quality(frame), reached)
        if heap and gain < -heap[0][0] - _TIE:
            heapq.heappush(heap, (-gain, frame))
        elif gain > least:
            chosen.append(frame)
            is_open[_crowded(ground, frame)] = False
            ground.field.raise_by(frame, ground.quality(frame), reached)
        else:
            break
    return chosen


def _settled(ground: Ground, fixed: Sequence[int], chosen: Sequence[int]) -> list[int]:
    """The chosen keyframes, each moved between its neighbours while that gains."""
    qualities = dict.fromkeys(fixed, 1.0) | {frame: ground.quality(frame) for frame in chosen}
    movable = sorted(chosen)
    for _ in range(_SWEEPS):
        moved = [_moved(ground, frame, qualities) for frame in movable]
        if moved == movable:
            break
        movable = sorted(moved)
    return movable


def _moved(ground: Ground, frame: int, qualities: dict[int, float]) -> int:
    """The best frame for one keyframe between its neighbours; `qualities` is brought up to date."""
    shot = shot_of(frame, ground.shots)
    own = qualities.pop(frame)
    others = sorted(other for other in qualities if other in shot)
    before = [other for other in others if other < frame][-2:]
    after = [other for other in others if other > frame][:2]
    first = before[-1] + ground.spacing if before else shot.start
    stop = after[0] - ground.spacing + 1 if after else shot.stop
    best = frame
    if (before or after) and first < stop:
        reached = ground.reached.copy()
        for other in (*before, *after):
            ground.field.raise_by(other, qualities[other], reached)
        gains = ground.field.gains(ground.qualities, reached, FrameSpan(first, stop))
        candidate = first + int(np.argmax(gains))
        if gains[candidate - first] > _WORTH_MOVING * ground.field.gain(frame, own, reached):
            best = candidate
    qualities[best] = own if best == frame else ground.quality(best)
    return best


def contributions(ground: Ground, qualities: Mapping[int, float]) -> dict[int, Contribution]:
    """What each of these keyframes (frame -> quality) adds to the others."""
    first, second = ground.reached.copy(), np.zeros(len(ground.reached))
    winner = np.full(len(first), -1)
    for frame in sorted(qualities):
        near = ground.field.reach(frame)
        trust = qualities[frame] * ground.field.trust(frame)
        is_best = trust > first[near]
        second[near] = np.where(is_best, first[near], np.maximum(second[near], trust))
        first[near] = np.where(is_best, trust, first[near])
        winner[near] = np.where(is_best, frame, winner[near])
    return {frame: _contribution(ground, frame, winner, first, second) for frame in qualities}


def _contribution(
    ground: Ground, frame: int, winner: NDArray[np.int64], first: Values, second: Values
) -> Contribution:
    near = ground.field.reach(frame)
    mine = winner[near] == frame
    rescued = int((mine & (second[near] < _WEAK_TRUST)).sum())
    return Contribution(float((first[near] - second[near])[mine].sum()), int(mine.sum()), rescued)
