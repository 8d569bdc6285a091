"""Placing keyframes where they are worth most: exact within a stretch, by marginal worth across stretches.

Keyframes that are there already divide a shot into stretches, which have nothing to do with each other; a
stretch that is given one more moves all of its own.

Not here: the best places within a stretch (`stretches`), what keyframes are worth (`worth`), policies and
words for people (`keyframes`).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.keyframe_choice.rehearsal import Rehearsal
from sparkvsr_engine.core.keyframe_choice.stretches import Stretch
from sparkvsr_engine.core.keyframe_choice.worth import PLACED, Measure, ShotWorth
from sparkvsr_engine.core.shots import shot_of

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
class Ground:
    """What placing goes by.

    shots: contiguous, in order. shortest: shots with fewer frames get no keyframe of their own.
    spacing: least distance between two keyframes of a shot.
    """

    shots: Sequence[FrameSpan]
    rehearsal: Rehearsal
    shortest: int
    spacing: int
    measure: Measure = PLACED
    _known: dict[FrameSpan, ShotWorth] = field(default_factory=dict[FrameSpan, ShotWorth])

    def worth(self, shot: FrameSpan) -> ShotWorth:
        """The intervals of a shot."""
        if shot not in self._known:
            self._known[shot] = ShotWorth.of(self.rehearsal, shot, self.spacing, self.measure)
        return self._known[shot]

    def stretches(self, shot: FrameSpan, taken: Sequence[int]) -> list[Stretch]:
        """What keyframes of these frames leave of a shot."""
        worth = self.worth(shot)
        own = [frame for frame in taken if frame in shot]
        is_free = np.ones(len(worth.frames), np.bool_)
        for frame in own:
            is_free &= np.abs(worth.frames - frame) >= max(1, self.spacing)
        ends = [None, *sorted({worth.place(frame) for frame in own}), None]
        return [Stretch(worth, one, other, is_free, max(1, self.spacing)) for one, other in pairwise(ends)]


def place(ground: Ground, fixed: Sequence[int], room: int | None, worth: float) -> list[int]:
    """Frames for at most `room` more keyframes beside the fixed ones, ascending.

    Every shot that is long enough and has none gets its own first, longer shots before shorter ones;
    then worth decides. room None: as many as are worth at least `worth` frames as good as keyframes
    each, beyond the one per shot.
    """
    bare = bare_shots(ground, fixed)
    first = [stretch for shot in bare[:room] for stretch in ground.stretches(shot, ())]
    first = [stretch for stretch in first if np.isfinite(stretch.value(1))]
    counts = dict.fromkeys(first, 1)
    left = None if room is None else room - len(first)
    if left is None or left > 0:
        long = [shot for shot in ground.shots if len(shot) >= ground.shortest and shot not in bare]
        others = [stretch for shot in long for stretch in ground.stretches(shot, fixed)]
        _climb(counts | dict.fromkeys(others, 0), counts, left, worth * ground.measure.full_rise)
    return sorted(frame for stretch, count in counts.items() for frame in stretch.places(count))


def _climb(start: dict[Stretch, int], counts: dict[Stretch, int], room: int | None, worth: float) -> None:
    """Give one more to the stretch it is worth most to, again and again, while there is room (None:
    while it is worth it). counts is brought up to date."""
    heap = [
        (stretch.value(count) - stretch.value(count + 1), place, stretch)
        for place, (stretch, count) in enumerate(start.items())
    ]
    heapq.heapify(heap)
    while heap and (room is None or room > 0):
        loss, order, stretch = heapq.heappop(heap)
        if not -loss > (worth if room is None else _LEAST_GAIN):
            break
        count = counts.get(stretch, 0) + 1
        counts[stretch] = count
        room = None if room is None else room - 1
        heapq.heappush(heap, (stretch.value(count) - stretch.value(count + 1), order, stretch))


def next_best(ground: Ground, taken: Sequence[int], among: Sequence[int] = ()) -> int | None:
    """The frame where one more keyframe raises the other frames most, None where none would.

    among: frames to choose from, all where there are none. One that is not on its shot's grid is worth what
    the place nearest to it is.
    """
    found = [
        gain
        for shot in ground.shots
        if len(shot) >= ground.shortest
        for gain in _gains(ground.worth(shot), ground.stretches(shot, taken), among)
    ]
    gain, _, frame = max(found, key=lambda one: (one[0], -one[1], -one[2]), default=(0.0, 0, 0))
    return frame if gain > _LEAST_GAIN else None


def _gains(
    worth: ShotWorth, stretches: Sequence[Stretch], among: Sequence[int]
) -> Iterator[tuple[float, int, int]]:
    """What a keyframe raises the others by, dB, how far its place on the grid is, and its frame."""
    gains = np.full(len(worth.frames), -np.inf)
    for stretch in stretches:
        gains[stretch.inside] = stretch.gains()
    frames = worth.frames.tolist()
    places = enumerate(frames) if not among else ((worth.place(at), at) for at in among if at in worth.span)
    for place, frame in places:
        yield float(gains[place]), abs(frames[place] - frame), frame


def bare_shots(ground: Ground, taken: Sequence[int]) -> list[FrameSpan]:
    """Shots that are long enough and hold no keyframe, longest first."""
    held = {shot_of(frame, ground.shots) for frame in taken}
    bare = [shot for shot in ground.shots if shot not in held and len(shot) >= ground.shortest]
    return sorted(bare, key=lambda shot: (-len(shot), shot.start))


def contribution(ground: Ground, frame: int, keyframes: Sequence[int]) -> Contribution:
    """What one of the keyframes adds to the others."""
    shot = shot_of(frame, ground.shots)
    worth = ground.worth(shot)
    here = worth.place(frame)
    others = sorted({worth.place(other) for other in keyframes if other in shot and other != frame} - {here})
    before = max((other for other in others if other < here), default=None)
    after = min((other for other in others if other > here), default=None)
    first, stop = (0 if before is None else before + 1), (len(worth.frames) if after is None else after)
    without = worth.missing_between(first, stop, before, after)
    sides = (
        worth.missing_between(first, here, before, here),
        worth.missing_between(here + 1, stop, here, after),
    )
    weights = worth.weights[first:stop].copy()
    near = worth.near[here] * (weights[here - first] - 1) / weights[here - first]
    within = np.concatenate([sides[0], [near], sides[1]])
    is_raised = within < without
    covered = float(weights[is_raised].sum())
    raised = float(((without - within) * weights)[is_raised].sum()) / max(covered, 1)
    rescued = float(weights[is_raised & (1 - without < _WEAK_TRUST)].sum())
    # On its own frame every keyframe is worth the same.
    weights[here - first] -= 1
    within[here - first] = worth.near[here]
    measure = worth.measure
    gain = float(((measure.rise_of(within) - measure.rise_of(without)) * weights).sum()) / measure.full_rise
    return Contribution(max(0.0, gain), round(covered), raised, round(rescued), not others)
