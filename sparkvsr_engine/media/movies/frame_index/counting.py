"""A movie's index by decoding all of it once: for files whose packets do not identify their frames."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.media.movies.decoding import Refusals, decoder_for, packets_of, pictures
from sparkvsr_engine.media.movies.frame_index.clock import settled_times
from sparkvsr_engine.media.movies.frame_index.index import NO_FRAME, MovieIndex, open_movie, video_stream
from sparkvsr_engine.media.movies.frame_index.keys import KeyRow, key_row, keys_of
from sparkvsr_engine.media.movies.frame_index.promises import (
    arrival_sentence,
    bytes_sentence,
    count_sentence,
)
from sparkvsr_engine.media.movies.frame_index.transport import PacketPlaces, TransportLosses
from sparkvsr_engine.media.movies.picture_messages import READ_CODECS, MessageLedger

# Containers that keep decoding times only.
_WITHOUT_DISPLAY_TIMES = ("avi", "asf")
_USUAL_RATE = Fraction(25)
# Pictures among which one that was lost is looked for: no codec shows a frame further from its decoding.
_REORDERED = 17


@dataclass
class _Pass:
    """What decoding shows, in the order it is shown: packet and time of each picture.

    stamps: the decoding time of each packet, in the order of the file.
    """

    ordinals: list[int] = field(default_factory=list[int])
    times: list[int | None] = field(default_factory=list[int | None])
    is_key: list[bool] = field(default_factory=list[bool])
    stamps: list[int | None] = field(default_factory=list[int | None])
    keys: list[KeyRow] = field(default_factory=list[KeyRow])
    packets: int = 0
    hides_packets: bool = False
    refusals: Refusals = field(default_factory=Refusals)
    refused_at: list[int] = field(default_factory=list[int])
    messages: MessageLedger | None = None
    places: PacketPlaces = field(default_factory=PacketPlaces)


def index_by_decoding(path: str, losses: TransportLosses | None = None) -> MovieIndex:
    """The index of a movie whose frames are the pictures a decoder shows. losses: of a transport stream.

    Pictures it refuses within are frames too, so that each keeps its moment: what is in their place is the
    reader's affair. Those before the first one it shows are none, as players have it.
    """
    with open_movie(path) as container:
        stream = video_stream(container, path)
        seen = _decode(container, stream, "AUTO")
        if has_no_display_times(container):
            seen.times = _in_order_of_stamps(seen)
        cut = bytes_sentence(path, container.size, _listed_bytes(container, stream))
        promised = stream.frames if container.format.name == "avi" else 0
        time_base, rate = stream.time_base, stream.guessed_rate or stream.average_rate or _USUAL_RATE
    if seen.refusals.packets:
        # Threads over frames lose healthy pictures beside a damaged one.
        with open_movie(path) as container:
            seen = _decode(container, video_stream(container, path), "SLICE")
            if has_no_display_times(container):
                seen.times = _in_order_of_stamps(seen)
    index = _index_of(seen, time_base, Fraction(rate))
    stamps = [stamp for stamp in seen.stamps if stamp is not None]
    damaged = index.frames_near(seen.places.damaged(losses)) if losses else []
    sentences = (
        cut,
        count_sentence(path, promised, max(stamps) + 1) if promised and stamps else "",
        arrival_sentence(path, damaged),
    )
    messages = frozenset(seen.messages.kinds if seen.messages else ())
    return replace(index, messages=messages, shortfalls=tuple(filter(None, sentences)))


def _listed_bytes(container: Any, stream: Any) -> int:
    """How long a QuickTime file is at least, by the places of its frames; 0 for any other file."""
    if "mov" not in container.format.name:
        return 0
    return max((entry.pos + entry.size for entry in stream.index_entries), default=0)


def has_no_display_times(container: Any) -> bool:
    """Whether a container keeps decoding times only."""
    return any(name in _WITHOUT_DISPLAY_TIMES for name in container.format.name.split(","))


def _in_order_of_stamps(seen: _Pass) -> list[int | None]:
    """Times where a container keeps decoding times only: the pictures take them in the order they are shown.

    What a decoder gives there is guessed, and other with every thread.
    """
    decoded_stamps = [seen.stamps[ordinal] for ordinal in seen.ordinals if ordinal != NO_FRAME]
    stamps = sorted(stamp for stamp in decoded_stamps if stamp is not None)
    if not stamps or len(stamps) != len(seen.times):
        return seen.times
    # The first picture is shown when players show it.
    shift = (seen.times[0] if seen.times[0] is not None else stamps[0]) - stamps[0]
    return [stamp + shift for stamp in stamps]


def _decode(container: Any, stream: Any, threads: str) -> _Pass:
    seen = _Pass()
    context = stream.codec_context
    if context.name in READ_CODECS:
        seen.messages = MessageLedger(context.name, bytes(context.extradata or b""))
    decoder = decoder_for(stream, threads, fast=True)

    def noted() -> Any:
        for ordinal, packet in packets_of(container, stream):
            seen.packets = ordinal + 1
            seen.places.add(packet)
            if seen.messages is not None:
                seen.messages.add(packet)
            seen.stamps.append(packet.dts if packet.dts is not None else packet.pts)
            if packet.is_keyframe:
                seen.keys.append(key_row(ordinal, packet))
            yield ordinal, packet

    for ordinal, picture in pictures(decoder, noted(), seen.refusals):
        _note_refusals(seen)
        seen.hides_packets |= ordinal is None
        seen.ordinals.append(NO_FRAME if ordinal is None else ordinal)
        seen.times.append(picture.pts)
        seen.is_key.append(bool(picture.key_frame))
    _note_refusals(seen)
    return seen


def _note_refusals(seen: _Pass) -> None:
    """Where in the order of pictures packets were refused; before the first one nobody misses them."""
    fresh = len(seen.refusals.packets) - len(seen.refused_at)
    seen.refused_at += [len(seen.ordinals)] * fresh


def _index_of(seen: _Pass, time_base: Fraction, rate: Fraction) -> MovieIndex:
    frames = len(seen.ordinals)
    if not frames or all(time is None for time in seen.times):
        return _counted(seen, frames, rate)
    step = max(round(1 / (rate * time_base)), 1)
    usual = _median_step(seen.times) or step
    settled = settled_times(seen.times, usual)
    pts, places = _with_lost(settled.times, usual, [at for at in seen.refused_at if 0 < at < frames])
    shifts = tuple(shift * time_base for shift in settled.shifts)
    index = _numbered(seen, pts, places, time_base)
    return replace(index, last_duration=usual, shifts=shifts)


def _counted(seen: _Pass, frames: int, rate: Fraction) -> MovieIndex:
    pts = np.arange(frames, dtype=np.int64)
    return replace(_numbered(seen, pts, pts, 1 / rate), counted=True)


def _numbered(
    seen: _Pass, pts: NDArray[np.int64], places: NDArray[np.int64], time_base: Fraction
) -> MovieIndex:
    """The index of pictures that stand at these `places` among the frames."""
    if seen.hides_packets:
        return MovieIndex(pts, np.zeros(0, np.int64), time_base, 1)
    numbers = np.full(seen.packets, NO_FRAME, np.int64)
    for ordinal, place in zip(reversed(seen.ordinals), reversed(places.tolist()), strict=True):
        numbers[ordinal] = place
    opened = {ordinal for ordinal, is_key in zip(seen.ordinals, seen.is_key, strict=True) if is_key}
    keyframes, keys = keys_of([key for key in seen.keys if key.ordinal in opened], numbers)
    return MovieIndex(pts, keyframes, time_base, 1, numbers=numbers, keys=keys)


def _median_step(times: list[int | None]) -> int:
    """Ticks between most pictures, 0 where none has a duration."""
    steps = [b - a for a, b in pairwise(times) if a is not None and b is not None and b > a]
    return int(np.median(steps)) if steps else 0


def _with_lost(
    times: NDArray[np.int64], step: int, refused_at: list[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(times of all frames, place of each picture among them): a refused packet is a frame where times have
    a hole.
    """
    holes = np.flatnonzero(np.diff(times) > 1.5 * step)
    extra: dict[int, int] = {}
    for at in refused_at:
        near = [int(hole) for hole in holes if abs(hole + 1 - at) <= _REORDERED]
        near.sort(key=lambda hole, at=at: abs(hole + 1 - at))
        for hole in near:
            lost = round((times[hole + 1] - times[hole]) / step) - 1
            if extra.get(hole, 0) < lost:
                extra[hole] = extra.get(hole, 0) + 1
                break
    pieces: list[int] = []
    places: list[int] = []
    for place, time in enumerate(times.tolist()):
        places.append(len(pieces))
        pieces.append(time)
        pieces += [time + step * more for more in range(1, extra.get(place, 0) + 1)]
    return np.array(pieces, np.int64), np.array(places, np.int64)
