"""How far a keyframe's detail can be expected to hold on other frames, from cheap signals per step.

The confidence of one step t -> t+1 is
    c = consistency^0.5 * (1 - occluded)^0.1 * exp(-residual) * exp(-0.002)
the product of these along the path from keyframe k to frame t is P(k, t), and the expected trust
    trust(k, t) = exp(-sqrt(-ln P(k, t)))
so trust is 1 on the keyframe's own frame, never grows with distance, and is 0 across a cut. The root
is measured, not derived: on 27 real clips the share of a frame's missing detail that a flow-warped
keyframe explains falls fast over the first frames and slowly after (what stands still stays), and this
form predicts it to 0.20 rms where the best plain product leaves 0.25. Within a clip, trust
and truth correlate by 0.85 (rank, median of 15 clips, all pairs of 41 frames).

Not here: how the signals are measured (`signals`), how keyframes are placed (`coverage`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.frames import FrameSpan

Values = NDArray[np.float64]

_CONSISTENCY_POWER = 0.5
_VISIBLE_POWER = 0.1
_DECAY_PER_FRAME = 0.002

_BLOCKED = 1e3
# Trust below exp(-sqrt(21)), one per cent, counts as none: it bounds how far a keyframe is followed.
_FARTHEST = 21.0
_ROWS = 256


@dataclass(frozen=True, eq=False)
class StepSignals:
    """What was measured between each frame and the next, float64 [F-1] each.

    consistency: 0..1, robust mean of how well the flows there and back cancel.
    occluded: 0..1, share of the picture that has no counterpart.
    residual: mean absolute difference after warping, in model space (0..1).
    """

    consistency: Values
    occluded: Values
    residual: Values

    def __post_init__(self) -> None:
        for name in ("consistency", "occluded", "residual"):
            values = getattr(self, name)
            if values.shape != self.consistency.shape or values.ndim != 1:
                raise ValueError(f"{name} has shape {values.shape}, not one value per step")
            if not ((values >= 0) & (values <= 1)).all():
                raise ValueError(f"{name} leaves the range 0..1")


def step_confidence(steps: StepSignals) -> Values:
    """The confidence of each step, float64 [F-1], 0..1."""
    visible = 1 - steps.occluded
    agreed = steps.consistency**_CONSISTENCY_POWER * visible**_VISIBLE_POWER
    return agreed * np.exp(-steps.residual - _DECAY_PER_FRAME)


def frame_confidence(steps: StepSignals) -> Values:
    """The confidence of the step into each frame, float64 [F]; 0 into the first, which has none before."""
    return np.concatenate([[0.0], step_confidence(steps)])


@dataclass(frozen=True, eq=False)
class PropagationField:
    """The expected trust between any two frames of a range.

    cost: float64 [F], ascending; -ln P(k, t) is the difference of two of them.
    """

    span: FrameSpan
    cost: Values

    @classmethod
    def of(cls, shots: Sequence[FrameSpan], confidence: Values) -> PropagationField:
        """The field over contiguous shots.

        confidence: float64 [F], 0..1, of the step into each frame; 0 there blocks, and so does the first
            frame of every shot.
        """
        span = FrameSpan(shots[0].start, shots[-1].stop)
        if confidence.shape != (len(span),) or not ((confidence >= 0) & (confidence <= 1)).all():
            raise ValueError(f"confidence must be {len(span)} values of 0..1, one per frame")
        passable = np.array(confidence, np.float64)
        passable[[shot.start - span.start for shot in shots]] = 0
        with np.errstate(divide="ignore"):
            steps = np.minimum(-np.log(passable), _BLOCKED)
        return cls(span, np.cumsum(steps))

    def reach(self, keyframe: int) -> slice:
        """The places of the arrays outside which a keyframe is not trusted at all."""
        return self._near(keyframe - self.span.start, keyframe - self.span.start)

    def trust(self, keyframe: int) -> Values:
        """Trust of propagating from a keyframe to the frames of its reach."""
        return _trust_of(np.abs(self.cost[self.reach(keyframe)] - self.cost[keyframe - self.span.start]))

    def best(self, qualities: Mapping[int, float]) -> Values:
        """The best trust any of the keyframes (frame -> quality) reaches per frame, float64 [F].

        quality: 0..1, how much detail the keyframe itself has to give; it scales its trust.
        """
        found = np.zeros(len(self.span))
        for keyframe, quality in qualities.items():
            self.raise_by(keyframe, quality, found)
        return found

    def raise_by(self, keyframe: int, quality: float, reached: Values) -> None:
        """Raise `reached`, float64 [F], in place to what one more keyframe reaches."""
        near = reached[self.reach(keyframe)]
        np.maximum(near, quality * self.trust(keyframe), out=near)

    def gain(self, keyframe: int, quality: float, reached: Values) -> float:
        """What one more keyframe adds: sum over t of max(0, quality * trust(k, t) - reached(t))."""
        near = reached[self.reach(keyframe)]
        return float(np.maximum(quality * self.trust(keyframe) - near, 0).sum())

    def gains(self, qualities: Values, reached: Values, among: FrameSpan | None = None) -> Values:
        """`gain` of every frame of `among` (default: all) as the next keyframe, float64 [len(among)].

        qualities, reached: float64 [F] over the whole range.
        """
        among = among or self.span
        offset = self.span.start
        found = [
            self._block(start, min(start + _ROWS, among.stop - offset), qualities, reached)
            for start in range(among.start - offset, among.stop - offset, _ROWS)
        ]
        return np.concatenate(found)

    def _block(self, start: int, stop: int, qualities: Values, reached: Values) -> Values:
        """Gains of some frames, summed over those within reach of any of them."""
        near = self._near(start, stop - 1)
        trust = _trust_of(np.abs(self.cost[start:stop, None] - self.cost[None, near]))
        return np.maximum(qualities[start:stop, None] * trust - reached[None, near], 0).sum(1)

    def _near(self, first: int, last: int) -> slice:
        lowest, highest = self.cost[first] - _FARTHEST, self.cost[last] + _FARTHEST
        return slice(_place(self.cost, lowest), _place(self.cost, highest))


def _place(cost: Values, limit: float) -> int:
    return int(np.searchsorted(cost, limit))


def _trust_of(cost: Values) -> Values:
    return np.where(cost <= _FARTHEST, np.exp(-np.sqrt(cost)), 0.0)
