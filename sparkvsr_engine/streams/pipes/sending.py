"""A source packed into a pipe: piece by piece, each as soon as its frames are read.

The look-ahead is one keyframe distance: a piece is sent when its last frame has been read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.errors import InvalidSettings, OutputUnwritable
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.core.cuts import CutDetector
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.media.faults import make_folder
from sparkvsr_engine.media.movies.frame_index.reading import read_index
from sparkvsr_engine.media.movies.other_tracks.excerpts import Excerpt
from sparkvsr_engine.media.movies.timing import OutputTiming
from sparkvsr_engine.media.movies.writing.joining import MoviePlan, Segment, join_segments
from sparkvsr_engine.media.movies.writing.second_track import SparseTrack, packet_checksums
from sparkvsr_engine.media.movies.writing.segments import write_segment
from sparkvsr_engine.streams.context import PackContext, opened
from sparkvsr_engine.streams.dividing.allocation import USUAL_SHARE
from sparkvsr_engine.streams.dividing.rates import corrected_crf, packet_bytes
from sparkvsr_engine.streams.encodings import TrackQuality, crf_of_quality, with_crf
from sparkvsr_engine.streams.planning import StreamPlan, plan_stream
from sparkvsr_engine.streams.requests import DEFAULT_DISTANCE, PackRequest

# Of a piece's share of the rate, what a track may miss before it is encoded again; and how often.
_TOLERANCE, _ATTEMPTS = 0.08, 3
_SHORTEST_PIECE = 4


@dataclass(frozen=True)
class Sent:
    """What went into the pipe."""

    frames: int
    pieces: int
    sent_bytes: int


@dataclass(frozen=True, eq=False)
class _NextPiece:
    """span: its frames. small: them reduced. is_cut: it begins a shot."""

    span: FrameSpan
    small: list[NDArray[Any]]
    is_cut: bool


def send(config: EngineConfig, request: PackRequest, out: BinaryIO, control: Control) -> Sent:
    """Pack a source into a pipe.

    Args:
        config: the engine's folders and limits.
        request: the source and how it is packed; its target does not count.
        out: the pipe, flushed after every piece.
        control: stops the work and takes its progress and warnings.

    Raises:
        InvalidSettings: for keyframes that cannot be placed without looking further ahead.
        OutputUnwritable: where the reader of the pipe went away.
        SparkVSRError: what reading the source raises.
    """
    distance = request.keyframes.every or DEFAULT_DISTANCE
    if not (request.keyframes.every or request.keyframes.is_automatic):
        raise InvalidSettings("A pipe takes --keyframes auto or every:N; a list or a policy needs a file.")
    make_folder(config.cache_folder / "packing")
    with TemporaryDirectory(dir=config.cache_folder / "packing") as work:
        request = replace(request, target=Path(work) / "piece.mkv")
        plan = _for_pieces(plan_stream(request, Path(work)), control)
        with opened(config, plan, Path(work), control) as context:
            return _send_all(context, out, distance)


def _for_pieces(plan: StreamPlan, control: Control) -> StreamPlan:
    """The plan without what belongs to a file as a whole."""
    tracks = plan.movie.tracks
    carried = tuple(track for track in tracks.tracks if track.way != "attach") if tracks else ()
    for sentence in plan.warnings:
        control.warn(sentence)
    if tracks and len(carried) < len(tracks.tracks):
        control.warn("Attached files are left out of a pipe; pack into a file to keep them.")
    movie = replace(
        plan.movie, tracks=replace(tracks, tracks=carried) if tracks else None, keeps_chapters=False
    )
    return replace(plan, movie=movie)


def _send_all(context: PackContext, out: BinaryIO, distance: int) -> Sent:
    writer = _PieceWriter(context)
    frames = pieces = sent_bytes = 0
    for piece in _pieces(context, distance):
        data = writer.write(piece)
        try:
            out.write(data)
            out.flush()
        except (BrokenPipeError, ValueError) as error:
            sentence = f"The reader of the pipe went away after {frames} frames; start both ends again."
            raise OutputUnwritable(sentence) from error
        frames, pieces, sent_bytes = frames + len(piece.span), pieces + 1, sent_bytes + len(data)
        context.control.progress("sending", frames, len(context.plan.info.span))
    return Sent(frames, pieces, sent_bytes)


def _pieces(context: PackContext, distance: int) -> Iterator[_NextPiece]:
    """Pieces of at most `distance` frames that end at cuts; a cut is looked for within one distance."""
    span, start, is_cut = context.plan.info.span, context.plan.info.span.start, True
    ahead: list[NDArray[Any]] = []
    while start < span.stop:
        window = FrameSpan(start, min(span.stop, start + distance))
        while len(ahead) < len(window):
            context.control.check()
            ahead.append(context.pictures.small(start + len(ahead)))
        cut = _first_cut(ahead[: len(window)], float(context.plan.info.rate or 24))
        stop = start + cut if cut else window.stop
        yield _NextPiece(FrameSpan(start, stop), ahead[: stop - start], is_cut)
        ahead, start, is_cut = ahead[stop - start :], stop, bool(cut)


def _first_cut(pictures: list[NDArray[Any]], rate: float) -> int:
    """Frames before the first cut among some pictures, 0 for none."""
    detector = CutDetector(rate)
    cuts: list[int] = []
    for number, picture in enumerate(pictures):
        scale = np.iinfo(picture.dtype).max // 255
        cuts += detector.add(number, (picture // scale).astype(np.uint8))
    cuts += detector.finish()
    return next((cut for cut in sorted(cuts) if cut >= _SHORTEST_PIECE), 0)


class _PieceWriter:
    """Encodes pieces; the qualities of one are where the next one starts."""

    def __init__(self, context: PackContext) -> None:
        self._context, self._plan = context, context.plan
        self._index = read_index(self._plan.info.path) if self._plan.info.kind == "movie" else None
        quality, encodings = self._plan.request.quality, self._plan.encodings
        self._quality = TrackQuality(
            crf_of_quality(encodings.base.codec, quality), crf_of_quality(encodings.keyframes.codec, quality)
        )

    def write(self, piece: _NextPiece) -> bytes:
        """The bytes of a piece."""
        folder, plan = self._context.folder, self._plan
        full = [self._context.pictures.full(piece.span.start)]
        seconds = self._seconds(piece.span)
        budget = plan.request.rate * seconds / 8
        key_path, base_path = folder / "key.mkv", folder / "base.mkv"
        keyframes = self._fitted(key_path, full, self._quality.keyframes, budget * USUAL_SHARE, is_key=True)
        remaining = budget - packet_bytes(key_path).total if budget else 0.0
        base = self._fitted(base_path, piece.small, self._quality.base, remaining, is_key=False)
        self._quality = TrackQuality(base, keyframes)
        encodings = plan.encodings.with_quality(self._quality)
        sparse = SparseTrack(key_path, encodings.keyframes, (0,))
        start = piece.span.start - plan.info.span.start
        movie = plan.movie_with(encodings, sparse, packet_checksums(key_path), start, piece.is_cut)
        join_segments([Segment(base_path, len(piece.small))], self._placed(movie, piece.span))
        return movie.target.read_bytes()

    def _fitted(
        self, path: Path, pictures: list[NDArray[Any]], crf: float, budget: float, is_key: bool
    ) -> float:
        """Encode to about `budget` bytes, 0 for as it is; the quality that was used."""
        encoding = self._plan.encodings.keyframes if is_key else self._plan.encodings.base
        for attempt in range(_ATTEMPTS):
            write_segment(path, pictures, with_crf(encoding, crf))
            used_bytes = packet_bytes(path).total
            if not budget or attempt == _ATTEMPTS - 1 or abs(used_bytes / budget - 1) <= _TOLERANCE:
                break
            better = corrected_crf(encoding, crf, used_bytes, budget)
            if better == crf:
                break
            crf = better
        return crf

    def _seconds(self, span: FrameSpan) -> float:
        timing, first = self._plan.movie.timing, self._plan.info.span.start
        return float(timing.seconds(span.stop - first) - timing.seconds(span.start - first))

    def _placed(self, movie: MoviePlan, span: FrameSpan) -> MoviePlan:
        """The movie plan of a piece: its own part of the clock, and of the source's other tracks."""
        timing, first = movie.timing, self._plan.info.span.start
        ticks = [timing.at(number - first) for number in range(span.start, span.stop + 1)]
        excerpt = movie.excerpt
        if self._index is not None:
            start, stop = self._index.seconds_at(span.start), self._index.seconds_at(span.stop)
            excerpt = Excerpt(
                excerpt.origin,
                excerpt.start if span.start == first else start,
                excerpt.stop if span.stop == self._plan.info.span.stop else stop,
            )
        return replace(
            movie,
            timing=OutputTiming(timing.rate, timing.time_base, 0, np.array(ticks, np.int64)),
            excerpt=excerpt,
            first_frame=span.start - self._plan.info.available.start,
        )
