"""How a source's frames become a movie: encoding, clock, and what comes along from the source."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.base import ClipInfo, OutputRequest
from sparkvsr_engine.media.colour import ColourPlan, plan_colour
from sparkvsr_engine.media.movies.frame_index.index import open_movie
from sparkvsr_engine.media.movies.frame_index.reading import read_index
from sparkvsr_engine.media.movies.other_tracks.excerpts import Excerpt
from sparkvsr_engine.media.movies.other_tracks.track_plans import plan_tracks
from sparkvsr_engine.media.movies.picture_messages import kept_messages, message_warnings
from sparkvsr_engine.media.movies.presentation import (
    PLAIN,
    Presentation,
    kept_presentation,
    presentation_warnings,
)
from sparkvsr_engine.media.movies.timing import OutputTiming, constant_timing, source_timing
from sparkvsr_engine.media.movies.writing.codecs import Encoding, MovieTraits, Picture, holds, make_encoding
from sparkvsr_engine.media.movies.writing.joining import MoviePlan
from sparkvsr_engine.media.movies.writing.segments import check_encoder
from sparkvsr_engine.media.movies.writing.sink import SegmentedPlan
from sparkvsr_engine.media.orientation import UPRIGHT
from sparkvsr_engine.media.timecode import Timecode

DEFAULT_RATE = Fraction(24)
"""Frames per second of a movie made from pictures that name no rate."""


def _lost(info: ClipInfo, presentation: Presentation, messages: frozenset[str]) -> tuple[str, ...]:
    """Sentences about labels of the source's pictures that the target cannot have."""
    of_presentation = presentation_warnings(info.presentation, presentation)
    return (*of_presentation, *message_warnings(info.messages - messages))


def plan_movie(info: ClipInfo, request: OutputRequest) -> tuple[SegmentedPlan, ColourPlan]:
    """Settle how frames become a movie; the encoder is opened once, so that it fails now or never.

    Raises InvalidSettings.
    """
    target = request.target
    # Depth decides the sample format only together with the codec, so colour is planned on an integer target.
    colour = plan_colour(info, target.path, "uint16", request.colours)
    rate = info.rate or DEFAULT_RATE
    aspect, reshaped = _pixel_aspect(info, request)
    traits = MovieTraits(rate, aspect, colour.tags, info.light)
    picture = Picture(request.width, request.height, min(info.bit_depth, 16), info.has_alpha)
    encoding = make_encoding(target.path, target.codec, target.quality, picture, traits)
    presentation = _kept_presentation(info, encoding)
    messages = kept_messages(info.messages, info.codec, encoding.codec, encoding.tags.is_hdr)
    lost = _lost(info, presentation, messages)
    encoding = replace(encoding, warnings=(*encoding.warnings, *reshaped, *lost))
    check_encoder(encoding)
    excerpt, timing = _clock(info, request.span, rate)
    plan = MoviePlan(
        target=Path(target.path),
        encoding=encoding,
        timing=timing,
        source=Path(info.path) if info.kind == "movie" else None,
        excerpt=excerpt,
        keeps_chapters=info.kind == "movie",
        tracks=plan_tracks(info.path, encoding.container) if info.kind == "movie" else None,
        shifts=read_index(info.path).shifts if info.kind == "movie" else (),
        timecode=_timecode(info, request.span, rate),
        presentation=presentation,
        messages=messages,
        first_frame=request.span.start - info.available.start,
    )
    return SegmentedPlan(plan, request.work_folder), colour


def _pixel_aspect(info: ClipInfo, request: OutputRequest) -> tuple[Fraction, tuple[str, ...]]:
    """The shape of pixels with which the picture keeps its own, and a sentence where it is another one.

    Sides that are rounded to whole pixels are no other shape.
    """
    change = Fraction(info.width * request.height, info.height * request.width)
    if abs(change - 1) <= Fraction(3, 2 * min(request.width, request.height)):
        return info.pixel_aspect, ()
    aspect = (info.pixel_aspect * change).limit_denominator(1000)
    if abs(aspect - 1) < Fraction(1, 100):
        return Fraction(1), ()
    ratio = float(aspect * request.width / request.height)
    return aspect, (
        f"{request.width}x{request.height} has another shape than the source; its pixel aspect is written as"
        f" {aspect.numerator}:{aspect.denominator}, so that the picture is still shown {ratio:.2f} to 1.",
    )


def _kept_presentation(info: ClipInfo, encoding: Encoding) -> Presentation:
    if info.orientation != UPRIGHT:
        # Views would lie, and a sphere turn, another way than is labelled.
        return PLAIN
    enlarged = (Fraction(encoding.width, info.width), Fraction(encoding.height, info.height))
    fits_mp4 = any(holds(encoding.codec, container) for container in ("mp4", "mov"))
    return kept_presentation(info.presentation, encoding.container, enlarged, fits_mp4)


def _clock(info: ClipInfo, span: FrameSpan, rate: Fraction) -> tuple[Excerpt, OutputTiming]:
    """Which part of the source's clock is kept, and when each frame is shown on the target's.

    The whole source keeps its own times, a late start of the picture against the sound included. A part
    of it starts at 0 with its first frame.
    """
    if info.kind != "movie":
        return Excerpt(Fraction(0)), constant_timing(rate)
    index = read_index(info.path)
    first = index.seconds_at(span.start)
    whole = span == info.available
    excerpt = (
        Excerpt(_start_of(info.path, first)) if whole else Excerpt(first, first, index.seconds_at(span.stop))
    )
    if info.variable_rate:
        return excerpt, source_timing(index, span, rate, excerpt.origin)
    return excerpt, constant_timing(rate, first - excerpt.origin)


def _start_of(path: str, first_frame: Fraction) -> Fraction:
    """The moment on the source's clock that becomes 0: where its earliest track starts.

    Tracks that start a little before 0 (an encoder's run-in) do not move a picture that does not.
    """
    with open_movie(path) as container:
        starts = [
            stream.start_time * stream.time_base
            for stream in container.streams.audio
            if stream.start_time is not None
        ]
    earliest = min([first_frame, *starts])
    return earliest if first_frame < 0 else max(earliest, Fraction(0))


def _timecode(info: ClipInfo, span: FrameSpan, rate: Fraction) -> str:
    """The timecode of the first frame that is put out, empty when the source has none."""
    start = Timecode.parse(info.timecode)
    return str(start.advanced(span.start - info.available.start, rate)) if start else ""
