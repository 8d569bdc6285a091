# SPDX-License-Identifier: Apache-2.0
"""What was read of Resolve, as data: nothing is concluded here.

Frames of items and timelines are absolute record frames (108000 for 01:00:00:00 at 30), ends are exclusive.
A reading that this version of Resolve does not give is None.
"""

from __future__ import annotations

import dataclasses
from typing import Dict, Optional, Tuple


@dataclasses.dataclass(frozen=True)
class ResolveFacts:
    """What is open. product, version: as Resolve names them. has_database: whether it is alive at all."""

    product: str = ""
    version: Tuple[int, ...] = ()
    version_text: str = ""
    has_database: bool = False
    project: str = ""
    project_uid: str = ""
    timeline: str = ""
    timeline_uid: str = ""
    page: str = ""
    python: str = ""


@dataclasses.dataclass(frozen=True)
class MarkerFacts:
    """A marker. frame: an item's counts from the start of its medium, over its speed; a timeline's from its
    start.
    """

    frame: int
    colour: str = ""
    name: str = ""
    note: str = ""
    duration: int = 1
    custom: str = ""


@dataclasses.dataclass(frozen=True)
class MediaFacts:
    """A clip of the media pool. path: Resolve's, a sequence as `plate.[1001-1100].exr`.

    properties: of the clip, as Resolve names them: FPS, Frames, Start TC, Resolution, Type, Start, IDT ...
    """

    uid: str = ""
    name: str = ""
    path: str = ""
    properties: Dict[str, str] = dataclasses.field(default_factory=dict)

    def get(self, name: str) -> str:
        """A property; empty where there is none."""
        return self.properties.get(name, "")


@dataclasses.dataclass(frozen=True)
class TakeFacts:
    """A take of an item, from 1; start, end: frames of its medium from 0, end exclusive."""

    index: int
    start: int
    end: int
    media: Optional[MediaFacts] = None


@dataclasses.dataclass(frozen=True)
class ItemFacts:
    """An item on a video track.

    left_offset: frames of the medium before it, over its speed. source_start, source_end: what it shows of
    the medium; None before Resolve 19. has_properties: False for transitions. scaling: 0 as the project has
    it, 1 crop, 2 fit, 3 fill, 4 stretch. fusion_comps: how many it has. selected_take: 0 without takes.
    """

    uid: str
    name: str
    track: int
    start: int
    end: int
    duration: int
    left_offset: int = 0
    source_start: Optional[int] = None
    source_end: Optional[int] = None
    has_properties: bool = True
    scaling: int = 0
    fusion_comps: int = 0
    is_enabled: bool = True
    media: Optional[MediaFacts] = None
    takes: Tuple[TakeFacts, ...] = ()
    selected_take: int = 0
    markers: Tuple[MarkerFacts, ...] = ()


@dataclasses.dataclass(frozen=True)
class TrackFacts:
    """A video track, from 1."""

    index: int
    name: str = ""
    is_enabled: bool = True
    is_locked: bool = False


@dataclasses.dataclass(frozen=True)
class TimelineFacts:
    """The timeline in front.

    rate: as Resolve writes it. mismatch: what becomes of media of another size (centerCrop, scaleToFit,
    scaleToCrop, stretch). mark_in, mark_out: frames from the timeline's start, inclusive; None without marks
    or before Resolve 19.1. has_marks: whether this version reports it. selected: uids of the selected items,
    None before 21.0.4. playhead_item: of the clip under the playhead.
    """

    uid: str
    name: str
    start: int
    end: int
    rate: str = "24"
    start_timecode: str = "00:00:00:00"
    width: int = 0
    height: int = 0
    mismatch: str = ""
    mark_in: Optional[int] = None
    mark_out: Optional[int] = None
    has_marks: bool = True
    selected: Optional[Tuple[str, ...]] = None
    playhead: str = ""
    playhead_item: str = ""
    tracks: Tuple[TrackFacts, ...] = ()
    items: Tuple[ItemFacts, ...] = ()
    markers: Tuple[MarkerFacts, ...] = ()

    def item(self, uid: str) -> Optional[ItemFacts]:
        """An item; None where it is gone."""
        return next((item for item in self.items if item.uid == uid), None)
