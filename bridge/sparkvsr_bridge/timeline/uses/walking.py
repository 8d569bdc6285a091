"""Every clip of a timeline that may show a picture, where it stands on the record, and what lies beside it.

The tree is walked as it is: OpenTimelineIO's flattening loses clips, and its ranges know no speeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Iterator, List, Optional, Tuple

from ..library import otio
from ..timing import TimeUnusable, seconds_of

VIDEO = "video"


@dataclass(frozen=True)
class Place:
    """Where an item lies in one of the compositions above it: seconds from the composition's own start."""

    composition: Any
    position: Fraction


@dataclass(frozen=True)
class ClipUse:
    """A clip on the record.

    head, tail: seconds that dissolves show beyond its ends. record: seconds at which it starts, as the record
    counts; None below a warped nest, or behind an item of unknown length.
    places: in the compositions above it. is_enabled: it and all above it.
    """

    clip: Any
    head: Fraction
    tail: Fraction
    record: Optional[Fraction]
    places: Tuple[Place, ...]
    is_enabled: bool


def walk(root: Any) -> Iterator[ClipUse]:
    """The clips of anything a file may hold, in order; those of audio tracks left out.

    Args:
        root: a timeline or another object of OpenTimelineIO.
    """
    if isinstance(root, otio.schema.Clip):
        yield ClipUse(root, Fraction(0), Fraction(0), Fraction(0), (), root.enabled)
        return
    if isinstance(root, otio.schema.Timeline):
        start = root.global_start_time
        yield from _inside(root.tracks, Fraction(0) if start is None else seconds_of(start), (), True)
    elif isinstance(root, otio.schema.SerializableCollection):
        for child in root:
            yield from walk(child)
    elif isinstance(root, otio.core.Composition):
        yield from _inside(root, Fraction(0), (), True)


def timelines(root: Any) -> Iterator[Any]:
    """The timelines a file holds.

    Args:
        root: a timeline or another object of OpenTimelineIO.
    """
    if isinstance(root, otio.schema.Timeline):
        yield root
    elif isinstance(root, otio.schema.SerializableCollection):
        for child in root:
            yield from timelines(child)


def nests(root: Any) -> Iterator[Any]:
    """Every stack and track of pictures, the outermost first.

    Args:
        root: a timeline or another object of OpenTimelineIO.
    """
    if isinstance(root, otio.schema.Timeline):
        yield from nests(root.tracks)
    elif isinstance(root, (otio.schema.SerializableCollection, otio.core.Composition)):
        if isinstance(root, otio.schema.Track) and root.kind.lower() != VIDEO:
            return
        if isinstance(root, otio.core.Composition):
            yield root
        for child in root:
            yield from nests(child)


def _inside(
    composition: Any, record: Optional[Fraction], places: Tuple[Place, ...], is_enabled: bool
) -> Iterator[ClipUse]:
    """record: at which the composition's own time is 0 before it is trimmed."""
    if isinstance(composition, otio.schema.Track) and composition.kind.lower() != VIDEO:
        return
    is_enabled = is_enabled and composition.enabled
    record = _untrimmed(composition, record)
    children: List[Any] = list(composition)
    is_track = isinstance(composition, otio.schema.Track)
    position: Optional[Fraction] = Fraction(0)
    for index, child in enumerate(children):
        if isinstance(child, otio.schema.Transition):
            continue
        own_places = places if position is None else (*places, Place(composition, position))
        own_record = None if record is None or position is None else record + position
        if isinstance(child, otio.schema.Clip):
            head, tail = _dissolves(children, index) if is_track else (Fraction(0), Fraction(0))
            yield ClipUse(child, head, tail, own_record, own_places, is_enabled and child.enabled)
        elif isinstance(child, otio.core.Composition):
            nest = None if own_record is None or is_warped(child) else own_record
            yield from _inside(child, nest, own_places, is_enabled)
        if is_track:
            position = None if position is None else _after(child, position)


def _untrimmed(composition: Any, record: Optional[Fraction]) -> Optional[Fraction]:
    if record is None or composition.source_range is None:
        return record
    return record - seconds_of(composition.source_range.start_time)


def _after(child: Any, position: Fraction) -> Optional[Fraction]:
    try:
        return position + seconds_of(child.trimmed_range().duration)
    except (otio.exceptions.OTIOError, TimeUnusable):
        return None


def is_warped(nest: Any) -> bool:
    """Whether a composition's own speed is changed.

    Args:
        nest: a stack or track.
    """
    return any(isinstance(effect, otio.schema.TimeEffect) for effect in nest.effects)


def _dissolves(children: List[Any], index: int) -> Tuple[Fraction, Fraction]:
    """What the transitions beside a clip show of it beyond its ends."""
    head = tail = Fraction(0)
    if index > 0 and isinstance(children[index - 1], otio.schema.Transition):
        head = seconds_of(children[index - 1].in_offset)
    if index + 1 < len(children) and isinstance(children[index + 1], otio.schema.Transition):
        tail = seconds_of(children[index + 1].out_offset)
    return max(head, Fraction(0)), max(tail, Fraction(0))
