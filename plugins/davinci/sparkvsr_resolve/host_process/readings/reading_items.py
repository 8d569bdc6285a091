# SPDX-License-Identifier: Apache-2.0
"""Reads one item of a timeline, its takes, its markers and the clips behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional, Tuple

from ...exchange.facts import ItemFacts, MarkerFacts, MediaFacts, TakeFacts
from .. import newer

if TYPE_CHECKING:
    from fusionscript import MediaPoolItem, TimelineItem

PROPERTIES = (
    "FPS",
    "Frames",
    "Start TC",
    "Resolution",
    "Type",
    "Start",
    "End",
    "IDT",
    "Input Color Space",
    "Data Level",
    "Super Scale",
    "Field Dominance",
    "Video Codec",
    "PAR",
    "Alpha mode",
)


def read_item(track: int, item: TimelineItem) -> ItemFacts:
    """Everything of an item."""
    counted = newer.counted(item)
    properties = newer.item_properties(item)
    source_start, source_end = newer.source_span(item)
    count = int(item.GetTakesCount() or 0)
    return ItemFacts(
        uid=str(item.GetUniqueId()),
        name=str(item.GetName()),
        track=track,
        start=int(counted.GetStart()),
        end=int(counted.GetEnd()),
        duration=int(counted.GetDuration()),
        left_offset=int(counted.GetLeftOffset() or 0),
        source_start=source_start,
        source_end=source_end,
        has_properties=bool(properties),
        scaling=int(properties.get("Scaling", 0) or 0),
        fusion_comps=int(item.GetFusionCompCount() or 0),
        is_enabled=bool(item.GetClipEnabled()),
        media=read_media(item.GetMediaPoolItem()),
        takes=tuple(_take(item, index) for index in range(1, count + 1)),
        selected_take=int(item.GetSelectedTakeIndex() or 0) if count else 0,
        markers=read_markers(item.GetMarkers()),
    )


def read_media(clip: Optional[MediaPoolItem]) -> Optional[MediaFacts]:
    """A clip of the media pool; None where an item has none."""
    if clip is None:
        return None
    values = newer.clip_properties(clip)
    properties = {name: str(values[name]) for name in PROPERTIES if values.get(name) not in (None, "")}
    return MediaFacts(
        str(clip.GetUniqueId()), str(clip.GetName()), str(values.get("File Path") or ""), properties
    )


def read_markers(markers: Any) -> Tuple[MarkerFacts, ...]:
    """Markers in order; their frames and lengths come as floats."""
    pairs = sorted((markers or {}).items(), key=lambda pair: float(pair[0]))
    return tuple(
        MarkerFacts(
            round(float(frame)),
            str(marker.get("color", "")),
            str(marker.get("name", "")),
            str(marker.get("note", "")),
            max(1, round(float(marker.get("duration", 1) or 1))),
            str(marker.get("customData", "")),
        )
        for frame, marker in pairs
    )


def _take(item: TimelineItem, index: int) -> TakeFacts:
    take = item.GetTakeByIndex(index)
    return TakeFacts(
        index,
        int(take.get("startFrame", 0)),
        int(take.get("endFrame", 0)),
        read_media(take.get("mediaPoolItem")),
    )
