"""Segments to one movie: packets are moved on the clock and written again, nothing is encoded.

The source's sound, subtitles, chapters, timecode and other words come along.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from sparkvsr_bridge.errors import OutputUnwritable
from sparkvsr_engine.media.faults import media_faults, replace_file
from sparkvsr_engine.media.movies.frame_index.index import open_movie, video_stream
from sparkvsr_engine.media.movies.other_tracks.track_kinds import copy_words
from sparkvsr_engine.media.movies.other_tracks.track_plans import TracksPlan, plan_tracks
from sparkvsr_engine.media.movies.other_tracks.tracks import EVERYTHING, Excerpt, SourceTracks
from sparkvsr_engine.media.movies.presentation import PLAIN, Presentation, presentation_warnings
from sparkvsr_engine.media.movies.small_streams.tag import TAG_NAME
from sparkvsr_engine.media.movies.timing import OutputTiming
from sparkvsr_engine.media.movies.writing.carrying_messages import SourceMessages, carrying
from sparkvsr_engine.media.movies.writing.codecs import Encoding
from sparkvsr_engine.media.movies.writing.presenting import add_presentation, presenting_template
from sparkvsr_engine.media.movies.writing.second_track import SparseTrack, SparseTrackWriter, mark_default
from sparkvsr_engine.storage.whole_files import partial_name

# Facts about the source's own file, and what every muxer writes by itself.
_TECHNICAL_WORDS = frozenset(
    {
        "major_brand",
        "minor_version",
        "compatible_brands",
        "encoder",
        "duration",
        "timecode",
        "creation_software",
        TAG_NAME.lower(),
    }
)
# Words MP4 and QuickTime have places for; any other one needs Apple's free-form keys.
_PLAIN_WORDS = frozenset(
    {
        "title",
        "artist",
        "album",
        "album_artist",
        "comment",
        "composer",
        "copyright",
        "date",
        "description",
        "genre",
        "grouping",
        "synopsis",
        "creation_time",
        "language",
        "network",
        "show",
        "lyrics",
        "track",
    }
)

# Ticks per second of the clock of a whole MP4 or QuickTime file, at least: late starts are rounded to it,
# and its
# own milliseconds, or a frame rate, would move sound that starts late.
_FINE_CLOCK, _FINEST_CLOCK = 90_000, 1_000_000


@dataclass(frozen=True)
class Segment:
    """A finished segment file and the number of frames it must hold."""

    path: Path
    frames: int


@dataclass(frozen=True, eq=False)
class MoviePlan:
    """How segments become a movie.

    source: the movie whose other tracks come along, None when there is none. excerpt: which part of it.
    tracks: what becomes of them; None where that was not settled before. shifts: see `MovieIndex`.
    keeps_chapters: whether the source's chapters come along, those of the part that is rendered.
    messages: kinds of the source's captions and dynamic metadata that come along in the pictures.
    first_frame: number of the first frame in the source.
    presentation: the target's labels of stereo views, spheres and crops.
    keyframes: pictures in a second track, None for none. words: (name, value) of the target's own metadata.
    """

    target: Path
    encoding: Encoding
    timing: OutputTiming
    source: Path | None = None
    excerpt: Excerpt = EVERYTHING
    keeps_chapters: bool = False
    tracks: TracksPlan | None = None
    shifts: tuple[Fraction, ...] = ()
    timecode: str = ""
    presentation: Presentation = PLAIN
    messages: frozenset[str] = frozenset()
    first_frame: int = 0
    keyframes: SparseTrack | None = None
    words: tuple[tuple[str, str], ...] = ()


def join_segments(segments: Sequence[Segment], plan: MoviePlan) -> list[str]:
    """Make the movie; segments stay where they are. Returns sentences about what could not be kept.

    Raises OutputUnwritable (also for a segment that is not what it should be), DiskFull, MediaUnreadable for
    the source.
    """
    delay = _check(segments)
    partial = partial_name(plan.target)
    with media_faults(plan.target, writing=True):
        try:
            warnings = _write(partial, segments, plan, delay)
            if plan.presentation != PLAIN and plan.encoding.container in ("mp4", "mov"):
                warnings += _write_presentation(partial, plan)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    replace_file(partial, plan.target)
    return warnings


def _write_presentation(partial: Path, plan: MoviePlan) -> list[str]:
    """What is rendered is not lost for a file that is laid out in another way than was known."""
    try:
        add_presentation(partial, plan.presentation, (plan.encoding.width, plan.encoding.height))
    except ValueError:
        return [*presentation_warnings(plan.presentation, PLAIN)]
    return []


def _write(partial: Path, segments: Sequence[Segment], plan: MoviePlan, delay: int) -> list[str]:
    with ExitStack() as files:
        source = files.enter_context(open_movie(plan.source)) if plan.source else None
        words = {**_words(source), **dict(plan.words)}
        # Opening through the system first gives its own reasons for a file that cannot be made.
        partial.open("wb").close()
        out = av.open(str(partial), "w", format=plan.encoding.container, options=_muxer_options(words, plan))
        files.enter_context(out)
        out.metadata.update(words)
        stream = _add_video(out, segments[0], plan)
        sparse = None
        if plan.keyframes is not None:
            sparse = files.enter_context(SparseTrackWriter(plan.keyframes, out, plan.timing))
        tracks, warnings = None, []
        if source is not None and plan.source is not None:
            settled = plan.tracks or plan_tracks(plan.source, plan.encoding.container)
            warnings += settled.warnings if plan.tracks is None else ()
            copy_words(video_stream(source, plan.source), stream, plan.encoding.container)
            tracks = files.enter_context(SourceTracks(plan.source, out, settled, plan.excerpt, plan.shifts))
        if sparse is not None:
            # Behind the source's words, which bring its own flags.
            mark_default(stream)
        if source is not None and plan.keeps_chapters:
            _copy_chapters(source, out, plan.excerpt)
        messages = None
        if plan.messages and plan.source is not None:
            messages = files.enter_context(SourceMessages(plan.source, plan.messages))
        for place, packet in _packets(segments, plan.timing, delay):
            if messages is not None:
                frame_messages = messages.of(plan.first_frame + place)
                extradata = bytes(stream.codec_context.extradata or b"")
                packet = carrying(packet, plan.encoding.codec, extradata, frame_messages)  # noqa: PLW2901
            packet.stream = stream
            if sparse is not None:
                sparse.mux_until(packet.dts)
            if tracks is not None:
                tracks.mux_until(packet.dts * packet.time_base)
            out.mux(packet)
        if sparse is not None:
            sparse.mux_until(None)
        if tracks is not None:
            tracks.mux_until(None)
    return [*warnings, *(tracks.warnings if tracks is not None else [])]


def _check(segments: Sequence[Segment]) -> int:
    """The largest number of places by which any frame is decoded ahead of those shown before it.

    Raises OutputUnwritable when a segment lacks a frame or was made by another encoder than the others.
    """
    delay, headers = 0, set()
    for segment in segments:
        with open_movie(segment.path) as container:
            stream = video_stream(container, segment.path)
            headers.add(bytes(stream.codec_context.extradata or b""))
            places = [_place_of(packet, stream) for packet in container.demux(stream) if packet.size]
        if sorted(places) != list(range(segment.frames)):
            raise OutputUnwritable(
                f"{segment.path} holds {len(places)} frames instead of {segment.frames};"
                " remove it and resume the job.",
                path=str(segment.path),
            )
        delay = max(delay, *(order - place for order, place in enumerate(places)))
    if len(headers) > 1:
        raise OutputUnwritable(
            "parts of this movie were made by different encoders or settings and cannot be joined;"
            " render it again from the start."
        )
    return delay


def _place_of(packet: Any, stream: Any) -> int:
    """Which frame of its segment a packet shows: the segment's clock counts frames."""
    rate = stream.average_rate or stream.base_rate
    return round(packet.pts * packet.time_base * rate)


def _packets(segments: Sequence[Segment], timing: OutputTiming, delay: int) -> Iterator[tuple[int, Any]]:
    """(place of the frame, packet) of the segments, in decoding order, on the movie's clock.

    A packet is decoded at the time of the frame `delay` places before: never later than it is shown, and
    strictly later than the packet before it, because frames' own times rise strictly.
    """
    order = first = 0
    frames = sum(segment.frames for segment in segments)
    for segment in segments:
        with open_movie(segment.path) as container:
            stream = video_stream(container, segment.path)
            for packet in container.demux(stream):
                if not packet.size:
                    continue
                place = first + _place_of(packet, stream)
                packet.time_base = timing.time_base
                packet.pts, packet.dts = timing.at(place), timing.at(order - delay)
                packet.duration = timing.at(place + 1) - timing.at(place)
                order += 1
                if order == frames:
                    # Readers take an MP4's length from decoding times: the last packet closes the account.
                    length = timing.at(frames) - timing.at(0)
                    packet.duration = max(1, length - (packet.dts - timing.at(-delay)))
                yield place, packet
        first += segment.frames


def _add_video(out: Any, first: Segment, plan: MoviePlan) -> Any:
    is_matroska = plan.encoding.container in ("matroska", "webm")
    with ExitStack() as files:
        container = files.enter_context(open_movie(first.path))
        if is_matroska and (plan.presentation.immersion.sphere or plan.presentation.cut):
            size = (plan.encoding.width, plan.encoding.height)
            presented = presenting_template(container, str(first.path), plan.presentation, size)
            container = files.enter_context(presented)
        stream = out.add_stream_from_template(video_stream(container, first.path), opaque=True)
    if is_matroska and plan.presentation.immersion.stereo:
        stream.metadata["stereo_mode"] = plan.presentation.immersion.stereo
    context, tags = stream.codec_context, plan.encoding.tags
    context.framerate = plan.timing.rate
    context.sample_aspect_ratio = plan.encoding.pixel_aspect
    is_rgb = av.VideoFormat(plan.encoding.pixel_format).is_rgb
    context.color_primaries, context.color_trc = tags.primaries, tags.transfer
    context.colorspace = 0 if is_rgb else tags.matrix
    context.color_range = 2 if tags.full_range or is_rgb else 1
    if plan.encoding.tag:
        context.codec_tag = plan.encoding.tag
    stream.time_base = plan.timing.time_base
    if plan.timecode:
        stream.metadata["timecode"] = plan.timecode
    return stream


def _words(source: Any) -> dict[str, str]:
    """The source's metadata that holds for the result."""
    if source is None:
        return {}
    return {name: value for name, value in source.metadata.items() if name.lower() not in _TECHNICAL_WORDS}


def _fine_clock(ticks: int) -> int:
    """Ticks a second of a QuickTime movie whose pictures have so many: a multiple where possible."""
    fine = ticks * -(-_FINE_CLOCK // ticks)
    return fine if fine <= _FINEST_CLOCK else _FINE_CLOCK


def _muxer_options(words: dict[str, str], plan: MoviePlan) -> dict[str, str]:
    # Sound may start a little before 0 (an encoder's run-in). Left to itself the Matroska muxer would move
    # everything behind it, and no frame would keep its time.
    options = {"avoid_negative_ts": "disabled"}
    is_quicktime = plan.encoding.container in ("mp4", "mov")
    if is_quicktime:
        options["movie_timescale"] = str(_fine_clock(plan.timing.time_base.denominator))
    if plan.keyframes is not None and plan.encoding.container == "matroska":
        # Left to itself the muxer marks every track as one to be shown.
        options["default_mode"] = "passthrough"
    if is_quicktime and any(name.lower() not in _PLAIN_WORDS for name in words):
        options["movflags"] = "use_metadata_tags"
    return options


def _copy_chapters(source: Any, out: Any, excerpt: Excerpt) -> None:
    """The source's chapters on the target's clock, as far as they reach into what is rendered."""
    chapters: list[Any] = []
    for chapter in source.chapters():
        base = chapter["time_base"]
        first = None if excerpt.start is None else round(excerpt.start / base)
        stop = None if excerpt.stop is None else round(excerpt.stop / base)
        start, end = chapter["start"], chapter["end"]
        start, end = start if first is None else max(start, first), end if stop is None else min(end, stop)
        if start < end or (start, end) == (chapter["start"], chapter["end"]):
            shift = round(excerpt.origin / base)
            chapters.append({**chapter, "id": len(chapters), "start": start - shift, "end": end - shift})
    if chapters:
        out.set_chapters(chapters)
