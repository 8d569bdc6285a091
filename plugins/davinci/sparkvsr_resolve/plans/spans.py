# SPDX-License-Identifier: Apache-2.0
"""Which frames of its medium a clip shows, and which are rendered around them. Frames from 0.

A constant speed forwards can be held by a take: the medium is upscaled at its own speed, and the clip runs
the result as it runs the source. Where such a clip begins comes of the timeline's export: Resolve counts its
left offset over the speed, and its source start may be one frame off. Both must agree with the export.
"""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from typing import Mapping, Optional, Union

from ..exchange.facts import ItemFacts, MarkerFacts, MediaFacts
from ..runs.memory import Memory
from .speeds import Place, Speed

NORMAL = Fraction(1)


@dataclasses.dataclass(frozen=True)
class Span:
    """shown_first, shown_last: what the clip shows. first, last: with handles, within the medium. All
    inclusive.

    missing: frames of what it shows that the medium does not have.
    """

    shown_first: int
    shown_last: int
    first: int
    last: int
    missing: int = 0


def original_media(item: ItemFacts) -> Optional[MediaFacts]:
    """The medium that was cut in: take 1, whichever is selected. A result is never its own source."""
    if item.takes:
        return item.takes[0].media
    return item.media


def first_shown(item: ItemFacts) -> int:
    """The frame of the original medium at the clip's start, counted from the medium's own first frame.

    A subclip's frames count from where it begins in its file.
    """
    media = original_media(item)
    begin = int(media.get("Start")) if media is not None and media.get("Start").isdigit() else 0
    return begin + (item.takes[0].start if item.takes else item.left_offset)


def span_of(first: int, frames: int, medium_frames: int, handles: int) -> Span:
    """What is rendered for `frames` frames from `first` on of a medium of `medium_frames`."""
    last = first + frames - 1
    missing = max(0, -first) + max(0, last - (medium_frames - 1))
    return Span(
        shown_first=first,
        shown_last=last,
        first=max(0, min(first - handles, medium_frames - 1)),
        last=max(0, min(last + handles, medium_frames - 1)),
        missing=min(missing, frames),
    )


@dataclasses.dataclass(frozen=True)
class Retime:
    """A constant speed forwards. speed: 2 is twice as fast. begin: frame of the original medium, from 0, at
    the clip's start. left_offset: as Resolve counts it, over the speed.
    """

    speed: Fraction
    begin: int
    left_offset: int

    @property
    def percent(self) -> str:
        """For people."""
        return f"{float(self.speed) * 100:g} %"

    def frame_at(self, offset: int) -> int:
        """The frame of the medium that a frame of the clip shows. offset: from the clip's start."""
        return self.begin + math.floor(offset * self.speed)

    def frame_of(self, marker: MarkerFacts) -> int:
        """The frame of the medium under a marker on the clip, which counts over the speed."""
        return self.frame_at(marker.frame - self.left_offset)

    def frames(self, duration: int) -> int:
        """How many frames of the medium a clip of this length runs over."""
        return math.ceil(duration * self.speed)


def retime_of(
    item: ItemFacts, speed: Speed, exported: Mapping[Place, Speed], memory: Memory
) -> Union[Retime, str]:
    """What a retimed clip shows, or why that cannot be known exactly, after the clip's name.

    speed: of the clip, as `speed_of` found it. Its medium must have the timeline's frame rate.
    """
    if speed.value is None or speed.value <= 0:
        return speed.sentence
    export = exported.get((item.track, item.start))
    if export is None or export.value is None or export.value <= 0 or export.begin is None:
        return f"{speed.sentence}, and the timeline's export does not name where it begins"
    media = original_media(item)
    if media is not None and media.get("Start") not in ("", "0"):
        return f"{speed.sentence} and a subclip, whose frames cannot be determined exactly"
    if not _agree(item, export):
        return f"{speed.sentence}, and Resolve's frames differ from those of the timeline's export"
    begin = _in_the_original(item, export.begin, memory)
    if begin is None:
        return f"{speed.sentence}, and shows a take that is no result of this program; select its take 1"
    return Retime(export.value, begin, item.left_offset)


def _agree(item: ItemFacts, export: Speed) -> bool:
    """Whether what Resolve reads of a clip fits its export: the frames it runs over, and where it begins."""
    if item.source_start is None or item.source_end is None or export.value is None or export.begin is None:
        return False
    span = item.source_end - item.source_start
    return (
        abs(span - item.duration * export.value) <= 1
        and abs(item.source_start - export.begin) <= 1
        and abs(item.left_offset * export.value - export.begin) <= max(NORMAL, export.value)
    )


def _in_the_original(item: ItemFacts, begin: int, memory: Memory) -> Optional[int]:
    """Where a clip begins in the medium that was cut in, by where it begins in the take it shows."""
    if not item.takes or item.selected_take <= 1:
        return begin
    record = memory.record_of(item.media.path) if item.media is not None else None
    return None if record is None else record.first + begin
