# SPDX-License-Identifier: Apache-2.0
"""What no document has, measured in the user's own Resolve, on a timeline of its own that is removed again.

Each measurement is a line of text; one that fails has its reason and stops none of the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Dict, List, Tuple

from . import newer
from .changes.importing import import_pictures
from .failures import refused
from .finding import open_result_bin, project_of
from .readings.reading import Step

if TYPE_CHECKING:
    from fusionscript import MediaPoolClipInfo, MediaPoolItem, Project, Resolve, Timeline, TimelineItem

NAME = "SparkVSR self-test"
FRAMES = 24
_FROM, _TO = 4, 12


def measure(resolve: Resolve, media: str, step: Step) -> Dict[str, str]:
    """Measure on a new timeline. media: pattern of numbered pictures 1 to FRAMES. Raises HostFailure."""
    project = project_of(resolve)
    front = project.GetCurrentTimeline()
    with open_result_bin(project) as pool:
        timeline = pool.CreateEmptyTimeline(NAME)
        clips = import_pictures(pool, media, 1, FRAMES) if timeline is not None else []
        try:
            if timeline is None or not clips:
                raise refused(
                    f"Resolve makes no timeline '{NAME}' of {media}; remove an old one of this name."
                )
            project.SetCurrentTimeline(timeline)
            return _measurements(project, timeline, clips[0], step)
        finally:
            if front is not None:
                project.SetCurrentTimeline(front)
            if timeline is not None:
                pool.DeleteTimelines([timeline])
            if clips:
                pool.DeleteClips(clips)


def _measurements(project: Project, timeline: Timeline, clip: MediaPoolItem, step: Step) -> Dict[str, str]:
    item = _append(project, timeline, clip)
    measurements: Tuple[Tuple[str, Callable[[], str]], ...] = (
        ("Append, end frame", lambda: _append_end(item)),
        ("Left offset", lambda: f"{int(newer.counted(item).GetLeftOffset())} where {_FROM} was asked"),
        ("Source span", lambda: str(newer.source_span(item))),
        ("Timeline start", lambda: f"{timeline.GetStartFrame()} for {timeline.GetStartTimecode()}"),
        ("Item marker", lambda: _item_marker(item)),
        ("Timeline marker", lambda: _timeline_marker(timeline)),
        ("Marks", lambda: str(newer.video_marks(timeline))),
        ("Sequence start timecode", lambda: str(clip.GetClipProperty("Start TC"))),
        ("Sequence rate", lambda: str(clip.GetClipProperty("FPS"))),
        ("Take, end frame", lambda: _take_end(item, clip)),
        ("Take, shown medium", lambda: _take_medium(item)),
        ("Properties", lambda: ", ".join(sorted(newer.clip_properties(clip)))),
        ("IDT and Input Color Space", lambda: _colours(clip)),
        ("Mismatched resolution", lambda: str(project.GetSetting("timelineInputResMismatchBehavior"))),
        ("Undo", lambda: "undo twice by hand now: does one step remove the take alone?"),
    )
    results: Dict[str, str] = {}
    for name, read in measurements:
        try:
            results[name] = read()
        except Exception as error:
            results[name] = f"failed: {error!r}"
        step()
    return results


def _append(project: Project, timeline: Timeline, clip: MediaPoolItem) -> TimelineItem:
    pieces: List[MediaPoolClipInfo] = [
        {
            "mediaPoolItem": clip,
            "startFrame": _FROM,
            "endFrame": _TO,
            "mediaType": 1,
            "trackIndex": 1,
            "recordFrame": int(timeline.GetStartFrame()) + 10,
        }
    ]
    newer.append(project.GetMediaPool(), pieces)
    items = timeline.GetItemListInTrack("video", 1) or []
    if not items:
        raise refused("Resolve appends nothing to the timeline of the self-test.")
    return items[0]


def _append_end(item: TimelineItem) -> str:
    duration = int(newer.counted(item).GetDuration())
    return f"{duration} frames of {_FROM} to {_TO}: the end is {_kind_of_end(duration)}"


def _kind_of_end(duration: int) -> str:
    return {_TO - _FROM: "exclusive", _TO - _FROM + 1: "inclusive"}.get(duration, "neither")


def _item_marker(item: TimelineItem) -> str:
    item.AddMarker(_FROM + 2, "Blue", "SparkVSR", "", 1, "sparkvsr")
    return f"set at {_FROM + 2}, read at {sorted(item.GetMarkers() or {})}"


def _timeline_marker(timeline: Timeline) -> str:
    timeline.AddMarker(12, "Blue", "SparkVSR", "", 1, "sparkvsr")
    return f"set at 12, read at {sorted(timeline.GetMarkers() or {})}"


def _take_end(item: TimelineItem, clip: MediaPoolItem) -> str:
    item.AddTake(clip, _FROM, _TO)
    count = int(item.GetTakesCount() or 0)
    take = item.GetTakeByIndex(count)
    item.SelectTakeByIndex(count)
    span = newer.source_span(item)
    return (
        f"take {count} of {_FROM} to {_TO} reads {take.get('startFrame')} to {take.get('endFrame')}, lasts"
        f" {int(newer.counted(item).GetDuration())}, shows {span}"
    )


def _take_medium(item: TimelineItem) -> str:
    clip = item.GetMediaPoolItem()
    return f"take {item.GetSelectedTakeIndex()}, {clip.GetName() if clip is not None else 'no medium'}"


def _colours(clip: MediaPoolItem) -> str:
    values = newer.clip_properties(clip)
    return f"{values.get('IDT', 'absent')} and {values.get('Input Color Space', 'absent')}"
