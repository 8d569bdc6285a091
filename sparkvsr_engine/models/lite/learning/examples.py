"""What is learnt from: each keyframe as the wanted result, under those that are nearest to it.

What was tried and left: a keyframe under itself, moved over a frame near by and back. No keyframe ever fits
so well, gates open too far, and frames between true keyframes lost up to 1.1 dB (docs/learning.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

# Keyframes learnt from at most, spread over the shot: flows between them are what preparing takes.
MOST_LESSONS = 12


@dataclass(frozen=True)
class Example:
    """A keyframe as the wanted result, and those it is restored under, none for the blind path.

    target: the keyframe's frame. offset: frames from there to the one whose source is restored, onto which
    the keyframe is moved.
    """

    target: int
    keyframes: tuple[int, ...]
    offset: int = 0

    @property
    def frame(self) -> int:
        """The frame that is restored."""
        return self.target + self.offset


def examples_of(keyframes: Sequence[int]) -> list[Example]:
    """Each keyframe under its neighbours before and after; the only one of a shot under none."""
    ordered = sorted(keyframes)
    examples: list[Example] = []
    for target in _spread(ordered):
        before = max((frame for frame in ordered if frame < target), default=None)
        after = min((frame for frame in ordered if frame > target), default=None)
        examples.append(Example(target, tuple(frame for frame in (before, after) if frame is not None)))
    return examples


def nearby_examples(
    examples: Sequence[Example], offsets: Sequence[int], is_inside: Callable[[int], bool]
) -> list[Example]:
    """The same keyframes as wanted results of frames beside them, which have other noise.

    Args:
        examples: keyframes as wanted results of their own frames.
        offsets: frames from a keyframe.
        is_inside: whether a frame belongs to the shot.
    """
    targets = {example.target for example in examples}
    moved = [replace(example, offset=offset) for example in examples for offset in offsets]
    return [
        example
        for example in moved
        if is_inside(example.frame) and example.frame not in targets.union(example.keyframes)
    ]


def _spread(keyframes: Sequence[int]) -> list[int]:
    """As many of them as are learnt from."""
    if len(keyframes) <= MOST_LESSONS:
        return list(keyframes)
    last = len(keyframes) - 1
    return [keyframes[round(index * last / (MOST_LESSONS - 1))] for index in range(MOST_LESSONS)]
