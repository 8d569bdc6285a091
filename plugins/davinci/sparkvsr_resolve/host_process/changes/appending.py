# SPDX-License-Identifier: Apache-2.0
"""Results on a new track. Resolve drops items without a word: overlapping ones at once, others at the next
save.

So the project is saved, the track listed again, and what is missing appended again, twice at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Final, List, Sequence, Set

from ...exchange.requests import Piece, TrackPlaced, TrackRequest
from .. import newer
from ..failures import refused
from ..finding import clip_of, in_front, item_of, project_of

if TYPE_CHECKING:
    from fusionscript import MediaPoolClipInfo, Project, Resolve, Timeline, TimelineItem

_ATTEMPTS = 3
_VIDEO_ONLY: Final = 1
# Saving a project that was never named waits for a dialog for ever.
_UNNAMED = "Untitled Project"


def place_on_track(resolve: Resolve, request: TrackRequest) -> TrackPlaced:
    """Add a track on top, append the pieces, and list what is there after saving. Raises HostFailure."""
    project = project_of(resolve)
    timeline = in_front(project, request.timeline)
    track = _new_track(timeline, request.name)
    saved = False
    for _ in range(_ATTEMPTS):
        missing = _missing(timeline, track, request.pieces)
        if not missing and saved:
            break
        if missing:
            _append(project, track, missing)
        saved = save(resolve)
        if not saved:
            break
    listed = set(_listed(timeline, track))
    placed = tuple(piece.record for piece in request.pieces if _key(piece) in listed)
    return TrackPlaced(track, placed, _copy_grades(timeline, track, request.pieces), saved)


def save(resolve: Resolve) -> bool:
    """Save the project; False where it has no name yet or Resolve reports that it did not."""
    project = project_of(resolve)
    if str(project.GetName()) == _UNNAMED:
        return False
    return bool(resolve.GetProjectManager().SaveProject())


def _new_track(timeline: Timeline, name: str) -> int:
    count = int(timeline.GetTrackCount("video") or 0)
    newer.add_video_track(timeline)
    track = int(timeline.GetTrackCount("video") or 0)
    if track != count + 1:
        raise refused(f"Resolve adds no track to {timeline.GetName()}; add one and unlock the timeline.")
    timeline.SetTrackName("video", track, name)
    return track


def _append(project: Project, track: int, pieces: Sequence[Piece]) -> None:
    clips: List[MediaPoolClipInfo] = [
        {
            "mediaPoolItem": clip_of(project, piece.media),
            "startFrame": piece.start,
            "endFrame": piece.end,
            "mediaType": _VIDEO_ONLY,
            "trackIndex": track,
            "recordFrame": piece.record,
        }
        for piece in pieces
    ]
    newer.append(project.GetMediaPool(), clips)


def _key(piece: Piece) -> tuple[int, int]:
    return piece.record, piece.end - piece.start


def _listed(timeline: Timeline, track: int) -> Dict[tuple[int, int], TimelineItem]:
    """The items of a track by start and duration."""
    items: Dict[tuple[int, int], TimelineItem] = {}
    for item in timeline.GetItemListInTrack("video", track) or []:
        counted = newer.counted(item)
        items[int(counted.GetStart()), int(counted.GetDuration())] = item
    return items


def _missing(timeline: Timeline, track: int, pieces: Sequence[Piece]) -> List[Piece]:
    listed = _listed(timeline, track)
    return [piece for piece in pieces if _key(piece) not in listed]


def _copy_grades(timeline: Timeline, track: int, pieces: Sequence[Piece]) -> tuple[int, ...]:
    """Copy the grade of each piece's clip; returns the records of those it was not copied to."""
    listed = _listed(timeline, track)
    ungraded: Set[int] = set()
    for piece in pieces:
        item = listed.get(_key(piece))
        if item is None or not piece.grade_of:
            continue
        if not item_of(timeline, piece.grade_of).CopyGrades([item]):
            ungraded.add(piece.record)
    return tuple(sorted(ungraded))
