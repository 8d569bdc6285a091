"""The form of OTIO that DaVinci Resolve reads: results in place of their sources, bare paths, a start.

Resolve shows the default reference alone; the source is kept beside it as `original`.
"""

from __future__ import annotations

from typing import Any, Dict

from ..library import otio
from ..media_files.media import base_key
from ..media_files.paths import readings
from ..records import KEY
from ..uses.walking import timelines, walk
from .write_back import ClipResult, copies_of, result_reference

ORIGINAL = "original"
METADATA = "Resolve_OTIO"
VERSION = {"Resolve OTIO Meta Version": "1.0"}


def shape_for_resolve(root: Any, results: Dict[int, ClipResult]) -> None:
    """Change a timeline in place.

    Args:
        root: a timeline or another object of OpenTimelineIO.
        results: by the clip's index in the walk.
    """
    for index, use in enumerate(walk(root)):
        if index in results:
            _replace_source(use.clip, results[index])
    for clip in _all_clips(root):
        _bare(clip)
    for timeline in timelines(root):
        if timeline.global_start_time is None:
            timeline.global_start_time = otio.opentime.RationalTime(0, _rate_of(timeline))
        if METADATA not in timeline.metadata:
            timeline.metadata[METADATA] = dict(VERSION)
        _name_tracks(timeline)


def _replace_source(clip: Any, entry: ClipResult) -> None:
    default = otio.schema.Clip.DEFAULT_MEDIA_KEY
    key = base_key(clip)
    references = copies_of(clip)
    source = references.pop(key, None)
    references.pop(KEY, None)
    if key != default and default in references and KEY not in references[default].metadata:
        references[f"{ORIGINAL} {default}"] = references[default]
    if source is not None:
        references[ORIGINAL] = source
    references[default] = result_reference(source, entry, ORIGINAL, is_bare=True)
    references[default].name = clip.name
    clip.set_media_references(references, default)


def _bare(clip: Any) -> None:
    """File URLs as bare paths."""
    references = copies_of(clip)
    for reference in references.values():
        if isinstance(reference, otio.schema.ExternalReference) and _is_url(reference.target_url):
            reference.target_url = readings(reference.target_url)[0]
        if isinstance(reference, otio.schema.ImageSequenceReference) and _is_url(reference.target_url_base):
            reference.target_url_base = readings(reference.target_url_base)[0].rstrip("/")
    if references:
        clip.set_media_references(references, clip.active_media_reference_key)


def _is_url(text: Any) -> bool:
    return str(text or "").lower().startswith("file:")


def _all_clips(root: Any) -> Any:
    return [root] if isinstance(root, otio.schema.Clip) else root.find_clips()


def _rate_of(timeline: Any) -> float:
    for clip in timeline.find_clips():
        if clip.source_range is not None:
            return float(clip.source_range.duration.rate)
    return 24.0


def _name_tracks(timeline: Any) -> None:
    """Tracks without a name get Resolve's."""
    counts: Dict[str, int] = {}
    for track in timeline.tracks:
        if isinstance(track, otio.schema.Track):
            counts[track.kind] = counts.get(track.kind, 0) + 1
            track.name = track.name or f"{track.kind} {counts[track.kind]}"
