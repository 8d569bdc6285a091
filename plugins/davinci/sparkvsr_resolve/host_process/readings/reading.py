# SPDX-License-Identifier: Apache-2.0
"""Reads what is open: product, project, timeline. Nothing is changed.

The product's name comes first: a call that the free edition has not raises a dialog, after which unrelated
calls fail.
"""

from __future__ import annotations

import dataclasses
import platform
from typing import TYPE_CHECKING, Callable, Tuple

from ...exchange.facts import ResolveFacts, TimelineFacts, TrackFacts
from .. import newer
from ..failures import HostFailure
from ..finding import current_timeline, items_of, project_of
from .reading_items import read_item, read_markers

if TYPE_CHECKING:
    from fusionscript import Project, Resolve, Timeline

Step = Callable[[], None]
"""Called after every few calls that Resolve answered."""


def read_state(resolve: Resolve) -> ResolveFacts:
    """What is open; of a free edition its name alone. Raises HostFailure where Resolve has ended."""
    product = resolve.GetProductName()
    if not product:
        raise HostFailure("lost", "DaVinci Resolve has ended.")
    version = [part for part in resolve.GetVersion() or [] if isinstance(part, (int, float))]
    facts = ResolveFacts(
        str(product),
        tuple(int(part) for part in version),
        str(resolve.GetVersionString()),
        python=platform.python_version(),
    )
    if "studio" not in str(product).lower():
        return facts
    manager = resolve.GetProjectManager()
    if manager is None or manager.GetCurrentDatabase() is None:
        return facts
    project = manager.GetCurrentProject()
    timeline = project.GetCurrentTimeline() if project is not None else None
    return dataclasses.replace(
        facts,
        has_database=True,
        project=str(project.GetName()) if project is not None else "",
        project_uid=str(project.GetUniqueId()) if project is not None else "",
        timeline=str(timeline.GetName()) if timeline is not None else "",
        timeline_uid=str(timeline.GetUniqueId()) if timeline is not None else "",
        page=str(resolve.GetCurrentPage() or ""),
    )


def read_timeline(resolve: Resolve, step: Step) -> TimelineFacts:
    """Everything of the timeline in front. Raises HostFailure where there is none."""
    project = project_of(resolve)
    timeline = current_timeline(project)
    items = []
    for track, item in items_of(timeline):
        items.append(read_item(track, item))
        step()
    marks = newer.video_marks(timeline)
    selected = newer.selected_items(timeline)
    under_playhead = timeline.GetCurrentVideoItem()
    return TimelineFacts(
        uid=str(timeline.GetUniqueId()),
        name=str(timeline.GetName()),
        start=int(timeline.GetStartFrame()),
        end=int(timeline.GetEndFrame()),
        rate=str(timeline.GetSetting("timelineFrameRate") or project.GetSetting("timelineFrameRate")),
        start_timecode=str(timeline.GetStartTimecode()),
        width=_number(timeline, project, "timelineResolutionWidth"),
        height=_number(timeline, project, "timelineResolutionHeight"),
        mismatch=_setting(timeline, project, "timelineInputResMismatchBehavior"),
        mark_in=(marks or {}).get("in"),
        mark_out=(marks or {}).get("out"),
        has_marks=marks is not None,
        selected=None if selected is None else tuple(str(item.GetUniqueId()) for item in selected),
        playhead=str(timeline.GetCurrentTimecode()),
        playhead_item=str(under_playhead.GetUniqueId()) if under_playhead is not None else "",
        tracks=_tracks(timeline),
        items=tuple(items),
        markers=read_markers(timeline.GetMarkers()),
    )


def _tracks(timeline: Timeline) -> Tuple[TrackFacts, ...]:
    return tuple(
        TrackFacts(
            index,
            str(timeline.GetTrackName("video", index)),
            bool(timeline.GetIsTrackEnabled("video", index)),
            bool(timeline.GetIsTrackLocked("video", index)),
        )
        for index in range(1, int(timeline.GetTrackCount("video") or 0) + 1)
    )


def _setting(timeline: Timeline, project: Project, name: str) -> str:
    """A timeline's own setting, else the project's."""
    return str(timeline.GetSetting(name) or project.GetSetting(name) or "")


def _number(timeline: Timeline, project: Project, name: str) -> int:
    text = _setting(timeline, project, name)
    return int(float(text)) if text.replace(".", "", 1).isdigit() else 0
