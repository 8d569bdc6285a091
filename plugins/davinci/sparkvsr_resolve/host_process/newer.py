# SPDX-License-Identifier: Apache-2.0
"""Calls that some supported Resolve lacks, or takes with other arguments than its stubs have.

`hasattr` is True for any name on Resolve's objects; `dir()` alone is right. Each name here is held against
the stubs by a test; those newer than all stubs stand in NEWER_THAN_STUBS with the README that has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Protocol, Tuple, cast

if TYPE_CHECKING:
    from fusionscript import MediaPool, MediaPoolClipInfo, MediaPoolItem, Project, Timeline, TimelineItem

NEWER_THAN_STUBS = {"Timeline.GetSelectedClips": "README of 24 Jul 2026 (Resolve 21.0.4)"}
"""Calls in use that the newest stubs (21.0.0, README of 8 May 2026) lack."""

SINCE_19 = (
    "TimelineItem.GetSourceStartFrame",
    "TimelineItem.GetSourceEndFrame",
    "Timeline.GetMarkInOut",
    "Project.DeleteRenderPreset",
)
"""Calls in use that Resolve 18.6 lacks."""


class _SelectsClips(Protocol):
    def GetSelectedClips(self) -> List[TimelineItem]: ...


class _HasSourceSpan(Protocol):
    def GetSourceStartFrame(self) -> int: ...
    def GetSourceEndFrame(self) -> int: ...


class _HasMarks(Protocol):
    def GetMarkInOut(self) -> Dict[str, Dict[str, int]]: ...


class _Counted(Protocol):
    """As every version takes them: 18.6 refuses the argument that the stubs of 21 demand."""

    def GetStart(self) -> float: ...
    def GetEnd(self) -> float: ...
    def GetDuration(self) -> float: ...
    def GetLeftOffset(self) -> float: ...


class _HasProperties(Protocol):
    def GetProperty(self) -> Any: ...


class _HasClipProperties(Protocol):
    def GetClipProperty(self) -> Any: ...


class _AddsTracks(Protocol):
    def AddTrack(self, trackType: str) -> bool: ...


class _Appends(Protocol):
    def AppendToTimeline(self, clipInfo: List[MediaPoolClipInfo]) -> Any: ...


class _DeletesPresets(Protocol):
    def DeleteRenderPreset(self, presetName: str) -> bool: ...


def has(owner: object, name: str) -> bool:
    """Whether this version of Resolve has a call."""
    return name in dir(owner)


def selected_items(timeline: Timeline) -> Optional[List[TimelineItem]]:
    """The selected items; None before 21.0.4."""
    if not has(timeline, "GetSelectedClips"):
        return None
    return list(cast("_SelectsClips", timeline).GetSelectedClips() or [])


def source_span(item: TimelineItem) -> Tuple[Optional[int], Optional[int]]:
    """First and last frame of the medium that an item shows; None before Resolve 19.

    The end is exclusive at equal rates only, so the two are good for their difference alone.
    """
    if not has(item, "GetSourceStartFrame"):
        return None, None
    spanned = cast("_HasSourceSpan", item)
    return int(spanned.GetSourceStartFrame() or 0), int(spanned.GetSourceEndFrame() or 0)


def video_marks(timeline: Timeline) -> Optional[Dict[str, int]]:
    """`in` and `out` from the timeline's start, those that are set; None where this version has neither."""
    if not has(timeline, "GetMarkInOut"):
        return None
    marks = cast("_HasMarks", timeline).GetMarkInOut() or {}
    return dict(marks.get("video", {}))


def counted(item: TimelineItem) -> _Counted:
    """An item whose frames are asked for without arguments."""
    return cast("_Counted", item)


def item_properties(item: TimelineItem) -> Dict[str, Any]:
    """All properties; empty for a transition."""
    values = cast("_HasProperties", item).GetProperty()
    return dict(values) if isinstance(values, dict) else {}


def clip_properties(clip: MediaPoolItem) -> Dict[str, Any]:
    """All properties of a clip in the media pool."""
    values = cast("_HasClipProperties", clip).GetClipProperty()
    return dict(values) if isinstance(values, dict) else {}


def add_video_track(timeline: Timeline) -> bool:
    """A video track on top; its other options differ between versions."""
    return bool(cast("_AddsTracks", timeline).AddTrack("video"))


def delete_render_preset(project: Project, name: str) -> bool:
    """Take a render preset away; False before Resolve 19.1, which cannot."""
    if not has(project, "DeleteRenderPreset"):
        return False
    return bool(cast("_DeletesPresets", project).DeleteRenderPreset(name))


def append(pool: MediaPool, clips: List[MediaPoolClipInfo]) -> None:
    """Append to the timeline in front. What Resolve answers may not be there; list the track instead."""
    cast("_Appends", pool).AppendToTimeline(clips)
