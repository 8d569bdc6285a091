"""What becomes of a track's packets: copied as they are, encoded again, or put into another kind of text."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import av
import av.error
import av.stream
import numpy as np

from sparkvsr_engine.media.movies.other_tracks.track_words import written_language

COVERS = {"mjpeg": ("cover.jpg", "image/jpeg"), "png": ("cover.png", "image/png")}
"""(file name, media type) of attached covers, by codec."""
_KEPT_WORDS = ("language", "title", "handler_name", "comment")
# Sound that lacks or doubles less than this is moved, not mended: containers round their times.
_GAP_SECONDS = Fraction(1, 25)


@dataclass(frozen=True)
class TrackPlan:
    """One track that comes along. index: of the source's stream. label: what a person calls it.

    way: copy, encode (sound), text (subtitles of another kind), attach (a file within the file) or cover.
    codec, rate, layout: of a track that is not copied. data: a cover's picture.
    """

    index: int
    way: str
    label: str = ""
    codec: str = ""
    rate: int = 0
    layout: str = ""
    data: bytes = b""


class Track(Protocol):
    """One track on its way. reads: whether it wants its stream's packets."""

    reads: bool

    def begin(self) -> list[Any]:
        """Packets to be written before all others."""
        ...

    def take(self, packet: Any, moment: Fraction) -> list[Any]:
        """The packets that come out for one that is shown at `moment` of the target's clock."""
        ...

    def finish(self) -> list[Any]:
        """What is still held back."""
        ...

    def warnings(self) -> list[str]:
        """Sentences about what could not be kept."""
        ...


def make_track(plan: TrackPlan, stream: Any, target: Any, origin: Fraction) -> Track | None:
    """The track in the target, its stream added there; None for one that is written with the file's head.

    Args:
        plan: how the track is written.
        stream: the source's stream.
        target: the opened target.
        origin: where the target begins on the source's clock, seconds.
    """
    if plan.way == "attach":
        name, mimetype = cover_name(stream) if plan.data else (stream.name, stream.mimetype)
        target.add_attachment(
            name or "attachment", mimetype or "application/octet-stream", plan.data or stream.data
        )
        return None
    if plan.way == "cover":
        return CoverTrack(stream, target, plan.data)
    if plan.way == "encode":
        return EncodedTrack(plan, stream, target, origin)
    if plan.way == "text":
        return TextTrack(plan, stream, target)
    return CopiedTrack(plan, stream, target)


def cover_name(stream: Any) -> tuple[str, str]:
    """(file name, media type) of a cover that is attached."""
    name, mimetype = COVERS.get(stream.codec_context.name, COVERS["mjpeg"])
    return stream.metadata.get("filename", name), mimetype


def copy_words(source: Any, target: Any, container: str) -> None:
    """What people call a track, and what it is for.

    Args:
        source: a track.
        target: what becomes of it.
        container: FFmpeg's name of the target's.
    """
    words = {word: source.metadata[word] for word in _KEPT_WORDS if word in source.metadata}
    if "language" in words:
        words["language"] = written_language(words["language"], container)
    target.metadata.update(words)
    target.disposition = source.disposition


class CopiedTrack:
    """Packets as they are, moved on the clock; decoding times rise, as muxers demand."""

    reads = True

    def __init__(self, plan: TrackPlan, stream: Any, target: Any) -> None:
        self._out = target.add_stream_from_template(stream)
        self._out.time_base = stream.time_base
        copy_words(stream, self._out, target.format.name)
        self._label = plan.label
        self._may_overlap = stream.type != "audio"
        self._decoded: int | None = None
        self._end: Fraction | None = None
        self._overlapping = 0
        self._awaits_key = stream.type == "video"

    def begin(self) -> list[Any]:
        """Nothing."""
        return []

    def take(self, packet: Any, moment: Fraction) -> list[Any]:
        """The packet, ready to be written; none where the track has come past it already."""
        if self._awaits_key and not packet.is_keyframe:
            return []
        self._awaits_key = False
        base, length = packet.time_base, (packet.duration or 0) * packet.time_base
        if not self._may_overlap and self._end is not None and self._end - moment > max(length / 2, base):
            self._overlapping += 1
            return []
        ahead = 0 if packet.dts is None or packet.pts is None else packet.pts - packet.dts
        packet.pts = round(moment / base)
        packet.dts = packet.pts - ahead
        if self._decoded is not None and packet.dts <= self._decoded:
            packet.dts = self._decoded + 1
            packet.pts = max(packet.pts, packet.dts)
        self._decoded, self._end = packet.dts, moment + length
        packet.stream = self._out
        return [packet]

    def finish(self) -> list[Any]:
        """Nothing is held back."""
        return []

    def warnings(self) -> list[str]:
        """Whether parts of the track lay on each other."""
        if not self._overlapping:
            return []
        return [
            f"{self._label} overlaps itself where recordings were joined; {self._overlapping} packets are"
            " left out."
        ]


class CoverTrack:
    """A still picture that belongs to the whole file."""

    reads = False

    def __init__(self, stream: Any, target: Any, data: bytes) -> None:
        self._out = target.add_stream_from_template(stream)
        copy_words(stream, self._out, target.format.name)
        self._out.disposition = av.stream.Disposition.attached_pic
        self._data = data

    def begin(self) -> list[Any]:
        """The picture."""
        packet = av.Packet(self._data)
        packet.stream, packet.time_base = self._out, Fraction(1, 1000)
        packet.pts = packet.dts = 0
        packet.is_keyframe = True
        return [packet]

    def take(self, packet: Any, moment: Fraction) -> list[Any]:  # noqa: ARG002 - as every track
        """Nothing more."""
        return []

    def finish(self) -> list[Any]:
        """Nothing is held back."""
        return []

    def warnings(self) -> list[str]:
        """None."""
        return []


class TextTrack:
    """Subtitles decoded and written as another kind of text."""

    reads = True

    def __init__(self, plan: TrackPlan, stream: Any, target: Any) -> None:
        self._in = stream.codec_context
        if not self._in.is_open:
            self._in.open()
        self._out = target.add_stream(plan.codec)
        self._out.time_base = self._out.codec_context.time_base = Fraction(1, 1000)
        self._out.codec_context.subtitle_header = self._in.subtitle_header
        copy_words(stream, self._out, target.format.name)

    def begin(self) -> list[Any]:
        """Nothing."""
        return []

    def take(self, packet: Any, moment: Fraction) -> list[Any]:
        """The line, none for the pause some containers keep between lines."""
        length = (packet.duration or 0) * packet.time_base
        try:
            lines = self._in.decode2(packet)
        except av.error.InvalidDataError:
            return []
        if lines is None or not len(lines.rects):
            return []
        text = self._out.codec_context.encode_subtitle(lines)
        text.stream, text.time_base = self._out, Fraction(1, 1000)
        text.pts = text.dts = round(moment * 1000)
        text.duration = round(length * 1000)
        return [text]

    def finish(self) -> list[Any]:
        """Nothing is held back."""
        return []

    def warnings(self) -> list[str]:
        """None."""
        return []


class EncodedTrack:
    """Sound decoded and encoded again; where the source holds none for a while, silence keeps it in step."""

    reads = True

    def __init__(self, plan: TrackPlan, stream: Any, target: Any, origin: Fraction) -> None:
        self._origin, self._stream, self._label = origin, stream, plan.label
        self._out = target.add_stream(plan.codec, rate=plan.rate)
        self._out.codec_context.layout = plan.layout
        self._out.codec_context.time_base = Fraction(1, plan.rate)
        copy_words(stream, self._out, target.format.name)
        self._resampler = av.AudioResampler(
            format=self._out.codec_context.format, layout=plan.layout, rate=plan.rate
        )
        # The moment the next sample is due, None before the first one; the shift to the moments asked for.
        self._due: Fraction | None = None
        self._undecoded = 0

    def begin(self) -> list[Any]:
        """Nothing."""
        return []

    def take(self, packet: Any, moment: Fraction) -> list[Any]:
        """The packets that come out for one that went in."""
        time = packet.pts if packet.pts is not None else packet.dts
        shift = moment - (moment if time is None else time * packet.time_base)
        try:
            frames = self._stream.decode(packet)
        except av.error.InvalidDataError:
            self._undecoded += 1
            return []
        return [out for frame in frames for out in self._encode(frame, moment, shift)]

    def finish(self) -> list[Any]:
        """What decoder, resampler and encoder still hold."""
        due = self._due or Fraction(0)
        try:
            frames = self._stream.decode(None)
        except av.error.EOFError:
            frames = []
        packets = [out for frame in frames for out in self._encode(frame, due, None)]
        packets += [out for piece in self._resampler.resample(None) for out in self._out.encode(piece)]
        return [*packets, *self._out.encode(None)]

    def warnings(self) -> list[str]:
        """Whether parts of the track are lost."""
        if not self._undecoded:
            return []
        return [f"{self._label}: {self._undecoded} packets cannot be decoded and are silent."]

    def _encode(self, frame: Any, moment: Fraction, shift: Fraction | None) -> list[Any]:
        """A decoded frame at its own time; one without follows the one before it."""
        own_time = None if frame.pts is None or shift is None else frame.pts * frame.time_base + shift
        start = own_time if own_time is not None else self._due if self._due is not None else moment
        packets: list[Any] = []
        if self._due is not None:
            if start - self._due > _GAP_SECONDS:
                packets += self._encode_frames(_silence(frame, start - self._due), self._due)
            elif self._due - start > _GAP_SECONDS:
                # It lies on what was there before, as where recordings were joined.
                return packets
            start = self._due
        return packets + self._encode_frames(frame, start)

    def _encode_frames(self, frame: Any, start: Fraction) -> list[Any]:
        frame.pts, frame.time_base = round(start * frame.sample_rate), Fraction(1, frame.sample_rate)
        self._due = start + Fraction(frame.samples, frame.sample_rate)
        return [out for piece in self._resampler.resample(frame) for out in self._out.encode(piece)]


def _silence(like: Any, seconds: Fraction) -> Any:
    """A frame of silence of the same kind."""
    count, channels = round(seconds * like.sample_rate), like.layout.nb_channels
    kind = like.to_ndarray().dtype
    middle = 128 if kind == np.uint8 else 0
    shape = (channels, count) if like.format.is_planar else (1, count * channels)
    frame = av.AudioFrame.from_ndarray(
        np.full(shape, middle, kind), format=like.format.name, layout=like.layout.name
    )
    frame.sample_rate = like.sample_rate
    return frame
