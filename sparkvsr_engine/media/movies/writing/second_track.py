"""A second track of pictures beside a movie's own: keyframes, each a packet by itself, shown with single
frames.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from av.stream import Disposition

from sparkvsr_bridge.errors import OutputUnwritable
from sparkvsr_engine.media.movies.frame_index.index import open_movie
from sparkvsr_engine.media.movies.small_streams.tag import KEYFRAME_TITLE
from sparkvsr_engine.media.movies.timing import OutputTiming
from sparkvsr_engine.media.movies.writing.codecs import Encoding


@dataclass(frozen=True)
class SparseTrack:
    """Pictures for some frames of a movie.

    segment: a file of them, in order. places: the frames they belong to, counted from the movie's first,
    rising.
    """

    segment: Path
    encoding: Encoding
    places: tuple[int, ...]


def packet_checksums(segment: Path) -> list[int]:
    """CRC-32 of every packet of a segment, in order."""
    with open_movie(segment) as container:
        return [zlib.crc32(bytes(packet)) for packet in container.demux(video=0) if packet.size]


class SparseTrackWriter:
    """Writes a sparse track into an open container; a context manager that closes its segment."""

    def __init__(self, track: SparseTrack, out: Any, timing: OutputTiming) -> None:
        self._places, self._timing, self._out = track.places, timing, out
        self._source = open_movie(track.segment)
        self._stream = _add_stream(out, self._source.streams.video[0], track.encoding, timing)
        self._packets = self._read()
        self._next = next(self._packets, None)

    def __enter__(self) -> SparseTrackWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()

    def mux_until(self, ticks: int | None) -> None:
        """Write the pictures whose frames are shown up to a moment of the movie's clock; None writes the
        rest.
        """
        while self._next is not None and (ticks is None or self._next.pts <= ticks):
            self._out.mux(self._next)
            self._next = next(self._packets, None)

    def _read(self) -> Iterator[Any]:
        packets = (packet for packet in self._source.demux(video=0) if packet.size)
        for place, packet in zip(self._places, packets, strict=True):
            packet.time_base = self._timing.time_base
            packet.pts = packet.dts = self._timing.at(place)
            packet.duration = self._timing.at(place + 1) - self._timing.at(place)
            packet.is_keyframe = True
            packet.stream = self._stream
            yield packet


def mark_default(stream: Any) -> None:
    """Have players show this track where a file holds several."""
    stream.disposition = Disposition.default


def _add_stream(out: Any, template: Any, encoding: Encoding, timing: OutputTiming) -> Any:
    stream = out.add_stream_from_template(template, opaque=True)
    context, tags = stream.codec_context, encoding.tags
    context.framerate, stream.time_base = timing.rate, timing.time_base
    context.sample_aspect_ratio = encoding.pixel_aspect
    context.color_primaries, context.color_trc = tags.primaries, tags.transfer
    context.colorspace = 0 if av.VideoFormat(encoding.pixel_format).is_rgb else tags.matrix
    context.color_range = 2 if tags.full_range else 1
    if encoding.tag:
        context.codec_tag = encoding.tag
    stream.disposition = Disposition(0)
    stream.metadata["title"] = stream.metadata["handler_name"] = KEYFRAME_TITLE
    return stream


def require_whole(track: SparseTrack, checksums: Sequence[int]) -> None:
    """Raise OutputUnwritable where a segment does not hold a packet for every picture."""
    if len(checksums) != len(track.places):
        raise OutputUnwritable(
            f"{track.segment} holds {len(checksums)} keyframes instead of {len(track.places)}; remove it and"
            " run the command again."
        )
