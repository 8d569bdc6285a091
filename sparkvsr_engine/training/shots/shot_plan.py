"""Which frames of a stage a shot shows, where its keyframes lie, what is learnt: drawn, without pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sparkvsr_engine.models.lite.learning.examples import Example
from sparkvsr_engine.training.shots.shot_recipe import ShotDraws

# Frames beyond the outer keyframes: what the network sees of time.
_AROUND = 2
# Frames between two keyframes at least.
_NEAREST = 3


@dataclass(frozen=True)
class ShotPlan:
    """frames: of the stage, in order; everything else counts these. keyframes: their places. kind: of the
    keyframes. examples: what is learnt, under which keyframes.
    """

    frames: tuple[int, ...]
    keyframes: tuple[int, ...]
    kind: str
    strength: float
    examples: tuple[Example, ...]


def draw_plan(length: int, draws: ShotDraws, rng: np.random.Generator) -> ShotPlan:
    """A shot of a stage.

    Args:
        length: frames of the stage.
        draws: what is drawn, and how often.
        rng: draws everything that is drawn.
    """
    step = 2 if rng.random() < draws.doubled and length > 2 * (draws.farthest + 2 * _AROUND) else 1
    most = max(2, min(draws.farthest, (length - 1) // step))
    distance = int(rng.integers(min(_NEAREST, most), most + 1))
    first = int(rng.integers(0, max(1, length - step * distance)))
    places = range(first - step * _AROUND, first + step * (distance + _AROUND) + 1, step)
    frames = tuple(place for place in places if 0 <= place < length)
    start = frames.index(first)
    ends = (start, min(start + distance, len(frames) - 1))
    keyframes = (ends[int(rng.integers(2))],) if rng.random() < draws.single else ends
    kinds, shares = zip(*draws.keyframes, strict=True)
    kind = str(rng.choice(kinds, p=np.array(shares) / sum(shares)))
    inner = [place for place in range(ends[0], ends[1] + 1) if place not in keyframes]
    targets = rng.choice(inner, min(draws.targets, len(inner)), replace=False)
    examples = tuple(
        Example(int(target), () if rng.random() < draws.bare else keyframes) for target in targets
    )
    return ShotPlan(frames, keyframes, kind, float(rng.uniform(*draws.strengths)), examples)
