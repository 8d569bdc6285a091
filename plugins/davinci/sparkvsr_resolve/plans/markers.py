# SPDX-License-Identifier: Apache-2.0
"""Markers to keyframes. An item's count from the start of its medium, a timeline's from the timeline's
start.
"""

from __future__ import annotations

import dataclasses
from fnmatch import fnmatchcase
from typing import Optional, Sequence, Tuple

from ..exchange.facts import ItemFacts, MarkerFacts, TimelineFacts
from .spans import Retime, Span

DEFAULT_KEYS = ("KEY*",)
CUSTOM = "sparkvsr"


@dataclasses.dataclass(frozen=True)
class MarkedFrames:
    """keyframes: frames of the medium from 0. ignored: names of markers outside of what the clip shows."""

    keyframes: Tuple[int, ...] = ()
    ignored: Tuple[str, ...] = ()


def is_key(marker: MarkerFacts, keys: Sequence[str]) -> bool:
    """Whether a marker's name matches a pattern, its colour is named, or this program set it; case is
    ignored.
    """
    name, colour = marker.name.lower(), marker.colour.lower()
    if CUSTOM in marker.custom:
        return True
    return any(fnmatchcase(name, key.lower()) or (colour != "" and colour == key.lower()) for key in keys)


def marked_frames(
    item: ItemFacts,
    timeline: TimelineFacts,
    span: Span,
    keys: Sequence[str],
    retime: Optional[Retime] = None,
) -> MarkedFrames:
    """The keyframes of a clip, from its own markers and the timeline's above it. retime: None at 100 %."""
    frames, ignored = set(), []
    for marker in item.markers:
        if not is_key(marker, keys):
            continue
        frame = marker.frame if retime is None else retime.frame_of(marker)
        if span.shown_first <= frame <= span.shown_last:
            frames.add(frame)
        else:
            ignored.append(marker.name or f"at frame {marker.frame}")
    for marker in timeline.markers:
        record = timeline.start + marker.frame
        if is_key(marker, keys) and item.start <= record < item.end:
            offset = record - item.start
            frames.add(span.shown_first + offset if retime is None else retime.frame_at(offset))
    return MarkedFrames(tuple(sorted(frames)), tuple(ignored))
