# SPDX-License-Identifier: Apache-2.0
"""Whether a clip is retimed. Resolve has no call for it: the frames it shows are held against its length.

Where both ends read 0, as on timelines imported from XML, and before Resolve 19, nothing is known, and the
timeline's own export has to show.
"""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Callable, Mapping, Optional, Tuple

from ..exchange.facts import ItemFacts

Place = Tuple[int, int]
"""Track and record frame of an item."""


@dataclasses.dataclass(frozen=True)
class Speed:
    """value: 1 is normal, negative backwards, 0 a freeze; None where nothing shows it, and for a curve.

    begin: frame of the shown medium, from 0, at the clip's start; None where only an export would show it.
    is_curve: whether it changes within the clip.
    """

    value: Optional[Fraction]
    begin: Optional[int] = dataclasses.field(default=None, compare=False)
    is_curve: bool = dataclasses.field(default=False, compare=False)

    @property
    def is_normal(self) -> bool:
        """Whether the clip runs at 100 %."""
        return self.value == 1

    @property
    def sentence(self) -> str:
        """After the clip's name: `is retimed (200 %)`."""
        if self.is_curve:
            return "has a speed that changes"
        if self.value is None:
            return "may be retimed: this Resolve does not report its speed"
        if self.value == 0:
            return "is a freeze frame"
        backwards = ", backwards" if self.value < 0 else ""
        return f"is retimed ({float(abs(self.value)) * 100:g} %{backwards})"


def speed_of(
    item: ItemFacts,
    media_rate: Fraction,
    record_rate: Fraction,
    export: Callable[[], Mapping[Place, Speed]],
) -> Speed:
    """The speed by the timeline's export where that names one, else by the frames that are shown.

    export: gives what `exported_speeds` does.
    """
    speed, exported = _shown_speed(item, media_rate, record_rate), export().get((item.track, item.start))
    # A speed that changes, or a slight one, may run over as many frames as 100 %: only the export shows it.
    if exported is not None and (speed.value is None or not exported.is_normal):
        return exported
    return speed


def _shown_speed(item: ItemFacts, media_rate: Fraction, record_rate: Fraction) -> Speed:
    if item.source_start is None or item.source_end is None or item.duration <= 0:
        return Speed(None)
    span = item.source_end - item.source_start
    if span == 0 and item.source_start == 0:
        return Speed(None)
    expected = item.duration * media_rate / record_rate
    # The end is exclusive at equal rates, inclusive at others.
    tolerance = 0 if media_rate == record_rate else 1
    if abs(span - expected) <= tolerance:
        return Speed(Fraction(1))
    return Speed(Fraction(span) / expected)
