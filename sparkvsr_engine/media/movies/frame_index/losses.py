"""Frames a Matroska file or a transport stream has lost: the demuxer passes over what is broken in silence.

Two things together are taken for a loss: frames that lack in a constant rate, and bytes near them that belong
to no packet. A pause alone may be meant, and other tracks' data alone costs no frame. At the end decoding
times distinguish frames that did not arrive any more from a pause.
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

    holes: ordinals of these packets. last_place: where the file's last packet begins, None before the first.
    """

    holes: list[int] = field(default_factory=list[int])
    last_place: int | None = None
    _end: int = 0
    _is_open: bool = False

    def add(self, packet: Any, ordinal: int | None) -> None:
        """The next packet of the file; ordinal: None for another track's."""
        if packet.pos is None or packet.pos < 0 or not packet.size:
            return
        if packet.pos == self.last_place:
            # Several frames of sound in one block.
            self._end += packet.size
            return
        self._is_open |= self.last_place is not None and packet.pos - self._end > _HEADER_BYTES
        self.last_place, self._end = packet.pos, packet.pos + packet.size
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
    if not 0 < len(holes) <= _RARE * len(frames):
        return np.zeros(0, np.int64)
    lost: list[int] = []
    for gap in _gaps(frames, frames, rate, time_base):
        if any(gap.first - _REORDERED <= hole <= gap.last + _REORDERED for hole in holes):
            lost += gap.times
    return np.array(lost, np.int64)


def times_never_decoded(
    frames: Sequence[tuple[int, int]],
    stamps: Sequence[int | None],
    rate: Fraction | None,
    time_base: Fraction,
) -> NDArray[np.int64]:
    """When the frames should be shown whose packets were still to come when the file ended, rising.

    At a constant rate the last display time is the last decoding time and the delay between the two clocks;
    where it is more, as many frames are missing before it.

    Args:
        frames: as for `lost_times`.
        stamps: decoding times by ordinal.
        rate: frames per second; None where it is not constant.
        time_base: seconds of one unit of the times.
    """
    decoded = [stamp for stamp in stamps if stamp is not None]
    if not frames or not decoded or not rate:
        return np.zeros(0, np.int64)
    times = [time for _, time in frames]
    end = decoded[-1] + min(times) - decoded[0]
    missing = round((max(times) - end) * time_base * rate)
    gaps = _gaps([frame for frame in frames if frame[1] <= end], frames, rate, time_base)
    lacking = [time for gap in gaps for time in gap.times]
    return np.array(lacking[len(lacking) - min(missing, len(lacking)) :] if missing > 0 else [], np.int64)


@dataclass(frozen=True)
class _Gap:
    """Frames that lack in a constant rate. first, last: ordinals around them. times: when they were to be."""

    first: int
    last: int
    times: list[int]


def _gaps(
    judged: Sequence[tuple[int, int]],
    frames: Sequence[tuple[int, int]],
    rate: Fraction | None,
    time_base: Fraction,
) -> list[_Gap]:
    """Gaps between frames; none where those that are judged do not follow each other at a constant rate."""
    if not rate or len(judged) < 2:
        return []
    ordered = sorted(frames, key=lambda frame: frame[1])
    ordinals = np.array([ordinal for ordinal, _ in ordered])
    times = np.array([time for _, time in ordered], np.int64)
    step = float(1 / (rate * time_base))
    steps = np.diff(times) / step
    rounding = max(_ROUNDING, 1 / step)
    judged_steps = np.diff(sorted(time for _, time in judged)) / step
    if np.mean(abs(judged_steps - 1) <= rounding) < _CONSTANT:
        return []
    gaps: list[_Gap] = []
    for place in np.flatnonzero(steps > 1.5):
        count = round(float(steps[place]))
        if abs(steps[place] - count) <= rounding:
            first, last = sorted(map(int, ordinals[place : place + 2]))
            lacking = [int(times[place]) + round(step * index) for index in range(1, count)]
            gaps.append(_Gap(first, last, lacking))
    return gaps
