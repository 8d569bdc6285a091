"""What a movie is, from its headers, its packets and its first picture."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av.error

from bridge.errors import MediaUnreadable
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.colours.tags import UNSPECIFIED, ColourTags
from sparkvsr_engine.media.movies.index import MovieIndex, open_movie, read_index, video_stream
from sparkvsr_engine.media.movies.timing import rate_of
from sparkvsr_engine.media.movies.yuv import bit_depth, has_alpha, is_grey
from sparkvsr_engine.media.orientation import UPRIGHT, orientation_of_matrix, swaps_sides


def describe_movie(path: str, identity: str) -> ClipInfo:
    """The clip of a movie, all of it.

    Raises MediaUnreadable, or PyAV's and the system's own errors.
    """
    with open_movie(path) as container:
        stream = video_stream(container, path)
        index = read_index(path)
        picture = _first_picture(container, stream, path)
        found = rate_of(index, (stream.average_rate, stream.guessed_rate, stream.base_rate))
        frames = FrameSpan(0, _frames(index, stream))
        orientation = _orientation(picture)
        width, height = picture.width, picture.height
        if swaps_sides(orientation):
            width, height = height, width
        name = picture.format.name
        bits = bit_depth(name)
        return ClipInfo(
            path=path,
            kind="movie",
            width=width,
            height=height,
            available=frames,
            span=frames,
            rate=found.rate,
            sample="uint8" if bits <= 8 else "uint16",
            bit_depth=bits,
            pixel_format=name,
            identity=identity,
            variable_rate=found.varies,
            time_base=index.time_base,
            duration=_duration(index),
            has_audio=bool(container.streams.audio),
            has_alpha=has_alpha(name),
            is_grey=is_grey(name),
            colour=_tags(picture, stream.codec_context),
            pixel_aspect=_pixel_aspect(stream, orientation),
            is_interlaced=bool(picture.interlaced_frame),
            timecode=stream.metadata.get("timecode") or container.metadata.get("timecode", ""),
            orientation=orientation,
            first_unreadable=index.first_damaged,
        )


def _first_picture(container: Any, stream: Any, path: str) -> Any:
    for packet in container.demux(stream):
        try:
            for picture in packet.decode():
                return picture
        except av.error.InvalidDataError:
            continue
    raise MediaUnreadable(f"no frame of {path} can be decoded; copy or export it again.", path=path)


def _orientation(picture: Any) -> int:
    """The EXIF orientation in a decoded picture's display matrix.

    To be asked of one picture, not of all: PyAV ties a picture whose side data was looked at into a cycle,
    which keeps its pixels until the next garbage collection.
    """
    for side in picture.side_data:
        if side.type.name == "DISPLAYMATRIX":
            return orientation_of_matrix(bytes(side))
    return UPRIGHT


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
    spoken = int(picture.color_range) or int(context.color_range)
    is_full = picture.format.name.startswith("yuvj") or spoken == 2
    return ColourTags(*picks, full_range=is_full if spoken or is_full else None)


def _pixel_aspect(stream: Any, orientation: int) -> Fraction:
    aspect = Fraction(stream.sample_aspect_ratio or 1) or Fraction(1)
    return 1 / aspect if swaps_sides(orientation) else aspect
