"""What is learnt from: each keyframe as a target, under other keyframes and under itself from near by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.models.lite.network import MOST_KEYFRAMES

# Frames a keyframe is moved away from itself.
NEAR_DISTANCES = (1, 2, 4, 7)
# Keyframes learnt from at most, spread over the shot: flows between them are what preparing takes.
MOST_LESSONS = 12


@dataclass(frozen=True)
class Shown:
    """A keyframe shown with a target; over: the frame its own picture is moved over, None for another's."""

    keyframe: int
    over: int | None = None

    def distance(self, target: int) -> int:
        """Frames to the target."""
        return abs((self.keyframe if self.over is None else self.over) - target)


@dataclass(frozen=True)
class Example:
    """A keyframe as the wanted result, and the keyframes it is to be restored under."""

    target: int
    shown: tuple[Shown, ...]

    @property
    def is_near(self) -> bool:
        """Whether the target's own picture is among those shown."""
        return any(one.over is not None for one in self.shown)


def examples_of(keyframes: Sequence[int], span: FrameSpan, seed: int) -> list[Example]:
    """Per keyframe one under the others, and two under itself from near by, one on either side.

    span: the shot. Of a shot with one keyframe there is nothing but near.
    """
    rng = np.random.default_rng([seed, 1])
    lessons = _spread(sorted(keyframes))
    examples: list[Example] = []
    for target in lessons:
        before = max((frame for frame in keyframes if frame < target), default=None)
        after = min((frame for frame in keyframes if frame > target), default=None)
        others = tuple(Shown(frame) for frame in (before, after) if frame is not None)
        if others:
            examples.append(Example(target, others))
        for side, far in ((-1, after), (1, before)):
            over = span.clamp(target + side * int(rng.choice(NEAR_DISTANCES)))
            if over != target:
                more = others[:1] if far is None else (Shown(far),)
                examples.append(Example(target, (Shown(target, over), *more)[:MOST_KEYFRAMES]))
    return examples or [Example(target, ()) for target in lessons]


def _spread(keyframes: Sequence[int]) -> list[int]:
    """As many of them as are learnt from."""
    if len(keyframes) <= MOST_LESSONS:
        return list(keyframes)
    last = len(keyframes) - 1
    return [keyframes[round(index * last / (MOST_LESSONS - 1))] for index in range(MOST_LESSONS)]
