"""Finished frames as a movie: a sink whose runs are segments, joined at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.faults import make_folder
from sparkvsr_engine.media.movies.writing.joining import MoviePlan, Segment, join_segments
from sparkvsr_engine.media.movies.writing.segments import SegmentWriter


@dataclass(frozen=True, eq=False)
class SegmentedPlan:
    """movie: how segments become the movie. folder: where segments lie until then."""

    movie: MoviePlan
    folder: Path


class MovieSink:
    """A `FrameSink` of one movie. An existing file is replaced; whether it may be is asked before."""

    def __init__(self, plan: SegmentedPlan) -> None:
        self._plan = plan
        for folder in (plan.folder, plan.movie.target.parent):
            make_folder(folder)

    def open_run(self, span: FrameSpan) -> SegmentWriter:
        """Start to write the frames of `span` to a segment, in order."""
        return SegmentWriter(self.files_of(span)[0], self._plan.movie.encoding)

    def files_of(self, span: FrameSpan) -> list[Path]:
        """The segment of a run."""
        name = f"frames-{span.first:06d}-{span.last:06d}{self._plan.movie.target.suffix}"
        return [self._plan.folder / name]

    def finish(self, spans: Sequence[FrameSpan]) -> list[str]:
        """Join the segments of these runs to the movie; sentences about what could not be kept.

        Raises OutputUnwritable, DiskFull, MediaUnreadable.
        """
        segments = [Segment(self.files_of(span)[0], len(span)) for span in spans]
        return join_segments(segments, self._plan.movie)
