"""Frames a Matroska file has lost: the demuxer passes over a block with a broken header without a word.

Two things together are taken for a loss: frames that lack in a constant rate, and bytes near them that belong
to no packet. A pause alone may be meant, and other tracks' data alone costs no frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Headers of a block, its group and a cluster between the bytes of two packets.
_HEADER_BYTES = 40
# Places by which the packets around a hole may stand apart in the file and in the order they are shown.
_REORDERED = 17
# Share of a frame by which containers' clocks round, share of steps that are one frame at a constant rate,
# largest share of packets that holes stand before: some movies have data beside every packet.
_ROUNDING, _CONSTANT, _RARE = 0.1, 0.9, 0.25


@dataclass
class ByteLedger:
    """Which packets of one track come after bytes that belong to no packet of any track.

    holes: ordinals of these packets.
    """

    holes: list[int] = field(default_factory=list[int])
    _place: int | None = None
    _end: int = 0
    _is_open: bool = False

    def add(self, packet: Any, ordinal: int | None) -> None:
        """The next packet of the file; ordinal: None for another track's."""
        if packet.pos is None or packet.pos < 0 or not packet.size:
            return
        if packet.pos == self._place:
            # Several frames of sound in one block.
            self._end += packet.size
            return
        self._is_open |= self._place is not None and packet.pos - self._end > _HEADER_BYTES
        self._place, self._end = packet.pos, packet.pos + packet.size
        if ordinal is not None and self._is_open:
            self.holes.append(ordinal)
            self._is_open = False


def lost_times(
    frames: Sequence[tuple[int, int]], holes: Sequence[int], rate: Fraction | None, time_base: Fraction
) -> NDArray[np.int64]:
    """When the frames that were lost should be shown, rising; empty where nothing is known to be lost.

    Args:
        frames: (ordinal, time) of the packets that are there.
        holes: places in the order of pictures.
        rate: frames per second the headers name.
        time_base: of the stream, seconds.
    """
    none = np.zeros(0, np.int64)
    if not rate or len(frames) < 2 or not 0 < len(holes) <= _RARE * len(frames):
        return none
    ordered = sorted(frames, key=lambda frame: frame[1])
    ordinals = np.array([ordinal for ordinal, _ in ordered])
    times = np.array([time for _, time in ordered], np.int64)
    step = float(1 / (rate * time_base))
    steps = np.diff(times) / step
    if np.mean(abs(steps - 1) <= max(_ROUNDING, 1 / step)) < _CONSTANT:
        return none
    lost: list[int] = []
    for place in np.flatnonzero(steps > 1.5):
        count = round(float(steps[place]))
        first, last = sorted(ordinals[place : place + 2])
        is_whole = abs(steps[place] - count) <= max(_ROUNDING, 1 / step)
        if is_whole and any(first - _REORDERED <= hole <= last + _REORDERED for hole in holes):
            lost += [int(times[place]) + round(step * index) for index in range(1, count)]
    return np.array(lost, np.int64)
