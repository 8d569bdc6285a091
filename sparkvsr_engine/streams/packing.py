"""A source packed into one file: places and quality settled, both tracks encoded in parts, joined at the end.

Finished parts stay in a folder of their own until the file is there, so that a command that was stopped goes
on where it was. Memory holds a few frames, however long the source is.
"""

from __future__ import annotations

import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sparkvsr_bridge.system.locks import FileLock
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.jobs.plans.analysis import Analysis, analyse
from sparkvsr_engine.jobs.storage.digest import digest_of
from sparkvsr_engine.media.faults import make_folder, media_faults
from sparkvsr_engine.media.movies.writing.joining import Segment, join_segments
from sparkvsr_engine.media.movies.writing.second_track import SparseTrack, packet_checksums, require_whole
from sparkvsr_engine.media.movies.writing.segments import SegmentWriter
from sparkvsr_engine.streams.context import PackContext, StreamChoice, opened
from sparkvsr_engine.streams.dividing.allocation import allocate
from sparkvsr_engine.streams.dividing.rates import CORRECTIONS, corrected_crf, is_used, packet_bytes
from sparkvsr_engine.streams.encodings import StreamEncodings, TrackQuality, crf_of_quality
from sparkvsr_engine.streams.placing import place_keyframes, segment_spans
from sparkvsr_engine.streams.planning import StreamPlan, plan_stream
from sparkvsr_engine.streams.requests import PackRequest

# From this excess over the bytes asked for on, a warning is due.
_MOST_USED = 1.02


@dataclass(frozen=True)
class Packed:
    """A finished stream.

    base_bytes, keyframe_bytes: of their packets. keyframes: frames in the source's numbers.
    """

    target: Path
    frames: int
    keyframes: tuple[int, ...]
    quality: TrackQuality
    file_bytes: int
    base_bytes: int
    keyframe_bytes: int
    seconds: float
    warnings: tuple[str, ...]


def pack(config: EngineConfig, request: PackRequest, control: Control) -> Packed:
    """Pack a source into a file, which is there whole or not at all.

    Args:
        config: the engine's folders and limits.
        request: the source, the target and how it is packed.
        control: stops the work and takes its progress and warnings.

    Raises:
        SparkVSRError: MediaUnreadable, InvalidSettings, TargetExists, OutputUnwritable, DiskFull.
    """
    plan = plan_stream(request, config.cache_folder / "packing")
    make_folder(request.target.parent)
    for sentence in plan.warnings:
        control.warn(sentence)
    with (
        parts_folder(config.cache_folder / "packing", _key(plan)) as folder,
        opened(config, plan, folder, control) as context,
    ):
        analysis = analyse(context.footage, plan.info.span, config.cache_folder / "analysis", control)
        choice = choose(context, analysis)
        return write_stream(context, analysis.shots, choice)


@contextmanager
def parts_folder(packing: Path, key: str) -> Generator[Path]:
    """The folder for the finished parts of a stream, removed once the block has come to its end.

    After an error it stays, so that the next command goes on from there. While another command packs the
    same, a folder that is removed in any case stands in for it: each would overwrite the other's parts.

    Args:
        packing: the folder of all of them.
        key: what is packed and how.
    """
    folder = packing / key
    make_folder(folder)
    lock = FileLock(packing / f"{key}.lock")
    with media_faults(packing, writing=True):
        is_first = lock.take()
    if not is_first:
        with TemporaryDirectory(dir=packing, ignore_cleanup_errors=True) as own:
            yield Path(own)
        return
    try:
        yield folder
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        lock.release()


def choose(context: PackContext, analysis: Analysis) -> StreamChoice:
    """Settle keyframes and quality of a request."""
    request, encodings = context.plan.request, context.plan.encodings
    if request.rate:
        return allocate(context, analysis)
    keyframes = place_keyframes(request.keyframes, context.plan.info.span, analysis.shots, analysis.signals)
    quality = TrackQuality(
        crf_of_quality(encodings.base.codec, request.quality),
        crf_of_quality(encodings.keyframes.codec, request.quality),
    )
    return StreamChoice(keyframes, quality)


def write_stream(context: PackContext, shots: Sequence[FrameSpan], choice: StreamChoice) -> Packed:
    """Encode what is not there yet and join it to the target.

    Args:
        context: the opened source and its plan.
        shots: contiguous spans, together the span that is packed.
        choice: the keyframes and the quality of both tracks.
    """
    plan, spans = context.plan, segment_spans(context.plan.info.span, shots)
    sparse = write_keyframes(context, choice.keyframes, plan.encodings.with_quality(choice.quality))
    checksums = packet_checksums(sparse.segment) if sparse else []
    if sparse is not None:
        require_whole(sparse, checksums)
    keyframe_bytes = packet_bytes(sparse.segment).total if sparse else 0
    quality = choice.quality
    segments, base_bytes = _base_at(context, spans, quality)
    for _ in range(CORRECTIONS if plan.request.rate else 0):
        budget = plan.budget_bytes - keyframe_bytes
        if is_used(base_bytes, budget):
            break
        base = corrected_crf(plan.encodings.base, quality.base, base_bytes, budget)
        if base == quality.base:
            break
        quality = TrackQuality(base, quality.keyframes)
        segments, base_bytes = _base_at(context, spans, quality)
    context.control.check()
    encodings = plan.encodings.with_quality(quality)
    warnings = join_segments(segments, plan.movie_with(encodings, sparse, checksums))
    if plan.request.rate and base_bytes + keyframe_bytes > plan.budget_bytes * _MOST_USED:
        warnings.append(
            f"The pictures take {(base_bytes + keyframe_bytes) * 8 / plan.seconds / 1000:.0f} kbit/s, more"
            f" than the {plan.request.rate / 1000:g} asked for; choose a larger --factor."
        )
    with media_faults(plan.request.target, writing=False):
        file_bytes = plan.request.target.stat().st_size
    return Packed(
        target=plan.request.target,
        frames=len(plan.info.span),
        keyframes=choice.keyframes,
        quality=quality,
        file_bytes=file_bytes,
        base_bytes=base_bytes,
        keyframe_bytes=keyframe_bytes,
        seconds=plan.seconds,
        warnings=tuple(warnings),
    )


def _base_at(
    context: PackContext, spans: Sequence[FrameSpan], quality: TrackQuality
) -> tuple[list[Segment], int]:
    segments = write_base(context, spans, context.plan.encodings.with_quality(quality))
    return segments, sum(packet_bytes(segment.path).total for segment in segments)


def write_base(context: PackContext, spans: Sequence[FrameSpan], encodings: StreamEncodings) -> list[Segment]:
    """The reduced movie in segments; those that are there from an earlier run are kept.

    Args:
        context: the opened source and its plan.
        spans: frames of each segment in the source's numbers, in order.
        encodings: of both tracks, with their quality; that of the base track is used.
    """
    segments: list[Segment] = []
    done, total = 0, sum(len(span) for span in spans)
    key = digest_of("base", encoding=repr(encodings.base))[:12]
    for span in spans:
        path = (
            context.folder
            / f"base-{key}-{span.first:08d}-{span.last:08d}{context.plan.request.target.suffix}"
        )
        if not path.is_file():
            with SegmentWriter(path, encodings.base) as segment:
                for frame in span:
                    context.control.check()
                    segment.write(context.pictures.small(frame))
                    context.control.progress("reducing", done + frame - span.start + 1, total)
        done += len(span)
        segments.append(Segment(path, len(span)))
    return segments


def write_keyframes(
    context: PackContext, frames: Sequence[int], encodings: StreamEncodings
) -> SparseTrack | None:
    """The keyframes as one segment; None where there are none.

    Args:
        context: the opened source and its plan.
        frames: the keyframes in the source's numbers, rising.
        encodings: of both tracks, with their quality; that of the keyframes is used.
    """
    if not frames:
        return None
    key = digest_of("keyframes", encoding=repr(encodings.keyframes), frames=list(frames))[:12]
    path = context.folder / f"keyframes-{key}{context.plan.request.target.suffix}"
    if not path.is_file():
        with SegmentWriter(path, encodings.keyframes) as segment:
            for done, frame in enumerate(frames):
                context.control.check()
                segment.write(context.pictures.full(frame))
                context.control.progress("keyframes", done + 1, len(frames))
    start = context.plan.info.span.start
    return SparseTrack(path, encodings.keyframes, tuple(frame - start for frame in frames))


def _key(plan: StreamPlan) -> str:
    return digest_of(
        "packing",
        source=plan.info.identity,
        span=[plan.info.span.start, plan.info.span.stop],
        encodings=plan.encodings.pair_identity,
    )
