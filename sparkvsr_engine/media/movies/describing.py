"""What a movie is, from its headers, its packets and its first pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.colours.tags import (
    UNSPECIFIED,
    ColourTags,
    settled_matrix,
    unread_matrix,
)
from sparkvsr_engine.media.contents.heif import heif_notes
from sparkvsr_engine.media.movies.boxes import PictureBoxes, read_boxes
from sparkvsr_engine.media.movies.decoding import decoder_for, packets_of, pictures
from sparkvsr_engine.media.movies.frame_index.index import MovieIndex, open_movie, video_stream
from sparkvsr_engine.media.movies.frame_index.reading import read_index
from sparkvsr_engine.media.movies.light import MovieLight, light_of
from sparkvsr_engine.media.movies.picture_messages import CAPTIONS, DYNAMIC_LIGHT
from sparkvsr_engine.media.movies.presentation import Immersion, Presentation, immersion_of
from sparkvsr_engine.media.movies.second_layers import second_layer_note
from sparkvsr_engine.media.movies.small_streams.keyframe_track import read_keyframe_track
from sparkvsr_engine.media.movies.small_streams.tag import stream_notes
from sparkvsr_engine.media.movies.timing import rate_of
from sparkvsr_engine.media.movies.yuv import bit_depth, has_alpha, is_grey
from sparkvsr_engine.media.orientation import orientation_of_exif, orientation_of_matrix, swaps_sides

# Codecs whose files do not label how their alpha is meant.
_UNSAID_ALPHA = ("vp8", "vp9")
_STRAIGHT = (
    "A WebM does not mark whether its colours are multiplied by its alpha channel; they are taken as"
    " not multiplied."
)
# Pictures looked at: captions and light levels come with the first few, where they come.
_LOOKED_AT = 6
# EXIF comes first in a picture and fills one of JPEG's segments at most.
_LONGEST_EXIF = 1 << 17


def describe_movie(path: str, identity: str) -> ClipInfo:
    """The clip of a movie, all of it.

    Raises MediaUnreadable, or PyAV's and the system's own errors.
    """
    with open_movie(path) as container:
        stream = video_stream(container, path)
        index = read_index(path)
        seen = _look(container, stream, path)
        picture = seen.first
        rate = rate_of(index, (stream.average_rate, stream.guessed_rate, stream.base_rate))
        frames = FrameSpan(0, _frames(index, stream))
        width, height = picture.width, picture.height
        if swaps_sides(seen.orientation):
            width, height = height, width
        name = picture.format.name
        bits = bit_depth(name)
        boxes = read_boxes(path, container.format.name)
        keyframes = read_keyframe_track(path)
        colour = settled_matrix(_tags(picture, stream.codec_context))
        _require_read_matrix(path, colour, picture)
        return ClipInfo(
            path=path,
            kind="movie",
            width=width,
            height=height,
            available=frames,
            span=frames,
            rate=rate.rate,
            sample="uint8" if bits <= 8 else "uint16",
            bit_depth=bits,
            pixel_format=name,
            identity=identity,
            variable_rate=rate.varies,
            time_base=index.time_base,
            duration=_duration(index),
            has_audio=bool(container.streams.audio),
            has_alpha=has_alpha(name),
            is_grey=is_grey(name),
            colour=colour,
            pixel_aspect=_pixel_aspect(stream, seen.orientation),
            is_interlaced=seen.is_interlaced,
            timecode=_timecode(container, stream) or seen.timecode,
            orientation=seen.orientation,
            first_unreadable=index.first_damaged,
            light=seen.light,
            messages=index.messages | seen.messages,
            codec=stream.codec_context.name,
            presentation=Presentation(seen.immersion, boxes.cut),
            keyframes=keyframes,
            notes=(
                *seen.notes,
                *index.shortfalls,
                *_notes_of(boxes),
                *stream_notes(container.metadata, keyframes),
                *((_STRAIGHT,) if has_alpha(name) and stream.codec_context.name in _UNSAID_ALPHA else ()),
            ),
        )


@dataclass(frozen=True)
class _Seen:
    """What the first pictures show."""

    first: Any
    orientation: int
    is_interlaced: bool
    timecode: str
    light: MovieLight
    immersion: Immersion
    messages: frozenset[str]
    notes: tuple[str, ...]


def _look(container: Any, stream: Any, path: str) -> _Seen:
    decoder = decoder_for(stream, "SLICE")
    packets: list[bytes] = []

    def noted() -> Iterator[tuple[int, Any]]:
        for ordinal, packet in packets_of(container, stream):
            if len(packets) < _LOOKED_AT:
                packets.append(bytes(packet))
            yield ordinal, packet

    first_pictures = [picture for _, picture in islice(pictures(decoder, noted()), _LOOKED_AT)]
    if not first_pictures:
        raise MediaUnreadable(f"no frame of {path} can be decoded; copy or export it again.", path=path)
    sides = _sides(first_pictures)
    return _Seen(
        first=first_pictures[0],
        orientation=_orientation(sides, packets[0]),
        is_interlaced=any(picture.interlaced_frame for picture in first_pictures),
        timecode=_group_timecode(sides.get("GOP_TIMECODE", b"")),
        light=light_of(sides),
        immersion=immersion_of(sides),
        messages=frozenset(kind for name, kind in _MESSAGES.items() if name in sides),
        notes=(
            *heif_notes(path),
            *_notes_of_sides(sides),
            *_second_layer(stream.codec_context, first_pictures[0], packets),
        ),
    )


def _sides(first_pictures: list[Any]) -> dict[str, bytes]:
    """What comes beside the first pictures, by FFmpeg's names; of each kind the first one.

    To be asked of few: PyAV ties a picture whose side data was looked at into a cycle, which keeps its pixels
    until the next garbage collection.
    """
    sides: dict[str, bytes] = {}
    for picture in reversed(first_pictures):
        try:
            sides |= {side.type.name: bytes(side) for side in picture.side_data}
        except ValueError:
            # PyAV gives none of them where one is of a kind it has no name for, as EXIF is.
            continue
    return sides


def _orientation(sides: dict[str, bytes], first_packet: bytes) -> int:
    if "DISPLAYMATRIX" in sides:
        return orientation_of_matrix(sides["DISPLAYMATRIX"])
    return orientation_of_exif(first_packet[:_LONGEST_EXIF])


def _second_layer(context: Any, picture: Any, packets: list[bytes]) -> tuple[str, ...]:
    if has_alpha(picture.format.name):
        return ()
    return second_layer_note(context.name, bytes(context.extradata or b""), packets)


def _notes_of_sides(sides: dict[str, bytes]) -> tuple[str, ...]:
    """What the pictures carry beside themselves that a result does not."""
    notes: list[str] = []
    if "DYNAMIC_HDR_VIVID" in sides:
        notes.append("The dynamic HDR metadata (Vivid) is not carried over; the static one is.")
    if "DOVI_METADATA" in sides or "DOVI_RPU_BUFFER" in sides:
        notes.append("The Dolby Vision metadata is not carried over; the result is the base layer alone.")
    return tuple(notes)


def _notes_of(boxes: PictureBoxes) -> tuple[str, ...]:
    """The container's record of Dolby Vision."""
    notes: list[str] = []
    if boxes.dolby_profile == _DOLBY_ALONE:
        notes.append(
            "The movie is Dolby Vision profile 5: without Dolby's own conversion its colours come out green"
            " and purple; convert it to HDR10 first, for example with ffmpeg's libplacebo filter."
        )
    elif boxes.dolby_profile:
        notes.append(
            f"The movie's Dolby Vision layer (profile {boxes.dolby_profile}) is not carried over; the result"
            " is the base layer alone."
        )
    return tuple(notes)


_MESSAGES = {"A53_CC": CAPTIONS, "DYNAMIC_HDR_PLUS": DYNAMIC_LIGHT}
# The profile of which the base layer alone shows wrong colours.
_DOLBY_ALONE = 5


def _timecode(container: Any, stream: Any) -> str:
    """The timecode the container names, in whatever letters and at whichever track."""
    holders = [stream, container, *(candidate for candidate in container.streams if candidate.type == "data")]
    words = (item for holder in holders for item in holder.metadata.items())
    return next((value for word, value in words if word.lower() == "timecode"), "")


def _group_timecode(data: bytes) -> str:
    """The timecode of an MPEG-2 group of pictures, which counts from 0 where nobody set it; empty then."""
    word = int.from_bytes(data[:4], "little")
    parts = [word >> 19 & 31, word >> 13 & 63, word >> 6 & 63, word & 63]
    if not any(parts):
        return ""
    hours, minutes, seconds, frames = parts
    return f"{hours:02}:{minutes:02}:{seconds:02}{';' if word >> 24 & 1 else ':'}{frames:02}"


def _frames(index: MovieIndex, stream: Any) -> int:
    """As many frames as the file promises, so that a cut-short one is not taken for a short one."""
    if index.first_damaged is None:
        return index.frames
    return max(index.frames, index.first_damaged + 1, stream.frames)


def _duration(index: MovieIndex) -> Fraction:
    return (int(index.pts[-1] - index.pts[0]) + index.last_duration) * index.time_base


def _tags(picture: Any, context: Any) -> ColourTags:
    """The picture's tags, the container's where the picture has none."""
    names = ("color_primaries", "color_trc", "colorspace")
    picks = []
    for name in names:
        value = int(getattr(picture, name))
        picks.append(int(getattr(context, name)) if value == UNSPECIFIED else value)
    label = int(picture.color_range) or int(context.color_range)
    is_full = picture.format.name.startswith("yuvj") or label == 2
    return ColourTags(*picks, full_range=is_full if label or is_full else None)


def _require_read_matrix(path: str, tags: ColourTags, picture: Any) -> None:
    name = unread_matrix(tags)
    if name and not picture.format.is_rgb:
        raise MediaUnreadable(
            f"{path} codes its colours by a matrix that is not read ({name}); convert it first, for example"
            " to BT.709 with ffmpeg's zscale filter.",
            path=path,
        )


def _pixel_aspect(stream: Any, orientation: int) -> Fraction:
    aspect = Fraction(stream.sample_aspect_ratio or 1) or Fraction(1)
    return 1 / aspect if swaps_sides(orientation) else aspect
