"""Which frame does a supplied picture show: the one it is named for, or another nearby?

A number that is off by one, or by the length of a handle, is the commonest mistake with keyframes, and
alignment hides it: most of the picture can be bent into place. It is recognised by the correlation of detail
with the source's frames. Where the shot stands still nothing is recognised, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sparkvsr_bridge.errors import SparkVSRError
from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.pictures.shrinking import downscaled
from sparkvsr_engine.references.checking import agreement_of

REACH = 24
"""Frames on either side among which the one that is shown is looked for."""

_LONGEST_SIDE = 480
# Above it a picture shows its own frame, whatever others look like.
_SURE = 0.985
# Below it the frames beside its own are no evidence for those farther away.
_LOST = 0.9
# A black frame contradicts nothing, which is no agreement.
_FLAT = 2 / 255
# Of the disagreement with its own frame, what is left with the one it shows.
_MOST_LEFT = 0.5


@dataclass(frozen=True)
class FrameShown:
    """Another frame than the one that was named. agreement, named_agreement: -1..1, with the two."""

    frame: int
    agreement: float
    named: int
    named_agreement: float

    @property
    def warning(self) -> str:
        """One sentence for the artist."""
        return (
            f"The keyframe at {self.named} looks like frame {self.frame}: it agrees with that by"
            f" {self.agreement:.2f}, with its own by {self.named_agreement:.2f} (1 is full);"
            " check its number."
        )


def frame_shown(
    picture: Picture,
    placed: Picture,
    named: Picture,
    frame: int,
    available: FrameSpan,
    source: Callable[[int], Picture],
) -> FrameShown | None:
    """The frame that a picture shows, None for its own or where it is not certain.

    Args:
        picture: as supplied.
        placed: the same, aligned to its own frame, which no other may agree with better.
        named: the source's frame it is named for, and `frame` its number.
        frame: its number.
        available: frames of the source, read by `source`. All pictures float32 [H, W, 3].
        source: gives a source frame, float32 [h, w, 3].
    """
    picture, own_frame = downscaled(picture, _LONGEST_SIDE), downscaled(named, _LONGEST_SIDE)
    own_agreement = agreement_of(picture, own_frame)
    if own_agreement >= _SURE:
        return None
    near = FrameSpan(frame, frame + 1).widened(1, available)
    agreements = {at: _agreement(picture, source, at) for at in near if at != frame}
    if own_agreement >= _LOST and max(agreements.values(), default=-1.0) <= own_agreement:
        return None
    for at in FrameSpan(frame, frame + 1).widened(REACH, available):
        if at not in near:
            agreements[at] = _agreement(picture, source, at)
    best = max(agreements, key=agreements.__getitem__, default=frame)
    least = max(
        1 - _MOST_LEFT * (1 - own_agreement), agreement_of(downscaled(placed, _LONGEST_SIDE), own_frame)
    )
    if best == frame or agreements[best] <= least:
        return None
    return FrameShown(best, agreements[best], frame, own_agreement)


def _agreement(picture: Picture, source: Callable[[int], Picture], number: int) -> float:
    """With another frame of the source; -1 for one that cannot be read, or shows nothing."""
    try:
        small = downscaled(source(number), _LONGEST_SIDE)
    except SparkVSRError:
        # Only the keyframe's own frame has to be readable.
        return -1.0
    return -1.0 if float(np.ptp(small)) < _FLAT else agreement_of(picture, small)
