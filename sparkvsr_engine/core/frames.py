"""Frame spans and sets of frames.

Inside the engine a span is half-open, `start` to `stop`, in the source's own frame numbers. Host-facing
records (`sparkvsr_bridge.media`) are inclusive; the conversions are here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class FrameSpan:
    """The frames from `start` up to but without `stop`; never empty."""

    start: int
    stop: int

    def __post_init__(self) -> None:
        if self.stop <= self.start:
            raise ValueError(f"the span {self.start}..{self.stop} is empty")

    @classmethod
    def from_inclusive(cls, first_frame: int, last_frame: int) -> FrameSpan:
        """The span of an inclusive range."""
        return cls(first_frame, last_frame + 1)

    @property
    def first(self) -> int:
        """The first frame."""
        return self.start

    @property
    def last(self) -> int:
        """The last frame, inclusive."""
        return self.stop - 1

    def __len__(self) -> int:
        return self.stop - self.start

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.start, self.stop))

    def __contains__(self, frame: object) -> bool:
        return isinstance(frame, int) and self.start <= frame < self.stop

    def clamp(self, frame: int) -> int:
        """The nearest frame inside."""
        return min(max(frame, self.start), self.stop - 1)

    def intersection(self, span: FrameSpan) -> FrameSpan | None:
        """The frames in both, None when there are none."""
        start, stop = max(self.start, span.start), min(self.stop, span.stop)
        return FrameSpan(start, stop) if start < stop else None

    def widened(self, by: int, within: FrameSpan) -> FrameSpan:
        """This span with up to `by` frames more on each side, none outside `within`."""
        return FrameSpan(max(self.start - by, within.start), min(self.stop + by, within.stop))

    def split(self, at: Iterable[int]) -> list[FrameSpan]:
        """The pieces of this span, a new one starting at each frame of `at` that lies inside."""
        starts = sorted({self.start, *(frame for frame in at if self.start < frame < self.stop)})
        return [FrameSpan(start, stop) for start, stop in zip(starts, [*starts[1:], self.stop], strict=True)]


def spans_of(frames: Iterable[int]) -> list[FrameSpan]:
    """The fewest spans that hold exactly these frames, in order."""
    spans: list[FrameSpan] = []
    for frame in sorted(set(frames)):
        if spans and spans[-1].stop == frame:
            spans[-1] = FrameSpan(spans[-1].start, frame + 1)
        else:
            spans.append(FrameSpan(frame, frame + 1))
    return spans


def describe_frames(frames: Iterable[int]) -> str:
    """The frames for people: `1-4, 9, 12-20`; `none` when there are none."""
    parts = [str(s.first) if len(s) == 1 else f"{s.first}-{s.last}" for s in spans_of(frames)]
    return ", ".join(parts) if parts else "none"
