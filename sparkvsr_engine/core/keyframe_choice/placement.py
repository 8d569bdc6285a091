"""Placing keyframes where they are worth most: exact within a gap, by marginal worth across gaps.

Keyframes that are there already divide a shot into gaps, which have nothing to do with each other; a
gap that is given one more moves all of its own.

Not here: the best places within a gap (`gaps`), what keyframes are worth (`keyframe_value`), policies and
words for people (`keyframes`).
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.keyframe_choice.gaps import Gap
from sparkvsr_engine.core.keyframe_choice.keyframe_value import PLACED, Measure, ShotValues
from sparkvsr_engine.core.keyframe_choice.propagation_stats import PropagationStats
from sparkvsr_engine.core.shots import bare_shots, shot_of

_WEAK_TRUST = 0.5
_LEAST_GAIN = 1e-6


@dataclass(frozen=True)
class Contribution:
    """What a keyframe adds to the others.

    gain: rise of the other frames, in frames as good as keyframes. covered: frames that trust it more than
    the others, by `raised` on the mean. rescued: those of them whose trust in the others is below a half.
    is_alone: no other keyframe in its shot.
    """

    gain: float
    covered: int
    raised: float
    rescued: int
    is_alone: bool


@dataclass(eq=False)
class PlacementInput:
    """What placing goes by.

    shots: contiguous, in order. shortest: shots with fewer frames get no keyframe of their own.
    spacing: least distance between two keyframes of a shot.
    """

    shots: Sequence[FrameSpan]
    propagation: PropagationStats
    shortest: int
    spacing: int
    measure: Measure = PLACED
    _values: dict[FrameSpan, ShotValues] = field(default_factory=dict[FrameSpan, ShotValues])

    def values_of(self, shot: FrameSpan) -> ShotValues:
        """The intervals of a shot."""
        if shot not in self._values:
            self._values[shot] = ShotValues.of(self.propagation, shot, self.spacing, self.measure)
        return self._values[shot]

    def gaps(self, shot: FrameSpan, keyframes: Sequence[int]) -> list[Gap]:
        """What keyframes of these frames leave of a shot."""
        values = self.values_of(shot)
        inside = [frame for frame in keyframes if frame in shot]
        is_free = np.ones(len(values.frames), np.bool_)
        for frame in inside:
            is_free &= np.abs(values.frames - frame) >= max(1, self.spacing)
        ends = [None, *sorted({values.place(frame) for frame in inside}), None]
        return [Gap(values, before, after, is_free, max(1, self.spacing)) for before, after in pairwise(ends)]


def place(placement: PlacementInput, fixed: Sequence[int], limit: int | None, least_gain: float) -> list[int]:
    """Frames for at most `limit` more keyframes beside the fixed ones, ascending.

    Every shot that is long enough and has none gets its own first, longer shots before shorter ones;
    then worth decides. limit None: as many as are worth at least `least_gain` frames as good as keyframes
    each, beyond the one per shot.

    Args:
        placement: signals of the shots and rules of spacing.
        fixed: keyframes that are there.
        limit: how many more at most; None for as many as are worth it.
        least_gain: of a further one, in frames as good as keyframes.
    """
    bare = bare_shots(placement.shots, fixed, placement.shortest)
    first = [gap for shot in bare[:limit] for gap in placement.gaps(shot, ())]
    first = [gap for gap in first if np.isfinite(gap.value(1))]
    counts = dict.fromkeys(first, 1)
    remaining = None if limit is None else limit - len(first)
    if remaining is None or remaining > 0:
        long = [shot for shot in placement.shots if len(shot) >= placement.shortest and shot not in bare]
        divided = [gap for shot in long for gap in placement.gaps(shot, fixed)]
        least_rise = least_gain * placement.measure.full_rise
        _climb(counts | dict.fromkeys(divided, 0), counts, remaining, least_rise)
    return sorted(frame for gap, count in counts.items() for frame in gap.places(count))


def _climb(start: dict[Gap, int], counts: dict[Gap, int], limit: int | None, least_gain: float) -> None:
    """Give one more to the gap it is worth most to, again and again, while the limit allows (None:
    while it is worth it). counts is brought up to date.
    """
    heap = [
        (gap.value(count) - gap.value(count + 1), place, gap)
        for place, (gap, count) in enumerate(start.items())
    ]
    heapq.heapify(heap)
    while heap and (limit is None or limit > 0):
        loss, order, gap = heapq.heappop(heap)
        if not -loss > (least_gain if limit is None else _LEAST_GAIN):
            break
        count = counts[gap] = counts.get(gap, 0) + 1
        limit = None if limit is None else limit - 1
        heapq.heappush(heap, (gap.value(count) - gap.value(count + 1), order, gap))


def next_best(placement: PlacementInput, keyframes: Sequence[int], among: Sequence[int] = ()) -> int | None:
    """The frame where one more keyframe raises the other frames most, None where none would.

    Args:
        placement: signals of the shots and rules of spacing.
        keyframes: frames of the keyframes.
        among: frames to choose from, all where there are none. One that is not on its shot's grid is worth
            what the place nearest to it is.
    """
    gains = [
        gain
        for shot in placement.shots
        if len(shot) >= placement.shortest
        for gain in _gains(placement.values_of(shot), placement.gaps(shot, keyframes), among)
    ]
    gain, _, frame = max(
        gains, key=lambda candidate: (candidate[0], -candidate[1], -candidate[2]), default=(0.0, 0, 0)
    )
    return frame if gain > _LEAST_GAIN else None


def _gains(values: ShotValues, gaps: Sequence[Gap], among: Sequence[int]) -> Iterator[tuple[float, int, int]]:
    """What a keyframe raises the others by, dB, how far its place on the grid is, and its frame."""
    gains = np.full(len(values.frames), -np.inf)
    for gap in gaps:
        gains[gap.inside] = gap.gains()
    frames = values.frames.tolist()
    places = enumerate(frames) if not among else ((values.place(at), at) for at in among if at in values.span)
    for place, frame in places:
        yield float(gains[place]), abs(frames[place] - frame), frame


def _around(place: int, neighbours: Collection[int]) -> tuple[int | None, int | None]:
    """The nearest before a place and the nearest after it, None where there is none."""
    before = max((neighbour for neighbour in neighbours if neighbour < place), default=None)
    return before, min((neighbour for neighbour in neighbours if neighbour > place), default=None)


def contribution(placement: PlacementInput, frame: int, keyframes: Sequence[int]) -> Contribution:
    """What one of the keyframes adds to the others.

    Args:
        placement: signals of the shots and rules of spacing.
        frame: the keyframe's frame.
        keyframes: frames of the keyframes.
    """
    shot = shot_of(frame, placement.shots)
    values = placement.values_of(shot)
    here = values.place(frame)
    neighbours = {values.place(keyframe) for keyframe in keyframes if keyframe in shot} - {here}
    before, after = _around(here, neighbours)
    first, stop = (0 if before is None else before + 1), (len(values.frames) if after is None else after)
    without = values.missing_between(first, stop, before, after)
    sides = (
        values.missing_between(first, here, before, here),
        values.missing_between(here + 1, stop, here, after),
    )
    weights = values.weights[first:stop].copy()
    near = values.near[here] * (weights[here - first] - 1) / weights[here - first]
    within = np.concatenate([sides[0], [near], sides[1]])
    is_raised = within < without
    covered = float(weights[is_raised].sum())
    raised = float(((without - within) * weights)[is_raised].sum()) / max(covered, 1)
    rescued = float(weights[is_raised & (1 - without < _WEAK_TRUST)].sum())
    # On its own frame every keyframe is worth the same.
    weights[here - first] -= 1
    within[here - first] = values.near[here]
    measure = values.measure
    gain = float(((measure.rise_of(within) - measure.rise_of(without)) * weights).sum()) / measure.full_rise
    return Contribution(max(0.0, gain), round(covered), raised, round(rescued), not neighbours)
