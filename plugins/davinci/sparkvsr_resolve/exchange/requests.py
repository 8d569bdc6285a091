# SPDX-License-Identifier: Apache-2.0
"""What is asked of Resolve, as data, and what it answers. Frames as in `facts`."""

from __future__ import annotations

import dataclasses
from typing import Dict, Tuple

from .facts import MediaFacts


@dataclasses.dataclass(frozen=True)
class MediaImport:
    """A result to bring into the media pool.

    path: a movie, or the pattern of numbered pictures with `%04d`. first, last: numbers of the pictures, both
    -1 for a movie. properties: of the source's clip, set on the result and read back.
    """

    path: str
    first: int = -1
    last: int = -1
    properties: Dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class MediaImported:
    """The clip in the media pool, and the properties that did not take what was set: name -> its value."""

    media: MediaFacts
    differing: Dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class TakeRequest:
    """A result as a take of an item. start, end: frames of the result's medium from 0, end exclusive.

    scaling: set on the item where it is not -1. is_retimed: whether the item does not run at 100 %.
    """

    timeline: str
    item: str
    media: str
    start: int
    end: int
    scaling: int = -1
    is_retimed: bool = False


@dataclasses.dataclass(frozen=True)
class TakePlaced:
    """index: of the take that is shown now. has_scaling: whether the item took the scaling that was asked."""

    index: int
    has_scaling: bool = True


@dataclasses.dataclass(frozen=True)
class Piece:
    """A result's frames on a track. start, end: of its medium from 0, end exclusive. record: absolute.

    grade_of: uid of the item whose grade is copied; empty for none.
    """

    media: str
    start: int
    end: int
    record: int
    grade_of: str = ""


@dataclasses.dataclass(frozen=True)
class TrackRequest:
    """Results on a new video track on top."""

    timeline: str
    name: str
    pieces: Tuple[Piece, ...]


@dataclasses.dataclass(frozen=True)
class TrackPlaced:
    """track: its number. placed: records of the pieces that are there after saving. ungraded: records of
    those whose grade was not copied. saved: whether the project could be saved.
    """

    track: int
    placed: Tuple[int, ...]
    ungraded: Tuple[int, ...] = ()
    saved: bool = True


@dataclasses.dataclass(frozen=True)
class TimelineImport:
    """An .otio file as a new timeline. sources: folder of its media."""

    path: str
    name: str
    sources: str


@dataclasses.dataclass(frozen=True)
class TimelineImported:
    """The new timeline. offline: names of its items without a medium."""

    name: str
    uid: str
    items: int
    offline: Tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class RenderRequest:
    """A part of the timeline through Deliver. first, last: absolute record frames, inclusive."""

    timeline: str
    first: int
    last: int
    folder: str
    name: str


@dataclasses.dataclass(frozen=True)
class RenderStarted:
    """A render on its way. before: the preset that holds the artist's own settings; empty for none."""

    job: str
    before: str
    format: str
    codec: str


@dataclasses.dataclass(frozen=True)
class RenderStatus:
    """How a render stands; percent: 0..100."""

    is_rendering: bool
    state: str
    percent: int = 0
    error: str = ""
