"""A pipe unpacked into a movie: every piece is restored as soon as the keyframe behind it has come.

Memory holds two pieces. Restored frames lie in segments on disk until the pipe ends, then the movie is
joined.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import numpy as np

from sparkvsr_bridge.errors import InvalidSettings, MediaUnreadable, SparkVSRError, TargetExists
from sparkvsr_bridge.settings import OutputTarget
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.jobs.running.in_memory import ShotInMemory, restore_shot
from sparkvsr_engine.media.base import OutputRequest
from sparkvsr_engine.media.colour import ColourPlan
from sparkvsr_engine.media.faults import make_folder
from sparkvsr_engine.media.movies.other_tracks.excerpts import Excerpt
from sparkvsr_engine.media.movies.other_tracks.track_plans import plan_tracks
from sparkvsr_engine.media.movies.planning import plan_movie
from sparkvsr_engine.media.movies.timing import OutputTiming
from sparkvsr_engine.media.movies.writing.codec_tables import CONTAINERS
from sparkvsr_engine.media.movies.writing.joining import MoviePlan, Segment, join_segments
from sparkvsr_engine.media.movies.writing.segments import SegmentWriter
from sparkvsr_engine.models.base import Restorer
from sparkvsr_engine.models.registry import open_restorer
from sparkvsr_engine.streams.pipes.chain import read_pieces
from sparkvsr_engine.streams.pipes.receiving import ReceivedPiece, receive
from sparkvsr_engine.streams.pipes.spool import Spool

# Frames of the piece before that a restorer looks back to.
_BEFORE = 2
NOTHING_CAME = (
    "No picture of a small stream came through the pipe; run 'sparkvsr pack ... -o -' at its other end."
)


@dataclass(frozen=True)
class UnpackRequest:
    """How a stream is restored and written."""

    target: OutputTarget
    model: str
    device: str = "auto"


@dataclass(frozen=True)
class Unpacked:
    """What was made of a pipe. lost_bytes: passed over as no part of a piece; lost_frames: inside the
    stream.
    """

    frames: int
    pieces: int
    keyframes: int
    lost_frames: int
    lost_bytes: int
    warnings: tuple[str, ...]


def unpack(config: EngineConfig, request: UnpackRequest, stream: BinaryIO, control: Control) -> Unpacked:
    """Restore what comes out of a pipe until it ends; Ctrl-C ends it too, and what is restored is kept.

    Args:
        config: the engine's folders and limits.
        request: the target, the model that restores and its device.
        stream: the pipe, read to its end.
        control: stops the work and takes its progress and warnings.

    Raises:
        MediaUnreadable: where no picture came.
        TargetExists, InvalidSettings, OutputUnwritable, DiskFull: of the target.
    """
    target = Path(request.target.path)
    if target.suffix.lower() not in CONTAINERS:
        raise InvalidSettings(
            f"{target} is no movie; a pipe is unpacked into a file that ends with"
            f" {', '.join(sorted(CONTAINERS))}."
        )
    if target.exists() and not request.target.overwrite:
        raise TargetExists(f"{target} is there already; choose another target or --overwrite.")
    make_folder(config.cache_folder / "unpacking")
    with (
        TemporaryDirectory(dir=config.cache_folder / "unpacking") as work,
        Spool(Path(work) / "spool.mkv") as spool,
    ):
        restorer = open_restorer(
            request.model, config.models_folder, config.cache_folder / "parts", request.device
        )
        receiver = _Receiver(stream, Path(work), control)
        result = _Result(request, restorer, Path(work), control)
        try:
            _restore_all(receiver, result, spool)
        except KeyboardInterrupt:
            control.warn("The pipe was stopped; what has come is written.")
        spool.close()
        if not result.segments:
            raise MediaUnreadable(receiver.reason or NOTHING_CAME)
        warnings = result.join(spool.path)
    return Unpacked(
        frames=len(result.numbers),
        pieces=receiver.pieces,
        keyframes=receiver.keyframes,
        lost_frames=result.numbers[-1] - result.numbers[0] + 1 - len(result.numbers),
        lost_bytes=receiver.lost_bytes,
        warnings=tuple(warnings),
    )


class _Receiver:
    """Pieces with pictures, in order; what is lost is reported."""

    def __init__(self, stream: BinaryIO, work: Path, control: Control) -> None:
        self._stream, self._work, self._control = stream, work, control
        self.pieces = self.keyframes = self.lost_bytes = 0
        self.reason = ""

    def __iter__(self) -> Iterator[ReceivedPiece]:
        reached: int | None = None
        for number, piece in enumerate(read_pieces(self._stream)):
            self._control.check()
            self._count_lost(piece.lost_before)
            path = self._work / f"piece-{number % 3}.mkv"
            try:
                received = receive(piece, path)
            except SparkVSRError as error:
                self.reason = self.reason or f"Nothing of the stream can be shown: {error.message}"
                self._control.warn(
                    f"A piece of the stream was lost ({len(piece.data)} bytes): {error.message}"
                )
                continue
            if reached is not None and received.start < reached:
                self._control.warn(f"The stream went back to frame {received.start}; that piece is left out.")
                continue
            for sentence in received.warnings:
                self._control.warn(sentence)
            reached = received.stop
            self.pieces, self.keyframes = self.pieces + 1, self.keyframes + len(received.keyframes)
            yield received

    def _count_lost(self, count: int) -> None:
        self.lost_bytes += count
        if count and not self.pieces:
            self._control.warn(f"{count} bytes before the first keyframe were passed over.")
        elif count:
            self._control.warn(f"{count} bytes of the stream belong to no piece and were passed over.")


def _restore_all(receiver: _Receiver, result: _Result, spool: Spool) -> None:
    before: ReceivedPiece | None = None
    current: ReceivedPiece | None = None
    for following in receiver:
        spool.add(following.path)
        if current is not None:
            result.restore(before, current, following)
        before, current = current, following
    if current is not None:
        result.restore(before, current, None)


class _Result:
    """Restored frames on their way to a movie; everything about it is settled by the first piece."""

    def __init__(self, request: UnpackRequest, restorer: Restorer, work: Path, control: Control) -> None:
        self._request, self._restorer = request, restorer
        self._work, self._control = work, control
        self._movie: MoviePlan | None = None
        self._colour: ColourPlan | None = None
        self.segments: list[Segment] = []
        self.numbers: list[int] = []
        self._first_moment = Fraction(0)

    def restore(
        self, before: ReceivedPiece | None, piece: ReceivedPiece, following: ReceivedPiece | None
    ) -> None:
        """Restore a piece, with frames and keyframes of its neighbours where no cut and no loss is
        between.
        """
        movie, colour = self._settled(piece)
        tag = piece.track.tag
        frames, keyframes = dict(piece.frames), dict(piece.keyframes)
        if before is not None and before.stop == piece.start and not tag.is_cut:
            frames = {number: before.frames[number] for number in sorted(before.frames)[-_BEFORE:]} | frames
        if following is not None and following.start == piece.stop and not following.track.tag.is_cut:
            frames[following.start] = following.frames.get(following.start, piece.frames[piece.stop - 1])
            keyframes |= {k: v for k, v in following.keyframes.items() if k in frames}
        span = FrameSpan(min(frames), max(frames) + 1)
        geometry = Geometry(piece.info.width, piece.info.height, movie.encoding.width, movie.encoding.height)
        shot = ShotInMemory(
            {number: colour.to_model(frames[_nearest(frames, number)]) for number in span},
            span,
            geometry,
            {number: colour.to_model(pixels) for number, pixels in keyframes.items() if number in span},
        )
        numbers = sorted(piece.frames)
        path = self._work / f"segment-{len(self.segments):06d}{Path(self._request.target.path).suffix}"
        with SegmentWriter(path, movie.encoding) as segment:
            rendered = FrameSpan(numbers[0], numbers[-1] + 1)
            for restored in restore_shot(self._restorer, shot, rendered, self._control.warn):
                self._control.check()
                if restored.frame in piece.frames:
                    segment.write(self._finished(restored.pixels, movie, colour))
                    self._control.progress("restoring", len(self.numbers) + restored.frame - numbers[0] + 1)
        self.segments.append(Segment(path, len(numbers)))
        self.numbers += numbers

    def join(self, spool: Path) -> list[str]:
        """Make the movie; sentences about what could not be kept."""
        assert self._movie is not None
        movie, rate = self._movie, self._movie.timing.rate
        first = self.numbers[0]
        last = self.numbers[-1] + 1
        ticks = [number - first for number in (*self.numbers, last)]
        tracks = plan_tracks(spool, movie.encoding.container)
        plan = replace(
            movie,
            timing=OutputTiming(rate, 1 / rate, 0, np.array(ticks, np.int64)),
            source=spool,
            tracks=tracks,
            # Joined in the middle, the result starts at 0 with what came first.
            excerpt=Excerpt(self._first_moment),
            keeps_chapters=False,
            shifts=(),
        )
        return [*tracks.warnings, *join_segments(self.segments, plan)]

    def _settled(self, piece: ReceivedPiece) -> tuple[MoviePlan, ColourPlan]:
        if self._movie is None or self._colour is None:
            tag, target = piece.track.tag, self._request.target
            request = OutputRequest(target, piece.info.span, tag.width, tag.height, self._work)
            segmented, self._colour = plan_movie(piece.info, request)
            self._movie = segmented.movie
            for sentence in self._movie.encoding.warnings:
                self._control.warn(sentence)
            self._first_moment = _first_moment(piece)
        return self._movie, self._colour

    def _finished(self, pixels: Pixels, movie: MoviePlan, colour: ColourPlan) -> Pixels:
        channels = movie.encoding.channels
        finished = colour.from_model(np.ascontiguousarray(pixels[..., :3], np.float32), movie.encoding.sample)
        if channels == 3:
            return finished
        opaque = np.full((*finished.shape[:2], 1), np.iinfo(finished.dtype).max, finished.dtype)
        return np.concatenate([finished, opaque], axis=2)


def _first_moment(piece: ReceivedPiece) -> Fraction:
    """When the first frame of a piece is shown on the stream's clock, in seconds."""
    from sparkvsr_engine.media.movies.frame_index.reading import read_index

    return read_index(piece.path).seconds_at(min(piece.frames) - piece.start)


def _nearest(frames: dict[int, Pixels], number: int) -> int:
    return number if number in frames else min(frames, key=lambda at: abs(at - number))
