"""What is looked at: the frame, how it plays, what is compared with what."""

from __future__ import annotations

from dataclasses import dataclass

SOURCE, PREVIEW, VERSION, HEAT_MAP = "source", "preview", "version", "heat map"

SPEEDS = (1.0, 2.0, 4.0)
"""Of playing, in frames of the clip's rate; J and L go through them."""


@dataclass(frozen=True)
class Side:
    """One of the two pictures that are compared. version: job and number, for a VERSION or its HEAT_MAP."""

    kind: str = SOURCE
    version: tuple[str, int] | None = None


@dataclass(frozen=True)
class Viewing:
    """How a document is looked at.

    playhead: the frame in view. speed: of playing, negative backwards, 0 at rest; since, start: when and at
    which frame playing began. side_a: what a wipe shows left of its line. side_b: right of it.
    wipe: place of the line, 0..1 of the picture's width; None without a wipe.
    """

    playhead: int = 0
    speed: float = 0.0
    since: float = 0.0
    start: int = 0
    side_a: Side = Side()
    side_b: Side = Side(PREVIEW)
    wipe: float | None = None

    @property
    def is_playing(self) -> bool:
        """Whether the playhead moves by itself."""
        return self.speed != 0

    @property
    def sides(self) -> tuple[Side, ...]:
        """What is on the screen."""
        return (self.side_a,) if self.wipe is None else (self.side_a, self.side_b)


def faster(speed: float, direction: int) -> float:
    """The speed after another press of J (direction -1) or L (1): the other way, it starts anew."""
    if speed * direction <= 0:
        return direction * SPEEDS[0]
    return direction * next((each for each in SPEEDS if each > abs(speed)), SPEEDS[-1])


def frame_at(viewing: Viewing, now: float, rate: float, first: int, last: int) -> int:
    """The frame that playing has reached; the range is played round and round.

    now: seconds on the clock of `since`. rate: frames per second. first, last: the range.
    """
    steps = int((now - viewing.since) * rate * viewing.speed)
    return first + (viewing.start - first + steps) % (last - first + 1)
