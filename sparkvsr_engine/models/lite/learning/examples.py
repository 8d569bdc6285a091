"""What is learnt from: each keyframe as the wanted result, under those that are nearest to it.

What was tried and left: a keyframe under itself, moved over a frame near by and back. No keyframe ever fits
so well, gates open too far, and frames between true keyframes lost up to 1.1 dB (docs/learning.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Keyframes learnt from at most, spread over the shot: flows between them are what preparing takes.
MOST_LESSONS = 12


@dataclass(frozen=True)
class Example:
    """A keyframe as the wanted result, and those it is restored under, none for the blind path."""

    target: int
    keyframes: tuple[int, ...]


def examples_of(keyframes: Sequence[int]) -> list[Example]:
    """Each keyframe under its neighbours before and after; the only one of a shot under none."""
    ordered = sorted(keyframes)
    examples: list[Example] = []
    for target in _spread(ordered):
        before = max((frame for frame in ordered if frame < target), default=None)
        after = min((frame for frame in ordered if frame > target), default=None)
        examples.append(Example(target, tuple(frame for frame in (before, after) if frame is not None)))
    return examples


def _spread(keyframes: Sequence[int]) -> list[int]:
    """As many of them as are learnt from."""
    if len(keyframes) <= MOST_LESSONS:
        return list(keyframes)
    last = len(keyframes) - 1
    return [keyframes[round(index * last / (MOST_LESSONS - 1))] for index in range(MOST_LESSONS)]
