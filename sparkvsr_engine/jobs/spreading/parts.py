"""Which chunks go together to one device. Pure planning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.windows import Chunk
from sparkvsr_engine.jobs.plans.chunks import ShotChunks

_PARTS_PER_DEVICE = 4
"""Devices of unequal speed end together when each takes several parts, the next one when it is free."""


@dataclass(frozen=True)
class Part:
    """Missing chunks of one shot in a row. attempts: how often a process was lost with it."""

    chunks: tuple[Chunk, ...]
    attempts: int = 0

    @property
    def frames(self) -> FrameSpan:
        """From the first chunk to the last."""
        return FrameSpan(self.chunks[0].span.start, self.chunks[-1].span.stop)

    def without(self, finished: Callable[[Chunk], bool]) -> Part | None:
        """What of it is left to do; None for nothing."""
        chunks = tuple(chunk for chunk in self.chunks if not finished(chunk))
        return Part(chunks, self.attempts + 1) if chunks else None


def parts_of(
    shots: Sequence[ShotChunks], finished: Callable[[Chunk], bool], devices: int, random_access: bool
) -> list[Part]:
    """All missing chunks in parts of about equal length, in frame order.

    Args:
        shots: all chunks of a job.
        finished: whether a chunk is there.
        devices: how many render.
        random_access: whether a shot may be divided; one whose windows carry on from each other is not.
    """
    runs = [run for shot in shots for run in _runs(shot.chunks, finished)]
    frames = sum(len(chunk.span) for run in runs for chunk in run)
    longest = max(1, frames // (devices * _PARTS_PER_DEVICE))
    if not random_access:
        longest = frames
    return [Part(chunks) for run in runs for chunks in _divided(run, longest)]


def _runs(chunks: Sequence[Chunk], finished: Callable[[Chunk], bool]) -> list[list[Chunk]]:
    """Chunks that are missing one after the other."""
    runs: list[list[Chunk]] = []
    is_in_run = False
    for chunk in chunks:
        is_missing = not finished(chunk)
        if is_missing and is_in_run:
            runs[-1].append(chunk)
        elif is_missing:
            runs.append([chunk])
        is_in_run = is_missing
    return runs


def _divided(run: Sequence[Chunk], longest: int) -> list[tuple[Chunk, ...]]:
    parts: list[list[Chunk]] = [[]]
    for chunk in run:
        if parts[-1] and sum(len(other.span) for other in parts[-1]) + len(chunk.span) > longest:
            parts.append([])
        parts[-1].append(chunk)
    return [tuple(part) for part in parts]
