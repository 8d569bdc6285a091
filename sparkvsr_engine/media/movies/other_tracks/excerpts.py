"""Which part of a source's clock goes into a movie, and what its packets' times are on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

# A track's decoding times never fall back by as much, unless its clock started over.
_RESTART_SECONDS = Fraction(1, 10)


@dataclass(frozen=True)
class Excerpt:
    """The part of the source's clock that goes into the target, in seconds.

    origin: the moment that becomes 0. stop: None for everything there is. start: packets that end before it
        are left out.
    """

    origin: Fraction
    start: Fraction | None = None
    stop: Fraction | None = None


EVERYTHING = Excerpt(Fraction(0))
"""The whole source, on its own clock."""


class StreamTimes:
    """Times of one track's packets, asked for in the order of the file.

    shifts: seconds added each time the clock started over, once for each time (as in `MovieIndex`).
    """

    def __init__(self, shifts: Sequence[Fraction]) -> None:
        self._shifts = [Fraction(0), *shifts]
        self._restarts = 0
        self._decoded: Fraction | None = None
        self._end = Fraction(0)

    def of(self, packet: Any) -> tuple[Fraction, Fraction]:
        """Start and end of a packet in seconds; one without a time follows the one before it."""
        ticks = packet.dts if packet.dts is not None else packet.pts
        if ticks is not None:
            decoded = ticks * packet.time_base
            if self._decoded is not None and decoded < self._decoded - _RESTART_SECONDS:
                self._restarts += 1
            self._decoded = decoded
        time = packet.pts if packet.pts is not None else packet.dts
        shift = self._shifts[min(self._restarts, len(self._shifts) - 1)]
        start = self._end if time is None else time * packet.time_base + shift
        self._end = start + max(packet.duration or 0, 1) * packet.time_base
        return start, self._end
