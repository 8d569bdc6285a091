# SPDX-License-Identifier: Apache-2.0
"""Which items of the timeline are meant."""

from __future__ import annotations

from typing import Tuple

from ..exchange.facts import ItemFacts, TimelineFacts
from ..refusals import Refused


def items_in(timeline: TimelineFacts, scope: str, track: int = 0) -> Tuple[ItemFacts, ...]:
    """The enabled items of a scope, in the order of the record. track: for the scope of that name.

    Raises Refused where the scope is empty, or this version of Resolve does not report it.
    """
    items = _chosen(timeline, scope, track)
    enabled = [item for item in items if item.is_enabled and _is_shown(timeline, item.track)]
    if not enabled:
        raise Refused(_NOTHING[scope])
    return tuple(sorted(enabled, key=lambda item: (item.start, item.track)))


def marked_range(timeline: TimelineFacts) -> Tuple[int, int]:
    """The marked record frames, absolute, the end exclusive. Raises Refused."""
    if not timeline.has_marks:
        raise Refused(
            "This Resolve does not report the marked range (19.1 and later do); use the clip under the"
            " playhead or a track."
        )
    if timeline.mark_in is None and timeline.mark_out is None:
        raise Refused(_NOTHING["range"])
    first = timeline.start if timeline.mark_in is None else timeline.start + timeline.mark_in
    last = timeline.end - 1 if timeline.mark_out is None else timeline.start + timeline.mark_out
    return first, last + 1


_NOTHING = {
    "selected": "No clip is selected; select some on the Edit page.",
    "playhead": "No clip is under the playhead; put it over one.",
    "range": "No range is marked; set In and Out over clips.",
    "track": "The track has no clips; choose another one.",
    "timeline": "The timeline has no clips.",
}


def _chosen(timeline: TimelineFacts, scope: str, track: int) -> Tuple[ItemFacts, ...]:
    if scope == "selected":
        if timeline.selected is None:
            raise Refused(
                "This Resolve does not report which clips are selected (21.0.4 and later do); use the clip"
                " under the playhead, the marked range or a track."
            )
        return tuple(item for item in timeline.items if item.uid in timeline.selected)
    if scope == "playhead":
        return tuple(item for item in timeline.items if item.uid == timeline.playhead_item)
    if scope == "range":
        first, last = marked_range(timeline)
        return tuple(item for item in timeline.items if item.start < last and first < item.end)
    if scope == "track":
        return tuple(item for item in timeline.items if item.track == track)
    return timeline.items


def _is_shown(timeline: TimelineFacts, index: int) -> bool:
    return next((track.is_enabled for track in timeline.tracks if track.index == index), True)
