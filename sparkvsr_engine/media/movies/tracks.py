"""The source's other tracks (sound, subtitles) on their way into the finished movie.

Packets are copied bit for bit where the target's container can hold them. Sound it cannot hold is encoded
again, subtitles it cannot hold are left out, and a sentence says so.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import av
import av.error

from sparkvsr_engine.media.faults import media_faults
from sparkvsr_engine.media.movies.index import open_movie

_FALLBACK_CODECS = {"mp4": "aac", "mov": "pcm_s24le", "webm": "libopus", "matroska": "flac"}
_KEPT_WORDS = ("language", "title", "handler_name", "comment")


@dataclass(frozen=True)
class Excerpt:
    """The part of the source's clock that goes into the target, in seconds.

    origin: the moment that becomes 0. stop: None for everything there is. start: packets that end before it
        are left out.
    """

    origin: Fraction
    start: Fraction | None = None
    stop: Fraction | None = None


EVERYTHING = Excerpt(Fraction(0))
"""The whole source, on its own clock."""


class _Track(Protocol):
    def take(self, packet: Any) -> list[Any]: ...

    def finish(self) -> list[Any]: ...


class SourceTracks:
    """All tracks but the picture of one source; a context manager that closes it."""

    def __init__(self, path: Path | str, target: Any, excerpt: Excerpt) -> None:
        self.warnings: list[str] = []
        self._path, self._target, self._excerpt = path, target, excerpt
        self._source = open_movie(path)
        self._tracks: dict[int, _Track] = {}
        for stream in self._source.streams:
            if stream.type in ("audio", "subtitle"):
                self._add(stream)
        self._packets = self._read()
        self._ahead = next(self._packets, None)

    def __enter__(self) -> SourceTracks:
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()

    def mux_until(self, seconds: Fraction | None) -> None:
        """Write what belongs before a moment of the target's clock; None writes all that is left."""
        while self._ahead is not None:
            moment, packet = self._ahead
            if seconds is not None and moment > seconds:
                return
            self._target.mux(self._tracks[packet.stream.index].take(packet))
            self._ahead = next(self._packets, None)
        if seconds is None:
            for track in self._tracks.values():
                self._target.mux(track.finish())

    def _add(self, stream: Any) -> None:
        container = self._target.format.name.split(",")[0]
        if _fits(self._path, stream.index, container):
            self._tracks[stream.index] = _CopiedTrack(stream, self._target, self._excerpt.origin)
        elif stream.type == "audio" and stream.codec_context is not None:
            codec = _FALLBACK_CODECS[container]
            self._tracks[stream.index] = _EncodedTrack(stream, self._target, codec, self._excerpt.origin)
            self.warnings.append(
                f"{stream.codec_context.name} sound does not fit into this container and was encoded again as"
                f" {codec}; choose a .mkv target to keep it as it is."
            )
        else:
            self.warnings.append(
                f"{stream.type} track {stream.index} does not fit into this container and was left out;"
                " choose a .mkv target to keep it."
            )

    def _read(self) -> Iterator[tuple[Fraction, Any]]:
        """(moment on the target's clock, packet) of every packet inside the excerpt, as the file has them."""
        streams = [stream for stream in self._source.streams if stream.index in self._tracks]
        if not streams:
            return
        excerpt = self._excerpt
        if excerpt.start is not None:
            # A little early: packets of other tracks lie around the one a seek finds.
            early = max(excerpt.start - 2, Fraction(0))
            self._source.seek(int(early * av.time_base))
        with media_faults(self._path, writing=False):
            for packet in self._source.demux(*streams):
                times = _times_of(packet)
                if times is None or (excerpt.start is not None and times[1] <= excerpt.start):
                    continue
                if excerpt.stop is not None and times[0] >= excerpt.stop:
                    if times[0] > excerpt.stop + 2:
                        return
                    continue
                yield times[0] - excerpt.origin, packet


def _times_of(packet: Any) -> tuple[Fraction, Fraction] | None:
    """Start and end of a packet in seconds; None for the empty packet that ends a stream."""
    start = packet.pts if packet.pts is not None else packet.dts
    if start is None or not packet.size:
        return None
    return start * packet.time_base, (start + max(packet.duration or 0, 1)) * packet.time_base


def _fits(path: Path | str, index: int, container: str) -> bool:
    """Whether a container takes a stream as it is, found out by writing its first packet to memory.

    Tables of what fits are not enough: some muxers refuse details (channel layouts) only at the very end.
    """
    try:
        with open_movie(path) as source, av.open(io.BytesIO(), "w", format=container) as trial:
            stream = source.streams[index]
            out = trial.add_stream_from_template(stream)
            packet = next(packet for packet in source.demux(stream))
            if packet.size:
                packet.pts = packet.dts = 0
                packet.stream = out
                trial.mux(packet)
    except (av.error.FFmpegError, ValueError):
        return False
    return True


def _named_layout(layout: Any) -> str:
    """A layout encoders know, for sound that says only how many channels it has."""
    usual = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}
    name = str(layout.name)
    return usual.get(layout.nb_channels, name) if name.endswith("channels") else name


def _copy_words(source: Any, target: Any) -> None:
    target.metadata.update({word: source.metadata[word] for word in _KEPT_WORDS if word in source.metadata})
    target.disposition = source.disposition


class _CopiedTrack:
    """Packets as they are, moved on the clock."""

    def __init__(self, stream: Any, target: Any, origin: Fraction) -> None:
        self._out = target.add_stream_from_template(stream)
        self._out.time_base = stream.time_base
        _copy_words(stream, self._out)
        self._shift = round(origin / stream.time_base)

    def take(self, packet: Any) -> list[Any]:
        """The packet, ready to be written."""
        pts = packet.pts if packet.pts is not None else packet.dts
        packet.dts = (packet.dts if packet.dts is not None else pts) - self._shift
        packet.pts = pts - self._shift
        packet.stream = self._out
        return [packet]

    def finish(self) -> list[Any]:
        """Nothing is held back."""
        return []


class _EncodedTrack:
    """Sound decoded and encoded again, its sample rate and channels kept."""

    def __init__(self, stream: Any, target: Any, codec: str, origin: Fraction) -> None:
        context = stream.codec_context
        self._origin, self._stream = origin, stream
        self._out = target.add_stream(codec, rate=context.sample_rate)
        layout = _named_layout(context.layout)
        self._out.codec_context.layout = layout
        self._out.codec_context.time_base = Fraction(1, context.sample_rate)
        _copy_words(stream, self._out)
        self._resampler = av.AudioResampler(
            format=self._out.codec_context.format, layout=layout, rate=context.sample_rate
        )

    def take(self, packet: Any) -> list[Any]:
        """The packets that come out for one that went in."""
        try:
            frames = self._stream.decode(packet)
        except av.error.InvalidDataError:
            return []
        return [out for frame in frames for out in self._encode(frame)]

    def finish(self) -> list[Any]:
        """What decoder, resampler and encoder still hold."""
        left = [out for frame in self._stream.decode(None) for out in self._encode(frame)]
        left += [out for frame in self._resampler.resample(None) for out in self._out.encode(frame)]
        return [*left, *self._out.encode(None)]

    def _encode(self, frame: Any) -> list[Any]:
        moment = frame.pts * frame.time_base - self._origin
        frame.pts, frame.time_base = round(moment * frame.sample_rate), Fraction(1, frame.sample_rate)
        return [out for piece in self._resampler.resample(frame) for out in self._out.encode(piece)]
