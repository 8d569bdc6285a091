# SPDX-License-Identifier: Apache-2.0
"""What becomes of each clip, as data: planned and shown before anything is rendered or placed."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Optional, Tuple

from ..exchange.facts import ItemFacts, TimelineFacts
from ..runs.memory import ResultRecord
from .source_files import SourceFile
from .spans import Span


@dataclasses.dataclass(frozen=True)
class ClipPlan:
    """One clip.

    route: `path` (the engine opens its file), `render` (through the Deliver page first) or `skip`; reason:
    why, after the clip's name. record, frames: where its result goes, absolute, and how long it is. source,
    span: of the file, for `path`. keyframes: in the file's own numbers; of a rendered one record frames.
    speed: of the clip, 1 unless a take holds its retime. scaling: set on the item, -1 for no change.
    warnings: sentences to read before it starts. earlier: the result that is revised.
    """

    item: ItemFacts
    kind: str
    route: str
    reason: str = ""
    record: int = 0
    frames: int = 0
    source: SourceFile = SourceFile()
    span: Optional[Span] = None
    keyframes: Tuple[int, ...] = ()
    speed: Fraction = Fraction(1)
    scaling: int = -1
    warnings: Tuple[str, ...] = ()
    earlier: Optional[ResultRecord] = None

    @property
    def name(self) -> str:
        """The clip's name, with its place where the name alone is not enough."""
        return self.item.name or f"clip at {self.item.start}"

    @property
    def first_number(self) -> int:
        """The first frame that is rendered, in the source's own numbers."""
        return self.source.first + (self.span.first if self.span is not None else 0)

    @property
    def last_number(self) -> int:
        """The last one."""
        return self.source.first + (self.span.last if self.span is not None else 0)

    @property
    def result_start(self) -> int:
        """The frame of the result, from 0, that its record frame shows."""
        return self.span.shown_first - self.span.first if self.span is not None else 0

    @property
    def is_retimed(self) -> bool:
        """Whether its result runs at another speed than 100 %, as the clip does."""
        return self.speed != 1

    @property
    def shown_frames(self) -> int:
        """How many frames of the result it runs over."""
        return self.span.shown_last - self.span.shown_first + 1 if self.span is not None else self.frames

    @property
    def sentence(self) -> str:
        """What will be done, for people."""
        if self.route == "skip":
            return f"{self.name} is left out: it {self.reason}."
        if self.route == "render":
            through = f"{self.frames} frames go through the Deliver page, then are upscaled"
            return f"{self.name} {self.reason}: {through}."
        if self.span is None:
            return f"{self.name} {self.reason}: upscaled as conform does, {self.source.path}."
        what = f"frames {self.first_number}-{self.last_number} of {self.source.path}"
        pace = f", which run at {float(self.speed) * 100:g} %" if self.is_retimed else ""
        return f"{self.name}: {'revises' if self.earlier is not None else 'upscales'} {what}{pace}."


@dataclasses.dataclass(frozen=True)
class RunPlan:
    """All clips of a run. warnings: of the run as a whole, before those of its clips."""

    timeline: TimelineFacts
    clips: Tuple[ClipPlan, ...]
    place: str
    warnings: Tuple[str, ...] = ()

    @property
    def work(self) -> Tuple[ClipPlan, ...]:
        """The clips that get a result."""
        return tuple(clip for clip in self.clips if clip.route != "skip")

    @property
    def skipped(self) -> Tuple[ClipPlan, ...]:
        """The clips that do not."""
        return tuple(clip for clip in self.clips if clip.route == "skip")

    @property
    def rendered(self) -> Tuple[str, ...]:
        """Names of the clips that Resolve renders first: they have no folder of their own for results."""
        return tuple(clip.name for clip in self.clips if clip.route == "render")

    @property
    def all_warnings(self) -> Tuple[str, ...]:
        """Everything to read before it starts."""
        return (*self.warnings, *(text for clip in self.work for text in clip.warnings))
