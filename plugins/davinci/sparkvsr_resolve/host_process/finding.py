# SPDX-License-Identifier: Apache-2.0
"""Projects, timelines, items and clips by what they are called or by their identity."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Iterator, List, Tuple

from .failures import gone, refused

if TYPE_CHECKING:
    from fusionscript import Folder, MediaPool, MediaPoolItem, Project, Resolve, Timeline, TimelineItem

BIN = "SparkVSR"


def project_of(resolve: Resolve) -> Project:
    """The open project. Raises HostFailure."""
    project = resolve.GetProjectManager().GetCurrentProject()
    if project is None:
        raise gone("Resolve has no open project; open one.")
    return project


def current_timeline(project: Project) -> Timeline:
    """The timeline in front. Raises HostFailure."""
    timeline = project.GetCurrentTimeline()
    if timeline is None:
        raise gone("The project has no open timeline; open one.")
    return timeline


def timelines_of(project: Project) -> Iterator[Timeline]:
    """All timelines of a project."""
    for index in range(1, int(project.GetTimelineCount() or 0) + 1):
        timeline = project.GetTimelineByIndex(index)
        if timeline is not None:
            yield timeline


def timeline_of(project: Project, uid: str) -> Timeline:
    """The timeline of this identity, in front or not. Raises HostFailure."""
    for timeline in timelines_of(project):
        if timeline.GetUniqueId() == uid:
            return timeline
    raise gone("The timeline is not in the open project any more; open its project again.")


def in_front(project: Project, uid: str) -> Timeline:
    """The same, brought to the front: clips are appended to the timeline in front. Raises HostFailure."""
    timeline = timeline_of(project, uid)
    current = project.GetCurrentTimeline()
    if current is None or current.GetUniqueId() != uid:
        project.SetCurrentTimeline(timeline)
        current = project.GetCurrentTimeline()
        if current is None or current.GetUniqueId() != uid:
            raise refused(f"Resolve does not open the timeline {timeline.GetName()}; open it.")
    return timeline


def items_of(timeline: Timeline) -> Iterator[Tuple[int, TimelineItem]]:
    """Every item on a video track, with the track's number."""
    for track in range(1, int(timeline.GetTrackCount("video") or 0) + 1):
        for item in timeline.GetItemListInTrack("video", track) or []:
            yield track, item


def item_of(timeline: Timeline, uid: str) -> TimelineItem:
    """The item of this identity. Raises HostFailure."""
    for _, item in items_of(timeline):
        if item.GetUniqueId() == uid:
            return item
    raise gone("The clip is not on the timeline any more; its result is rendered and can be placed by hand.")


@contextmanager
def open_result_bin(project: Project) -> Iterator[MediaPool]:
    """The media pool with the bin of results open, made when it is not there; the bin that was open is open
    afterwards. Raises HostFailure.
    """
    pool = project.GetMediaPool()
    before = pool.GetCurrentFolder()
    pool.SetCurrentFolder(_result_bin(pool))
    try:
        yield pool
    finally:
        pool.SetCurrentFolder(before)


def _result_bin(pool: MediaPool) -> Folder:
    root = pool.GetRootFolder()
    bins = [folder for folder in root.GetSubFolderList() or [] if folder.GetName() == BIN]
    folder = bins[0] if bins else pool.AddSubFolder(root, BIN)
    if folder is None:
        raise refused(f"Resolve makes no bin {BIN} in the media pool; make one.")
    return folder


def clips_below(folder: Folder) -> Iterator[MediaPoolItem]:
    """Every clip of a bin and those below."""
    yield from folder.GetClipList() or []
    folders: List[Folder] = list(folder.GetSubFolderList() or [])
    for below in folders:
        yield from clips_below(below)


def clip_of(project: Project, uid: str) -> MediaPoolItem:
    """The clip of this identity in the media pool. Raises HostFailure."""
    for clip in clips_below(project.GetMediaPool().GetRootFolder()):
        if clip.GetUniqueId() == uid:
            return clip
    raise gone("The result is not in the media pool any more; import it again.")
