"""Results on a track of their own above each track, for programs that show one reference per clip."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from ..library import otio
from ..media_files.media import base_key
from ..records import KEY
from ..uses.walking import walk
from .write_back import ClipResult, copies_of, parent_tracks, result_reference

NAME_ENDING = " (sparkvsr)"


def add_tracks(root: Any, results: Dict[int, ClipResult]) -> List[str]:
    """Above every track with results a copy of it that shows them; returns clips without a track.

    Where a clip has no result the copy has a gap, so that what lies below is seen.

    Args:
        root: a timeline or another object of OpenTimelineIO.
        results: by the clip's index in the walk.
    """
    uses = list(walk(root))
    homeless: List[str] = []
    by_track: List[Tuple[Any, Dict[int, ClipResult]]] = [(track, {}) for track in parent_tracks(root)]
    for index, entry in results.items():
        place = uses[index].places[-1] if uses[index].places else None
        mine = next((entries for track, entries in by_track if place and place.composition is track), None)
        if mine is None or not isinstance(_parent(place.composition if place else None), otio.schema.Stack):
            homeless.append(entry.use.clip)
            continue
        mine[_position(place.composition if place else None, uses[index].clip)] = entry
    for track, entries in by_track:
        if entries:
            stack = _parent(track)
            stack.insert(_position(stack, track) + 1, _copy_with(track, entries))
    return homeless


def _copy_with(track: Any, entries: Dict[int, ClipResult]) -> Any:
    copy = track.clone()
    copy.name = f"{track.name}{NAME_ENDING}"
    shows = [index in entries for index in range(len(copy))]
    for index in reversed(range(len(copy))):
        child = copy[index]
        if index in entries:
            _show_result(child, entries[index])
        elif isinstance(child, otio.schema.Transition):
            if not any(shows[max(index - 1, 0) : index + 2]):
                del copy[index]
        else:
            copy[index] = _gap_like(child)
    return copy


def _show_result(clip: Any, entry: ClipResult) -> None:
    key = base_key(clip)
    references = copies_of(clip)
    references[KEY] = result_reference(references.get(key), entry, key)
    clip.set_media_references(references, KEY)


def _gap_like(child: Any) -> Any:
    duration = child.trimmed_range().duration
    zero = otio.opentime.RationalTime(0, duration.rate)
    return otio.schema.Gap(source_range=otio.opentime.TimeRange(zero, duration))


def _parent(item: Any) -> Any:
    return None if item is None else item.parent()


def _position(composition: Any, child: Any) -> int:
    return next(index for index, item in enumerate(composition) if item is child)
