"""What becomes of each of a source's tracks in a container: tried on the spot, in memory, before anything is
rendered.

Tables of what fits are not enough: some muxers refuse details (channel layouts, rates) only when packets
come.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
import av.codec
import av.error

from sparkvsr_engine.media.movies.frame_index.index import is_cover, open_movie, video_stream
from sparkvsr_engine.media.movies.other_tracks.track_kinds import COVERS, EncodedTrack, TextTrack, TrackPlan
from sparkvsr_engine.media.movies.other_tracks.track_words import words_lost
from sparkvsr_engine.media.movies.small_streams.tag import is_keyframe_track

_SOUND_CODECS = {"mp4": ("aac",), "mov": ("pcm_s24le",), "webm": ("libopus",), "matroska": ("flac", "aac")}
_TEXT_CODECS = {
    "mp4": ("mov_text",),
    "mov": ("mov_text",),
    "webm": ("webvtt",),
    "matroska": ("subrip", "ass"),
}
_USUAL_LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
_KINDS = {"audio": "Sound", "video": "Picture", "subtitle": "Subtitle", "data": "Data"}
# Packets each track is tried with, and packets read for them at most.
_TRIED_PACKETS, _READ_PACKETS = 6, 1200
_FAULTS = (av.error.FFmpegError, ValueError, TypeError, OSError)


@dataclass(frozen=True)
class TracksPlan:
    """All that come along. warnings: sentences about those that change or do not."""

    tracks: tuple[TrackPlan, ...] = ()
    warnings: tuple[str, ...] = ()


def plan_tracks(path: Path | str, container: str) -> TracksPlan:
    """Settle the tracks of a source for a container (FFmpeg's name of it).

    Raises MediaUnreadable.
    """
    with open_movie(path) as source:
        main = video_stream(source, path)
        beside = (stream for stream in source.streams if stream.index != main.index)
        # Keyframes of a small stream were used for the picture; in a larger one they would be of no use.
        streams = [stream for stream in beside if not is_keyframe_track(stream.metadata)]
        indices = [stream.index for stream in streams]
        first = _first_packets(source, streams)
    tracks: list[TrackPlan] = []
    warnings: list[str] = []
    data: list[str] = []
    with open_movie(path) as source:
        pictures = video_stream(source, path)
        warnings += words_lost(pictures, container, _Trial(path, pictures, [], container).label)
        for stream in (source.streams[index] for index in indices):
            if stream.type == "data" and _is_carried_otherwise(stream):
                continue
            planned = _planned(_Trial(path, stream, first.get(stream.index, []), container))
            tracks += [planned.track] if planned.track else []
            if planned.track is None and stream.type == "data":
                data.append(str(stream.index))
            elif planned.warning:
                warnings.append(planned.warning)
            if planned.track is not None and planned.track.label:
                warnings += words_lost(stream, container, planned.track.label)
    if data:
        plural = "s" if len(data) > 1 else ""
        warnings.append(f"Data track{plural} {', '.join(data)} cannot be put into this container: left out.")
    return TracksPlan(tuple(tracks), tuple(warnings))


@dataclass(frozen=True)
class _Trial:
    """A stream to be tried with its first packets."""

    path: Path | str
    stream: Any
    packets: list[Any]
    container: str

    @property
    def codec(self) -> str:
        context = self.stream.codec_context
        return context.name if context is not None else ""

    @property
    def label(self) -> str:
        words = [self.codec, self.stream.metadata.get("language", ""), self.stream.metadata.get("title", "")]
        named = ", ".join(word for word in words if word and word != "und")
        title = f"{_KINDS.get(self.stream.type, 'Track')} track {self.stream.index}"
        return f"{title} ({named})" if named else title


@dataclass(frozen=True)
class _Planned:
    track: TrackPlan | None = None
    warning: str = ""


def _planned(trial: _Trial) -> _Planned:
    kind = trial.stream.type
    if kind == "attachment":
        return _attached(trial)
    if kind == "video" and is_cover(trial.stream):
        return _cover(trial)
    if kind == "audio" and trial.codec and not trial.packets and _is_unknown_sound(trial.stream):
        return _Planned(warning=f"{trial.label} is announced but holds nothing: left out.")
    if kind == "audio" and not trial.codec:
        return _left_out(trial, "is of a kind that nothing here decodes")
    if fits(trial.path, trial.stream.index, trial.packets, trial.container):
        label, note = trial.label, ""
        if kind == "video":
            note = f"{label} comes along as it is; the first one alone is restored."
        return _Planned(TrackPlan(trial.stream.index, "copy", label), note)
    return {"audio": _encoded, "subtitle": _text}.get(kind, _left_out)(trial)


def _left_out(trial: _Trial, reason: str = "does not fit into this container") -> _Planned:
    advice = ""
    if trial.container != "matroska" and fits(trial.path, trial.stream.index, trial.packets, "matroska"):
        advice = "; choose a .mkv target to keep it"
    return _Planned(warning=f"{trial.label} {reason} and is left out{advice}.")


def _encoded(trial: _Trial) -> _Planned:
    for plan in _sound_wishes(trial):
        try:
            with open_movie(trial.path) as source, av.open(io.BytesIO(), "w", format=trial.container) as out:
                track = EncodedTrack(plan, source.streams[plan.index], out, Fraction(0))
                for packet in _packets_of(source, plan.index):
                    out.mux(
                        track.take(
                            packet, Fraction(0) if packet.pts is None else packet.pts * packet.time_base
                        )
                    )
                out.mux(track.finish())
        except _FAULTS:
            continue
        return _Planned(plan, _change_of(trial, plan))
    return _left_out(trial, "can neither be copied into this container nor encoded again for it")


def _change_of(trial: _Trial, plan: TrackPlan) -> str:
    context = trial.stream.codec_context
    changes = [plan.codec]
    if plan.rate != context.sample_rate:
        changes.append(f"{plan.rate} Hz")
    if context.layout.nb_channels != av.AudioLayout(plan.layout).nb_channels:
        changes.append(plan.layout)
    advice = "; choose a .mkv target to keep it as it is" if trial.container != "matroska" else ""
    return (
        f"{trial.label}: {context.name} sound does not fit into this container and is encoded again as"
        f" {', '.join(changes)}{advice}."
    )


def _sound_wishes(trial: _Trial) -> Iterator[TrackPlan]:
    """Ways to encode sound, those that change least first."""
    context = trial.stream.codec_context
    channels, own_layout = context.layout.nb_channels, str(context.layout.name)
    layouts = dict.fromkeys([own_layout, _USUAL_LAYOUTS.get(channels, "stereo"), "stereo"])
    for codec in _SOUND_CODECS.get(trial.container, ()):
        rate = _nearest_rate(codec, context.sample_rate)
        for layout in layouts:
            if not layout.endswith("channels"):
                yield TrackPlan(trial.stream.index, "encode", trial.label, codec, rate, layout)


def _nearest_rate(codec: str, rate: int) -> int:
    """The rate itself where the encoder takes it, else the next higher one, else its highest."""
    offered = sorted(av.codec.Codec(codec, "w").audio_rates or [])
    if not offered or rate in offered:
        return rate
    return next((candidate for candidate in offered if candidate >= rate), offered[-1])


def _text(trial: _Trial) -> _Planned:
    if not trial.codec:
        return _left_out(trial, "is of a kind that nothing here decodes")
    for codec in _TEXT_CODECS.get(trial.container, ()):
        plan = TrackPlan(trial.stream.index, "text", trial.label, codec)
        try:
            with open_movie(trial.path) as source, av.open(io.BytesIO(), "w", format=trial.container) as out:
                track = TextTrack(plan, source.streams[plan.index], out)
                for packet in _packets_of(source, plan.index):
                    out.mux(track.take(packet, Fraction(max(packet.pts or 0, 0)) * packet.time_base))
                out.start_encoding()
        except _FAULTS:
            continue
        return _Planned(
            plan, f"{trial.label} is put into this container as {codec}; fonts and places may be lost."
        )
    return _left_out(trial)


def _attached(trial: _Trial) -> _Planned:
    if trial.container == "matroska":
        return _Planned(TrackPlan(trial.stream.index, "attach"))
    name = trial.stream.name or f"track {trial.stream.index}"
    return _Planned(warning=f"The attached file {name} is left out; choose a .mkv target to keep it.")


def _cover(trial: _Trial) -> _Planned:
    data = bytes(trial.packets[0]) if trial.packets else b""
    if trial.container == "matroska" and data and trial.codec in COVERS:
        return _Planned(TrackPlan(trial.stream.index, "attach", data=data))
    if trial.container == "mp4" and data and trial.codec in COVERS:
        return _Planned(TrackPlan(trial.stream.index, "cover", data=data))
    advice = "; choose a .mkv or .mp4 target to keep it" if data and trial.codec in COVERS else ""
    return _Planned(warning=f"The cover picture (track {trial.stream.index}) is left out{advice}.")


def fits(path: Path | str, index: int, packets: list[Any], container: str) -> bool:
    """Whether a container takes a stream as it is, found out by writing its first packets to memory.

    Args:
        path: the file.
        index: of the stream.
        packets: its first packets.
        container: the container's name in FFmpeg.
    """
    try:
        with open_movie(path) as source, av.open(io.BytesIO(), "w", format=container) as trial:
            out = trial.add_stream_from_template(source.streams[index])
            trial.start_encoding()
            for place, packet in enumerate(packets[:2]):
                copy = av.Packet(bytes(packet))
                copy.pts = copy.dts = place * max(packet.duration or 1, 1)
                copy.duration, copy.time_base = packet.duration or 1, packet.time_base
                copy.is_keyframe, copy.stream = True, out
                trial.mux(copy)
    except _FAULTS:
        return False
    return True


def _first_packets(source: Any, streams: list[Any]) -> dict[int, list[Any]]:
    """The first packets of each stream, as far as they come soon."""
    first: dict[int, list[Any]] = {stream.index: [] for stream in streams if stream.type != "attachment"}
    selected = [stream for stream in streams if stream.index in first]
    if not selected:
        return first
    # What is damaged further on is named when it is read in earnest.
    with suppress(av.error.FFmpegError):
        for count, packet in enumerate(source.demux(*selected)):
            stream_packets = first[packet.stream.index]
            if packet.size and len(stream_packets) < _TRIED_PACKETS:
                stream_packets.append(packet)
            if count > _READ_PACKETS or all(len(packets) >= _TRIED_PACKETS for packets in first.values()):
                break
    return first


def _packets_of(source: Any, index: int) -> Iterator[Any]:
    """A few packets to try a track with."""
    packets = source.demux(source.streams[index])
    yield from (packet for packet in islice(packets, _TRIED_PACKETS) if packet.size)


def _is_unknown_sound(stream: Any) -> bool:
    return not stream.codec_context.sample_rate or not stream.codec_context.layout.nb_channels


def _is_carried_otherwise(stream: Any) -> bool:
    """Timecode and chapter tracks, which are written anew."""
    words = " ".join(stream.metadata.values()).lower()
    return "timecode" in stream.metadata or "timecode" in words or "chapter" in words
