"""What keyframes are worth to the frames between them, by measured propagation.

Of a frame between keyframes a and b stays missing, w being what a block counts, q what each does not bring,
    S = sum over blocks of w * min(q_a, q_b),
    q = 1 - (1 - (lacking / 255)^lacking_power) * exp(-loss_per_frame * distance),    w ~ detail^detail_power
and it rises above the frame without keyframes by
    rise = 10 log10((0.6 + never_brought) / (0.6 S + never_brought)) dB
0.6 is what a network leaves missing by itself. Trust is 1 - S. What `Measure` holds was chosen by what
rendered frames really gained, for placing many keyframes (`PLACED`) apart from suggesting one more
(`SUGGESTED`). A frame goes by the nearest keyframe on either side alone, so what a set of keyframes is worth
is a sum over the intervals between them. All arrays here go by places on the shot's grid, each of which
stands for the frames nearest to it; those around a keyframe's own place go by it alone.

Not here: which keyframes are best (`placement`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.keyframe_choice.propagation_stats import BLIND, FULL_LEVEL, PropagationStats

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """How measured propagation is weighed.

    detail_power: blocks count by so high a power of their detail, 0 for all alike. lacking_power: below 1 the
    first bit that is lacking counts most. loss_per_frame: of what is brought, so much less per frame of
    distance. never_brought: what keyframes leave missing of a frame wherever they are.
    """

    detail_power: float = 0.0
    lacking_power: float = 1.0
    loss_per_frame: float = 0.02
    never_brought: float = 0.1

    def rise_of(self, missing: Values) -> Values:
        """How far frames rise above those without keyframes, dB; missing: 0..1."""
        residue = self.never_brought
        return np.asarray(10 * np.log10((BLIND + residue) / (BLIND * missing + residue)), np.float64)

    @property
    def full_rise(self) -> float:
        """The rise of a frame that is a keyframe itself, dB."""
        return float(self.rise_of(np.zeros(())))


PLACED = Measure()
"""Where many keyframes are placed: counted by their detail, as squared error has it, blocks came out as good
in PSNR and worse in LPIPS, and so did keyframes placed by `SUGGESTED`."""

SUGGESTED = Measure(detail_power=0.5, lacking_power=0.5, loss_per_frame=0.005, never_brought=0.02)
"""Where one more keyframe is looked for: of 128 measures the one whose choices were right most often, and
gained most, where every frame was tried (ten clips of the training footage)."""


@dataclass(frozen=True, eq=False)
class ShotValues:
    """Intervals of one shot, by a measure.

    frames: int64 [G], the grid. weights: float64 [G], frames each stands for. reach: R, places.
    missing: float32 [G, R+1, R+1], S of a place under the keyframes so many places before and after it,
        less one; R stands for none within reach.
    near: float64 [G], the share a keyframe leaves missing of the other frames of its own place.
    between: float64 [G, 2R+1], dB over the frames between the place and the one so many further on.
    before, after: float64 [G], dB over the frames on that side of the place, no other keyframe there.
    """

    span: FrameSpan
    measure: Measure
    frames: NDArray[np.int64]
    weights: Values
    reach: int
    missing: NDArray[np.float32]
    near: Values
    between: Values
    before: Values
    after: Values

    @classmethod
    def of(
        cls, propagation: PropagationStats, shot: FrameSpan, least_reach: int, measure: Measure = PLACED
    ) -> ShotValues:
        """A shot so short that the grid passed over it is taken for even.

        Args:
            propagation: what was measured on the source.
            shot: the frames of the shot.
            least_reach: places between keyframes up to which intervals are looked at as a whole at least.
            measure: how the parts of the loss are weighed.
        """
        part = propagation.within(shot)
        if not len(part.frames):
            part = PropagationStats.even(shot)
        places = np.searchsorted(part.frames, part.pairs)
        away = places[:, 1] - places[:, 0]
        reach = int(max(np.abs(away).max(initial=0), least_reach, 1))
        rows = np.full((len(part.frames), 2 * reach + 1), -1)
        rows[places[:, 0], away + reach] = np.arange(len(away))
        counts = part.detail**measure.detail_power
        counts /= counts.sum(1, keepdims=True)
        missing = np.stack(
            [_missing(part, measure, *of_place) for of_place in zip(rows, counts, strict=True)]
        )
        weights = _weights(part.frames, shot)
        rises = measure.rise_of(missing.astype(np.float64)) * weights[:, None, None]
        near = part.near.astype(np.float64) ** measure.lacking_power
        return cls(shot, measure, part.frames, weights, reach, missing, near, *_intervals(rises))

    @property
    def own_gains(self) -> Values:
        """What a keyframe is worth on its own place, dB, float64 [G]."""
        return self.measure.full_rise + (self.weights - 1) * self.measure.rise_of(self.near)

    def place(self, frame: int) -> int:
        """The place nearest to a frame."""
        return int(np.argmin(np.abs(self.frames - frame)))

    def value(self, before: int | None, after: int | None) -> float:
        """dB over the frames between two places, or on one side of one; 0 where there is neither."""
        if before is None or after is None:
            if before is None:
                return 0.0 if after is None else float(self.before[after])
            return float(self.after[before])
        if after - before <= 2 * self.reach:
            return float(self.between[before, after - before])
        return float(self.after[before] + self.before[after])

    def missing_between(self, first: int, stop: int, before: int | None, after: int | None) -> Values:
        """S of the places from `first` up to `stop`, all between two keyframes, float64 [stop - first].

        Args:
            first: the first place.
            stop: the place after the last.
            before: the keyframe before them, None for none.
            after: the keyframe after them, None for none.
        """
        at = np.arange(first, stop)
        farthest = np.full(len(at), self.reach)
        steps_before = farthest if before is None else np.minimum(at - before - 1, self.reach)
        steps_after = farthest if after is None else np.minimum(after - at - 1, self.reach)
        return self.missing[at, steps_before, steps_after].astype(np.float64)


def _missing(
    part: PropagationStats, measure: Measure, rows: NDArray[np.int64], counts: NDArray[np.float32]
) -> NDArray[np.float32]:
    """S of one place under all pairs of keyframes, float32 [R+1, R+1]; counts: of its blocks, [B]."""
    reach = len(rows) // 2
    is_measured = rows >= 0
    lacking = np.ones((len(rows), part.detail.shape[1]), np.float32)
    distance = np.abs(part.pairs[rows[is_measured], 0] - part.pairs[rows[is_measured], 1])
    brought = 1 - (part.lacking[rows[is_measured]] / np.float32(FULL_LEVEL)) ** measure.lacking_power
    lacking[is_measured] = 1 - brought * np.exp(-measure.loss_per_frame * distance)[:, None]
    none = np.ones((1, lacking.shape[1]), np.float32)
    before, after = (np.concatenate([side, none]) for side in (lacking[:reach][::-1], lacking[reach + 1 :]))
    return np.asarray(np.minimum(before[:, None], after[None]) @ counts, np.float32)


def _weights(frames: NDArray[np.int64], shot: FrameSpan) -> Values:
    """How many frames of the shot lie nearest to each of the grid."""
    edges = np.concatenate([[shot.start], (frames[:-1] + frames[1:] + 1) // 2, [shot.stop]])
    return np.diff(edges).astype(np.float64)


def _intervals(rises: Values) -> tuple[Values, Values, Values]:
    """Sums over intervals: between two places, before one, after one. rises: float64 [G, R+1, R+1]."""
    count, reach = len(rises), rises.shape[1] - 1
    between = np.zeros((count, 2 * reach + 1))
    before, after = np.zeros(count), np.zeros(count)
    for back in range(1, min(2 * reach, count)):
        for ahead in range(1, min(2 * reach + 1 - back, count - back)):
            inner = rises[back : count - ahead, min(back - 1, reach), min(ahead - 1, reach)]
            between[: count - back - ahead, back + ahead] += inner
    for step in range(1, min(reach + 1, count)):
        before[step:] += rises[:-step, reach, step - 1]
        after[:-step] += rises[step:, step - 1, reach]
    return between, before, after
