"""Time as exact fractions: rates as they are meant, seconds, frames, timecode.

Programs spell 24000/1001 as 23.976, 23.98 or 23.976024627; arithmetic on those slips by frames after an hour.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any, Optional

NOISE = Fraction(1, 10_000)
"""Of a frame: what rounding in a file may take off. The least honest gap, 25 in 119.88, is twice as wide."""

_NEAR_INTEGER = 1e-4
# 23.98 lies 0.004 off, 23.97 lies 0.006 off.
_NEAR_NTSC = 0.0075
_TIMECODE = re.compile(r"^(\d\d):(\d\d):(\d\d)([:;.,])(\d\d\d?)$")


class TimeUnusable(ValueError):
    """A time or a rate is not a number one can count with."""


def exact_rate(rate: float) -> Fraction:
    """The rate that is meant; raises TimeUnusable for one that is no positive number.

    Args:
        rate: frames per second.
    """
    if not math.isfinite(rate) or rate <= 0:
        raise TimeUnusable(f"a rate of {rate} frames per second cannot be counted with")
    if abs(rate - round(rate)) < _NEAR_INTEGER:
        return Fraction(round(rate))
    over_1001 = Fraction(round(rate * 1.001) * 1000, 1001)
    if over_1001 > 0 and abs(rate - over_1001) < _NEAR_NTSC:
        return over_1001
    return Fraction(rate).limit_denominator(100_000)


def seconds_of(time: Any) -> Fraction:
    """A RationalTime in seconds; raises TimeUnusable.

    Args:
        time: a RationalTime of OpenTimelineIO.
    """
    if not math.isfinite(time.value):
        raise TimeUnusable(f"a time of {time.value} cannot be counted with")
    return Fraction(time.value) / exact_rate(time.rate)


def frame_of(seconds: Fraction, rate: Fraction) -> int:
    """The frame that is shown at a time.

    Args:
        seconds: the time.
        rate: frames per second.
    """
    return math.floor(seconds * rate + NOISE)


def frames_until(seconds: Fraction, rate: Fraction) -> int:
    """The frame after the last one that is shown before a time.

    Args:
        seconds: the time.
        rate: frames per second.
    """
    return math.ceil(seconds * rate - NOISE)


def timecode_frames(text: Optional[str], rate: Fraction) -> Optional[int]:
    """The frame that a timecode counts, drop-frame where it is written so; None for text that is none.

    Args:
        text: such as `01:00:00;00`; None for none.
        rate: frames per second.
    """
    match = _TIMECODE.match((text or "").strip())
    if match is None:
        return None
    hours, minutes, seconds, frames = (int(match[part]) for part in (1, 2, 3, 5))
    nominal = max(round(rate), 1)
    whole_minutes = 60 * hours + minutes
    count = (60 * whole_minutes + seconds) * nominal + frames
    if match[4] != ":" and rate.denominator == 1001:
        count -= round(nominal / 15) * (whole_minutes - whole_minutes // 10)
    return count


def timecode_seconds(text: Optional[str], rate: Fraction) -> Optional[Fraction]:
    """A timecode in seconds; None for text that is none.

    Args:
        text: such as `01:00:00;00`; None for none.
        rate: frames per second.
    """
    count = timecode_frames(text, rate)
    return None if count is None else count / rate
