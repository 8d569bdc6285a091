"""The keyframes of a small stream: which are whole, which are lost, and their pictures.

Every keyframe is one packet that needs no other. It belongs to the frame that is shown at its time, and is
whole where its checksum is in the file's tag.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.media.colours.tags import ColourTags, judged_rows
from sparkvsr_engine.media.movies.frame_index.index import MovieIndex, open_movie
from sparkvsr_engine.media.movies.frame_index.reading import read_index
from sparkvsr_engine.media.movies.small_streams.tag import (
    STREAM_SUFFIXES,
    KeyframeTrack,
    StreamTag,
    has_tag,
    is_keyframe_track,
    tag_of,
)
from sparkvsr_engine.media.movies.yuv import RgbReader


def keyframe_stream(container: Any) -> Any | None:
    """The track of keyframes of an open movie, None where it has none."""
    return next((stream for stream in container.streams.video if is_keyframe_track(stream.metadata)), None)


def stream_tag(path: Path | str) -> StreamTag | None:
    """The tag of a small stream; None for anything else, files that cannot be read included."""
    if Path(path).suffix.lower() not in STREAM_SUFFIXES or not Path(path).is_file():
        return None
    try:
        with open_movie(path) as container:
            return tag_of_movie(container)
    except MediaUnreadable:
        return None


def is_small_stream(path: Path | str) -> bool:
    """Whether a file is a small stream; only its headers are read."""
    return stream_tag(path) is not None


def tag_of_movie(container: Any) -> StreamTag | None:
    """The tag of an open movie, or what its track of keyframes shows where a copy left the tag out: the size,
    no checksums. None for a movie that is no small stream, or of a later version.
    """
    if has_tag(container.metadata):
        return tag_of(container.metadata)
    stream = keyframe_stream(container)
    if stream is None or not (stream.codec_context.width and stream.codec_context.height):
        return None
    return StreamTag(stream.codec_context.width, stream.codec_context.height, ())


def read_keyframe_track(path: Path | str) -> KeyframeTrack | None:
    """The keyframes of a movie; None for one that is no small stream. No picture is decoded.

    Raises MediaUnreadable for a file that cannot be opened.
    """
    with open_movie(path) as container:
        tag = tag_of_movie(container)
        if tag is None:
            return None
        is_tag_lost = not has_tag(container.metadata)
        stream = keyframe_stream(container)
        checksums = {checksum for _, checksum in tag.keyframes}
        whole: dict[int, int] = {}
        if stream is not None:
            index = read_index(path)
            for packet in _packets(container, stream):
                checksum, frame = zlib.crc32(bytes(packet)), _frame_of(packet, index)
                is_whole = packet.is_keyframe if is_tag_lost else checksum in checksums
                if is_whole and frame is not None:
                    whole[frame] = checksum
    missing_sums = checksums - set(whole.values())
    missing = [frame - tag.start for frame, checksum in tag.keyframes if checksum in missing_sums]
    return KeyframeTrack(tag, tuple(sorted(whole)), tuple(missing), is_tag_lost)


def decode_keyframes(
    path: Path | str, track: KeyframeTrack, frames: Collection[int], colour: ColourTags
) -> Iterator[tuple[int, Pixels]]:
    """(frame number, full-range RGB [H, W, 3]) of some whole keyframes; one is in memory at a time.

    Args:
        path: of the movie.
        track: its keyframes.
        frames: numbers of those to be decoded.
        colour: the movie's colour tags, which hold for its keyframes.

    Raises:
        MediaUnreadable: for a whole keyframe that FFmpeg cannot decode here.
    """
    missing, index = set(frames) & set(track.frames), read_index(path)
    rgb = RgbReader(colour, judged_rows(track.tag.width, track.tag.height))
    with open_movie(path) as container:
        stream = keyframe_stream(container)
        for packet in _packets(container, stream) if stream is not None and missing else ():
            frame = _frame_of(packet, index)
            if frame in missing:
                missing.discard(frame)
                yield frame, rgb.rgb(decode_packet(stream, packet, f"keyframe {frame} of {path}"))


def decode_packet(stream: Any, packet: Any, label: str) -> Any:
    """The picture of an intra-coded packet, decoded by itself.

    Args:
        stream: that the packet is of.
        packet: an intra-coded one.
        label: what the message names it by.

    Raises:
        MediaUnreadable: where it cannot be decoded or holds no picture.
    """
    decoder = av.CodecContext.create(stream.codec_context.name, "r")
    decoder.extradata = stream.codec_context.extradata
    decoder.thread_count = 1
    alone = av.Packet(bytes(packet))
    try:
        pictures = [*decoder.decode(alone), *decoder.decode(None)]
    except av.error.FFmpegError as error:
        raise MediaUnreadable(f"The {label} cannot be decoded ({error.strerror}); copy it again.") from error
    if not pictures:
        raise MediaUnreadable(f"The {label} holds no picture; copy it again.")
    return pictures[0]


def _packets(container: Any, stream: Any) -> Iterator[Any]:
    # What lies behind damage is lost, and named by its number.
    with suppress(av.error.FFmpegError):
        for packet in container.demux(stream):
            if packet.size and packet.pts is not None:
                yield packet


def _frame_of(packet: Any, index: MovieIndex) -> int | None:
    """The frame that is shown at a packet's time, None where none is within half a frame."""
    ticks = Fraction(packet.pts) * packet.time_base / index.time_base
    number = int(index.pts.searchsorted(round(ticks)))
    near = [at for at in (number - 1, number) if 0 <= at < index.frames]
    if not near:
        return None
    frame = min(near, key=lambda at: abs(int(index.pts[at]) - ticks))
    step = (
        max(index.last_duration, 1)
        if frame + 1 >= index.frames
        else int(index.pts[frame + 1] - index.pts[frame])
    )
    return frame if 2 * abs(int(index.pts[frame]) - ticks) <= max(step, 2) else None
