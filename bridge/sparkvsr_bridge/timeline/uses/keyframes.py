"""Markers to keyframes: which markers are meant, and which frame of which clip each one names.

Programs count markers in four ways. They are tried in this order, and the first that brings a marker onto
what its clip shows holds:

1. media time (OpenTimelineIO, DaVinci Resolve)
2. from the clip's own start (tlRender)
3. record time over speed, counted from the medium's start (DaVinci Resolve, retimed clips)
4. timecode of the record (EDL)

Resolve's own files try 3 before 1 on retimed clips.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import Any, Dict, List, Optional, Sequence, Tuple

from ..library import otio
from ..records import Counting, UsedRange
from ..timing import TimeUnusable, frame_of, seconds_of
from .ranges import Trim
from .walking import ClipUse, is_warped, nests


@dataclass(frozen=True)
class ConformedClip:
    """A clip with what it shows, as markers need it."""

    use: ClipUse
    trim: Trim
    counting: Counting
    used: UsedRange
    name: str


@dataclass
class MarkerTally:
    """Markers as they are met. keyframes: by the clip's index; missed: names of those that hit nothing."""

    keyframes: Dict[int, List[int]] = field(default_factory=dict[int, List[int]])
    missed: List[str] = field(default_factory=list[str])
    ignored: int = 0


def is_key(marker: Any, keys: Sequence[str]) -> bool:
    """Whether a marker's name matches a pattern or its colour is named; case does not count.

    Args:
        marker: a marker of OpenTimelineIO.
        keys: name patterns and colours of markers that name keyframes.
    """
    name, colour = (marker.name or "").lower(), str(marker.color or "").lower()
    return any(fnmatchcase(name, key.lower()) or (colour and colour == key.lower()) for key in keys)


def keyframes_of(
    root: Any, clips: Dict[int, ConformedClip], skipped: Sequence[Any], keys: Sequence[str]
) -> MarkerTally:
    """All keyframes of a timeline's markers.

    Args:
        root: a timeline or another object of OpenTimelineIO.
        clips: conformed clips by index.
        skipped: clips that are not.
        keys: name patterns and colours of markers that name keyframes.
    """
    tally = MarkerTally()
    is_resolve = "Resolve_OTIO" in root.metadata
    for index, clip in clips.items():
        _take_clip(clip, index, keys, tally, is_resolve)
    for left_out in skipped:
        markers = [(marker, is_key(marker, keys)) for marker in left_out.markers]
        tally.ignored += sum(1 for _, names_keyframe in markers if not names_keyframe)
        tally.missed += [
            _named(marker, left_out.name) for marker, names_keyframe in markers if names_keyframe
        ]
    for composition in nests(root):
        _take_gaps(composition, keys, tally)
        for marker in composition.markers:
            if is_key(marker, keys):
                _take_composition(marker, composition, clips, tally)
            else:
                tally.ignored += 1
    return tally


def frame_of_clip_marker(time: Fraction, clip: ConformedClip, is_resolve: bool) -> Optional[int]:
    """The frame a clip's marker names; None when it lies outside in every convention.

    Args:
        time: the marker's, seconds.
        clip: the clip it is on.
        is_resolve: whether DaVinci Resolve wrote the timeline.
    """
    retimed = clip.trim.speed not in (0, 1)
    ways = [_by_media_time, _by_clip_start, _by_record]
    if retimed:
        ways.insert(0 if is_resolve else 2, _by_warped_time)
    return next((frame for way in ways if (frame := way(time, clip)) is not None), None)


def _by_media_time(time: Fraction, clip: ConformedClip) -> Optional[int]:
    frame = clip.counting.first + frame_of(time - clip.counting.origin, clip.counting.rate)
    return frame if clip.used.shown_first <= frame <= clip.used.shown_last else None


def _by_clip_start(time: Fraction, clip: ConformedClip) -> Optional[int]:
    """time: seconds of record after the clip's start."""
    if not 0 <= time < clip.trim.duration:
        return None
    return _by_media_time(clip.trim.media_time(time), clip)


def _by_warped_time(time: Fraction, clip: ConformedClip) -> Optional[int]:
    rate = clip.trim.rate
    start = Fraction(math.floor(clip.trim.start / abs(clip.trim.speed) * rate)) / rate
    return _by_clip_start(time - start, clip)


def _by_record(time: Fraction, clip: ConformedClip) -> Optional[int]:
    return None if clip.use.record is None else _by_clip_start(time - clip.use.record, clip)


def _take_clip(
    clip: ConformedClip, index: int, keys: Sequence[str], tally: MarkerTally, is_resolve: bool
) -> None:
    for marker in clip.use.clip.markers:
        if not is_key(marker, keys):
            tally.ignored += 1
            continue
        time = _start_of(marker)
        resolve = is_resolve or "Resolve_OTIO" in clip.use.clip.metadata
        frame = None if time is None else frame_of_clip_marker(time, clip, resolve)
        if frame is None:
            tally.missed.append(_named(marker, clip.name))
        else:
            tally.keyframes.setdefault(index, []).append(frame)


def _take_composition(
    marker: Any, composition: Any, clips: Dict[int, ConformedClip], tally: MarkerTally
) -> None:
    """A track's or a stack's marker: from its start, else record timecode; it names every clip there."""
    time = _start_of(marker)
    hits: List[Tuple[int, int]] = []
    if time is not None:
        inside = [(index, clip, _position(clip.use, composition)) for index, clip in clips.items()]
        inside = [entry for entry in inside if entry[2] is not None]
        hits = [
            (index, frame)
            for index, clip, position in inside
            if (frame := _by_clip_start(time - (position or 0), clip)) is not None
        ] or [(index, frame) for index, clip, _ in inside if (frame := _by_record(time, clip)) is not None]
    if not hits:
        tally.missed.append(_named(marker, composition.name or type(composition).__name__))
    for index, frame in hits:
        tally.keyframes.setdefault(index, []).append(frame)


def _take_gaps(composition: Any, keys: Sequence[str], tally: MarkerTally) -> None:
    for child in composition:
        if isinstance(child, otio.schema.Gap):
            tally.missed += [_named(marker, "a gap") for marker in child.markers if is_key(marker, keys)]
            tally.ignored += sum(1 for marker in child.markers if not is_key(marker, keys))


def _position(use: ClipUse, composition: Any) -> Optional[Fraction]:
    """Where a clip starts within a composition; through nests that are trimmed but not warped."""
    position = Fraction(0)
    is_inside = False
    for place in use.places:
        is_inside = is_inside or place.composition is composition
        if not is_inside:
            continue
        if place.composition is not composition:
            if is_warped(place.composition):
                return None
            trimmed = place.composition.source_range
            position -= seconds_of(trimmed.start_time) if trimmed is not None else 0
        position += place.position
    return position if is_inside else None


def _start_of(marker: Any) -> Optional[Fraction]:
    try:
        return seconds_of(marker.marked_range.start_time)
    except TimeUnusable:
        return None


def _named(marker: Any, owner: str) -> str:
    return f"'{marker.name or 'without a name'}' on {owner or 'a clip without a name'}"
