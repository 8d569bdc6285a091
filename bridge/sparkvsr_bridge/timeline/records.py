"""What a conform is asked for and what it plans, as data. OpenTimelineIO's objects are named, never held.

References above all: a clip's own reference that is held while others are set crashes OpenTimelineIO 0.18.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import FrozenSet, Optional, Tuple

from ..media import MediaInfo
from ..records import require, require_choice, require_number

KEY = "sparkvsr"
"""Under this name results are added, and what is written of them stands in their metadata."""

PLACES = ("alternate", "track")
SHAPES = ("", "resolve")
DEFAULT_HANDLES = 8
DEFAULT_KEYS = ("KEY*",)
MOST_HANDLES = 100_000


class ClipLeftOut(Exception):
    """A clip cannot be conformed; `reason` is a sentence without the clip's name."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class ConformWishes:
    """What is asked for.

    handles: frames beyond those a clip shows, at each of its ends. keys: patterns of names, and colours, of
        markers that are keyframes. maps: path maps as pairs. media: folder to look for unlinked media in.
    rate: of an EDL, which names none. shape: `resolve` writes what DaVinci Resolve reads.
    """

    handles: int = DEFAULT_HANDLES
    keys: Tuple[str, ...] = DEFAULT_KEYS
    maps: Tuple[Tuple[str, str], ...] = ()
    media: str = ""
    rate: Optional[float] = None
    shape: str = ""
    activate: bool = False
    place: str = "alternate"

    def __post_init__(self) -> None:
        require_number("handles", self.handles, 0, MOST_HANDLES)
        require_choice("place", self.place, PLACES)
        require_choice("for", self.shape, SHAPES)
        if self.rate is not None:
            require_number("rate", self.rate, 1, 1000)
        require(
            not (self.shape and self.place == "track"),
            "for resolve puts results in the clips themselves; ask for it without --place track.",
        )


@dataclass(frozen=True)
class Medium:
    """A medium as the engine opens it. missing: numbers within it of which there is no picture."""

    path: str
    info: MediaInfo
    is_still: bool = False
    missing: FrozenSet[int] = frozenset()


@dataclass(frozen=True)
class Counting:
    """How a reference counts a medium: frame `first` is shown at `origin`, in seconds of media time.

    unit: the rate its times are written in, as it is spelt. note: a sentence on a counting that had to be
    inferred.
    """

    origin: Fraction
    first: int
    rate: Fraction
    unit: float
    note: str = ""


@dataclass(frozen=True)
class UsedRange:
    """Frames of a medium, inclusive, in its own numbers.

    first, last: with handles, clamped to the medium. shown_first, shown_last: what the record shows,
        dissolves included. short_head, short_tail: shown frames that the medium lacks.
    short_handles: handle frames that it lacks.
    """

    first: int
    last: int
    shown_first: int
    shown_last: int
    short_head: int = 0
    short_tail: int = 0
    short_handles: int = 0


@dataclass(frozen=True)
class ClipPlan:
    """One use of a medium by a clip. index: of the clip in the walk of its timeline.

    is_relative: its medium was named by where the timeline lies.
    """

    index: int
    clip: str
    medium: Medium
    counting: Counting
    used: UsedRange
    keyframes: Tuple[int, ...] = ()
    is_relative: bool = False


@dataclass(frozen=True)
class ShotPlan:
    """Uses that are rendered as one job."""

    medium: Medium
    first: int
    last: int
    keyframes: Tuple[int, ...]
    uses: Tuple[ClipPlan, ...]

    @property
    def clips(self) -> Tuple[str, ...]:
        """The names of its clips, each once."""
        return tuple(dict.fromkeys(use.clip for use in self.uses))

    @property
    def frames(self) -> int:
        """How many there are."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class SkippedClip:
    """A clip without a result, and why."""

    clip: str
    reason: str


@dataclass(frozen=True)
class ConformPlan:
    """Everything settled before the first frame is rendered. notes: sentences about what was met."""

    shots: Tuple[ShotPlan, ...]
    skipped: Tuple[SkippedClip, ...]
    notes: Tuple[str, ...] = field(default=())
