# SPDX-License-Identifier: Apache-2.0
"""Frame rates as exact fractions: Resolve writes 24000/1001 as 23.976 and adds DF to drop-frame ones."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Optional

_NUMBER = re.compile(r"\d+(\.\d+)?")
_NEAR = Fraction(1, 100)


def rate_of(text: str) -> Optional[Fraction]:
    """The rate that is meant; None for text without one."""
    match = _NUMBER.match(text.strip())
    if match is None or Fraction(match[0]) <= 0:
        return None
    value = Fraction(match[0])
    nominal = Fraction(round(value))
    over_1001 = Fraction(round(value * 1001 / 1000) * 1000, 1001)
    if abs(value - nominal) < Fraction(1, 10_000):
        return nominal
    return over_1001 if abs(value - over_1001) < _NEAR else value


def timecode_of(frame: int, rate: Fraction, is_drop_frame: bool) -> str:
    """The timecode of a record frame."""
    nominal = round(rate)
    if is_drop_frame:
        frame += _dropped_before(frame, nominal)
    seconds, frames = divmod(frame, nominal)
    mark = ";" if is_drop_frame else ":"
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}{frames:02d}"


def _dropped_before(frame: int, nominal: int) -> int:
    """Numbers that drop-frame has left out: two per minute at 30, none in every tenth."""
    drop = nominal // 15
    ten_minutes = nominal * 600 - drop * 9
    tens, rest = divmod(frame, ten_minutes)
    minutes = max(0, (rest - drop) // (nominal * 60 - drop)) if rest >= drop else 0
    return drop * 9 * tens + drop * minutes
