"""What a plan is rendered in: chunks shot by shot, those of earlier versions taken as they are.

A range that is trimmed or widened would be cut into other pieces, and a piece with another end is another
file. So a plan names the finished pieces that lie inside its range and are as it would make them, and only
what is left between them is cut anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.windows import Chunk
from sparkvsr_engine.jobs.plans.plan import JobPlan
from sparkvsr_engine.jobs.storage.records import FinishedChunk
from sparkvsr_engine.models.base import Planner


@dataclass(frozen=True)
class ShotChunks:
    """A shot with the chunks of it that are put out."""

    shot: FrameSpan
    chunks: tuple[Chunk, ...]


def shot_chunks(planner: Planner, plan: JobPlan) -> list[ShotChunks]:
    """Everything there is to render, shot by shot, in order of time."""
    chunks_of_shots: list[ShotChunks] = []
    for shot in plan.shots:
        span = shot.intersection(plan.span)
        if span is None:
            continue
        pieces = [piece for piece in plan.pieces if span.intersection(piece) == piece]
        chunks = [chunk for part in _parts(span, pieces) for chunk in _chunks_in(planner, plan, shot, part)]
        numbered = tuple(replace(chunk, index=index) for index, chunk in enumerate(chunks))
        chunks_of_shots.append(ShotChunks(shot, numbered))
    return chunks_of_shots


def with_finished_pieces(planner: Planner, plan: JobPlan, finished: Iterable[FinishedChunk]) -> JobPlan:
    """The plan with the pieces that are there already.

    Args:
        planner: of the plan's restorer.
        plan: as it was made.
        finished: chunks of earlier versions, those to be preferred first.
    """
    anew = replace(plan, pieces=())
    pieces: list[FrameSpan] = []
    for chunk in finished:
        is_free = all(chunk.span.intersection(piece) is None for piece in pieces)
        if is_free and _is_as_planned(planner, anew, chunk):
            pieces.append(chunk.span)
    spans = {chunk.span for shot in shot_chunks(planner, anew) for chunk in shot.chunks}
    return anew if spans.issuperset(pieces) else replace(plan, pieces=tuple(sorted(pieces, key=_start)))


def _is_as_planned(planner: Planner, plan: JobPlan, chunk: FinishedChunk) -> bool:
    """Whether a finished chunk has the frames the plan would make in its place, and its files are there."""
    shot = next((shot for shot in plan.shots if shot.intersection(chunk.span) == chunk.span), None)
    if shot is None or plan.span.intersection(chunk.span) != chunk.span:
        return False
    planned = _whole(_planned(planner, plan, shot, chunk.span), chunk.span)
    return plan.chunk_key(planned) == chunk.key and all(file.is_intact() for file in chunk.files)


def _chunks_in(planner: Planner, plan: JobPlan, shot: FrameSpan, part: FrameSpan) -> Sequence[Chunk]:
    chunks = _planned(planner, plan, shot, part)
    return [_whole(chunks, part)] if part in plan.pieces else chunks


def _planned(planner: Planner, plan: JobPlan, shot: FrameSpan, part: FrameSpan) -> Sequence[Chunk]:
    return planner.plan(shot, part, [key.frame for key in plan.keyframes_of(shot)], plan.geometry)


def _whole(chunks: Sequence[Chunk], span: FrameSpan) -> Chunk:
    """Chunks side by side as one."""
    windows = dict.fromkeys(window for chunk in chunks for window in chunk.windows)
    keyframes = sorted({frame for chunk in chunks for frame in chunk.keyframes})
    return Chunk(0, span, tuple(windows), tuple(keyframes))


def _parts(span: FrameSpan, pieces: Sequence[FrameSpan]) -> Iterator[FrameSpan]:
    """The pieces, and what lies between them, in order of time."""
    start = span.start
    for piece in sorted(pieces, key=_start):
        if start < piece.start:
            yield FrameSpan(start, piece.start)
        yield piece
        start = piece.stop
    if start < span.stop:
        yield FrameSpan(start, span.stop)


def _start(span: FrameSpan) -> int:
    return span.start
