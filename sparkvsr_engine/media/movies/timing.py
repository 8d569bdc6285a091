"""When frames are shown: constant or varying rate, exactly. Pure arithmetic on an index's times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.movies.frame_index.index import MovieIndex

# Timescales beyond this do not fit the 32-bit fields of MP4 and QuickTime.
_FINEST_TICKS = 1 << 30

# Ticks per frame from which a clock is fine beside its frames.
_FINE_STEP = 4

_STANDARD_RATES = [
    Fraction(*rate)
    for rate in (
        (24000, 1001),
        (24, 1),
        (25, 1),
        (30000, 1001),
        (30, 1),
        (48, 1),
        (50, 1),
        (60000, 1001),
        (60, 1),
    )
]


@dataclass(frozen=True)
class FrameRate:
    """rate: frames per second, the mean where it `varies`; None for a single frame without one."""

    rate: Fraction | None
    varies: bool


def rate_of(index: MovieIndex, hints: Iterable[Fraction | None]) -> FrameRate:
    """The exact rate that explains every frame's time to within a clock's rounding, or the mean rate of a
    varying one.

    hints: rates the container names.
    """
    named = [Fraction(hint) for hint in hints if hint]
    if index.counted:
        return FrameRate(1 / index.time_base, varies=False)
    if index.frames < 2:
        return FrameRate(named[0] if named else None, varies=False)
    steps = np.diff(index.pts)
    candidates = [*named, *_STANDARD_RATES]
    if (steps == steps[0]).all():
        # Equal steps are exact by themselves, unless a coarse clock hides a standard rate behind them.
        candidates = [
            *(rate for rate in named if _explains(index, rate)),
            1 / (int(steps[0]) * index.time_base),
        ]
    for rate in candidates:
        if _explains(index, rate):
            return FrameRate(rate, varies=False)
    span = int(index.pts[-1] - index.pts[0]) + index.last_duration
    return FrameRate((index.frames / (span * index.time_base)).limit_denominator(100_000), varies=True)


def _explains(index: MovieIndex, rate: Fraction) -> bool:
    step = 1 / (rate * index.time_base)
    expected = np.arange(index.frames) * (step.numerator / step.denominator)
    # One tick: a clock's rounding of two frames' times may differ by as much. Not where a tick is as long as
    # frames are: there it would be a frame that is missing.
    tolerance = 1.0 if step >= _FINE_STEP else 0.51
    return bool((np.abs(index.pts - index.pts[0] - expected) <= tolerance).all())


@dataclass(frozen=True, eq=False)
class OutputTiming:
    """When each frame of the output is shown, in ticks of `time_base` from the start of the file.

    offset: ticks before the first frame. ticks: int64 [n + 1] of a varying rate, the end of the last frame
        included; None for a constant `rate`.
    """

    rate: Fraction
    time_base: Fraction
    offset: int = 0
    ticks: NDArray[np.int64] | None = None

    def at(self, number: int) -> int:
        """Ticks of output frame `number`, counted from 0; before it time goes on at the mean rate."""
        if self.ticks is not None and number >= 0:
            return self.offset + int(self.ticks[number])
        start = self.offset if self.ticks is None else self.offset + int(self.ticks[0])
        return start + round(number / (self.rate * self.time_base))

    def seconds(self, number: int) -> Fraction:
        """The same in seconds."""
        return self.at(number) * self.time_base


def constant_timing(rate: Fraction, start: Fraction = Fraction(0)) -> OutputTiming:
    """Frames at exactly `rate`, the first one at `start` seconds.

    Where `start` is no whole number of frames the clock is refined until it holds both, or to 90 kHz
    and finer when that would take more than 32 bits.
    """
    if (start * rate).denominator == 1:
        return OutputTiming(rate, 1 / rate, int(start * rate))
    ticks = lcm(rate.numerator, start.denominator)
    if ticks > _FINEST_TICKS:
        ticks = rate.numerator * max(1, 90_000 // rate.numerator)
    time_base = Fraction(1, ticks)
    return OutputTiming(rate, time_base, round(start / time_base))


def source_timing(index: MovieIndex, span: FrameSpan, rate: Fraction, origin: Fraction) -> OutputTiming:
    """The source's own times for the frames of `span`, counted from `origin` seconds on its clock.

    Args:
        index: of the movie's packets.
        span: the frames.
        rate: frames per second.
        origin: where the target begins on the source's clock, seconds.
    """
    shift = round(origin / index.time_base)
    ticks = [index.ticks_at(number) - shift for number in range(span.start, span.stop + 1)]
    return OutputTiming(rate, index.time_base, 0, np.array(ticks, np.int64))
