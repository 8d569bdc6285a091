"""How much of a job one process does: all of it, or one step of it on a machine of a farm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.jobs.plans.chunks import ShotChunks
from sparkvsr_engine.media.base import ClipInfo


@dataclass(frozen=True)
class JobPart:
    """A part of a job's work.

    Attributes:
        frames: chunks that begin among these are rendered; None for all.
        renders: whether frames are rendered; without, keyframes are made and shots learnt, and no more.
        finishes: whether the target is made of the finished chunks.
        keeps_cache: whether the cache is this machine's own, which is trimmed to its budget.
        source: what the plan calls the source, on machines where its path or time is another one; empty
            for what it is called here.
    """

    frames: FrameSpan | None = None
    renders: bool = True
    finishes: bool = True
    keeps_cache: bool = True
    source: str = ""

    def chunks_of(self, shots: Sequence[ShotChunks]) -> list[ShotChunks]:
        """The shots with the chunks of this part."""
        if self.frames is None:
            return list(shots)
        frames = self.frames
        return [
            replace(shot, chunks=tuple(chunk for chunk in shot.chunks if chunk.span.start in frames))
            for shot in shots
        ]

    def named(self, info: ClipInfo) -> ClipInfo:
        """The source under the name that the plan has for it."""
        return replace(info, identity=self.source) if self.source else info


WHOLE = JobPart()
"""All of a job."""
