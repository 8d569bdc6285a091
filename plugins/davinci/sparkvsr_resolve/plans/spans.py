# SPDX-License-Identifier: Apache-2.0
"""Which frames of a medium a clip at 100 % shows, and which are rendered around them. Frames from 0."""

from __future__ import annotations

import dataclasses
from typing import Optional

from ..exchange.facts import ItemFacts, MediaFacts


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
