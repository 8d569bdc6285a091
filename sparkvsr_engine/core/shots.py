"""Shots: the stretches between cuts, plain frame spans. Nothing is carried from one into the next.

Not here: finding the cuts (`cuts`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from sparkvsr_engine.core.frames import FrameSpan


def shots_of(span: FrameSpan, cuts: Iterable[int]) -> list[FrameSpan]:
    """The shots of a range: contiguous, in order. A cut is the first frame of a new shot; cuts outside
    the range are ignored.
    """
    return span.split(cuts)


def shot_of(frame: int, shots: Sequence[FrameSpan]) -> FrameSpan:
    """The shot that holds a frame. Raises ValueError where none does."""
    place = bisect_right(shots, frame, key=lambda shot: shot.start) - 1
    if place < 0 or frame not in shots[place]:
        raise ValueError(f"frame {frame} lies in no shot")
    return shots[place]


def bare_shots(shots: Sequence[FrameSpan], keyframes: Sequence[int], shortest: int) -> list[FrameSpan]:
    """Shots of at least `shortest` frames that hold no keyframe, longest first.

    Args:
        shots: frames of each shot.
        keyframes: frames of the keyframes.
        shortest: frames of the shortest that counts.
    """
    shots_with_keyframes = {shot_of(frame, shots) for frame in keyframes}
    bare = [shot for shot in shots if shot not in shots_with_keyframes and len(shot) >= shortest]
    return sorted(bare, key=lambda shot: (-len(shot), shot.start))
