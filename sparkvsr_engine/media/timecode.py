"""SMPTE timecode: text and the packed words of EXR headers, and counting on from either.

Drop-frame counting leaves out frame numbers 0 and 1 (of 30) or 0 to 3 (of 60) at every minute that is
not a multiple of ten, as SMPTE ST 12-1 has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

_TEXT = re.compile(r"^(\d\d):(\d\d):(\d\d)([:;.])(\d\d)$")
_DROP_FLAG = 1 << 6


@dataclass(frozen=True)
class Timecode:
    """Hours to frames as they are shown; drops: drop-frame counting."""

    hours: int
    minutes: int
    seconds: int
    frames: int
    drops: bool = False

    @classmethod
    def parse(cls, text: str) -> Timecode | None:
        """The timecode of `01:00:00:00`, or `01:00:00;00` for drop-frame; None for any other text."""
        match = _TEXT.match(text.strip())
        if not match:
            return None
        return cls(int(match[1]), int(match[2]), int(match[3]), int(match[5]), match[4] != ":")

    @classmethod
    def unpack(cls, word: int) -> Timecode:
        """The timecode of the first of the two words in EXR's `timeCode` attribute."""
        parts = [(word >> shift & 0x0F) + 10 * (word >> shift + 4 & tens) for shift, tens in _FIELDS]
        return cls(parts[0], parts[1], parts[2], parts[3], bool(word & _DROP_FLAG))

    def pack(self, template: int = 0) -> int:
        """The word for this timecode; bits of `template` that are not digits (flags) are kept."""
        word = template
        for (shift, tens), value in zip(
            _FIELDS, (self.hours, self.minutes, self.seconds, self.frames), strict=True
        ):
            word &= ~((0x0F | tens << 4) << shift)
            word |= (value % 10 | value // 10 << 4) << shift
        return word & ~_DROP_FLAG | (_DROP_FLAG if self.drops else 0)

    def __str__(self) -> str:
        separator = ";" if self.drops else ":"
        return f"{self.hours:02}:{self.minutes:02}:{self.seconds:02}{separator}{self.frames:02}"

    def advanced(self, by: int, rate: Fraction) -> Timecode:
        """The timecode `by` frames later at `rate` frames per second; it starts again after 24 hours."""
        nominal = max(round(rate), 1)
        dropped = round(nominal / 15) if self.drops else 0
        count = self._count(nominal, dropped) + by
        return _of_count(count % _frames_per_day(nominal, dropped), nominal, dropped)

    def _count(self, nominal: int, dropped: int) -> int:
        minutes = 60 * self.hours + self.minutes
        nominal_count = (60 * minutes + self.seconds) * nominal + self.frames
        return nominal_count - dropped * (minutes - minutes // 10)


# Position of the digits of hours, minutes, seconds, frames in the packed word, and the mask of their tens.
_FIELDS = ((24, 0x3), (16, 0x7), (8, 0x7), (0, 0x3))


def _frames_per_day(nominal: int, dropped: int) -> int:
    return 24 * 3600 * nominal - dropped * 9 * 6 * 24


def _of_count(count: int, nominal: int, dropped: int) -> Timecode:
    if dropped:
        per_minute = 60 * nominal - dropped
        tens, remainder = divmod(count, 10 * per_minute + dropped)
        # The first minute of ten is whole; the nine after it lack `dropped` numbers each.
        beyond = max(remainder - dropped, 0) // per_minute
        count += dropped * (9 * tens + beyond)
    seconds, frames = divmod(count, nominal)
    return Timecode(seconds // 3600 % 24, seconds // 60 % 60, seconds % 60, frames, bool(dropped))
