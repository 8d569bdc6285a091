"""Makes a movie's index: from its sample table, from its packets, or by decoding it all once.

Packets are believed where a movie's kind lets one packet be one frame and every packet has a time of its
own, and the first pictures decoded are the ones they name. Anything else is decoded once and counted.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import islice
from typing import Any

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_engine.media.movies.decoding import Refusals, decoder_for, packets_of, pictures
from sparkvsr_engine.media.movies.frame_index.counting import has_no_display_times, index_by_decoding
from sparkvsr_engine.media.movies.frame_index.index import (
    NO_FRAME,
    KeyPackets,
    MovieIndex,
    open_movie,
    usual_step,
    video_stream,
)
from sparkvsr_engine.media.movies.frame_index.keys import KeyRow, keys_of
from sparkvsr_engine.media.movies.frame_index.losses import lost_times, times_never_decoded
from sparkvsr_engine.media.movies.frame_index.promises import (
    arrival_sentence,
    broken_off_sentence,
    count_sentence,
    cut_sentence,
    unread_sentence,
)
from sparkvsr_engine.media.movies.frame_index.scanning import PacketScan, scan_packets
from sparkvsr_engine.media.movies.frame_index.transport import (
    TransportLosses,
    transport_losses,
)

# Codecs of which every frame is a keyframe and is stored in the order it is shown.
_INTRA_CODECS = frozenset(
    {
        "prores",
        "dnxhd",
        "mjpeg",
        "cfhd",
        "v210",
        "rawvideo",
        "png",
        "v410",
        "r210",
        "ayuv",
    }
)
# Codecs whose packets hold their palettes.
_OWN_PALETTES = frozenset({"png", "apng", "gif", "bmp", "targa", "tiff", "pcx", "sunrast", "zmbv"})
# Containers of which most packets have no times at all.
_WITHOUT_TIMES = ("mpeg", "mpegvideo")

# H.264 and HEVC may show a frame up to 16 places after it was decoded.
_REORDERED = 17
# Pictures that are decoded to see whether packets are what they seem, and packets read for them at most.
_TRIED_PICTURES, _TRIED_PACKETS = 24, 240


def make_index(path: str) -> MovieIndex:
    """The index of a movie.

    Raises MediaUnreadable when it holds no frame.
    """
    with open_movie(path) as container:
        stream = video_stream(container, path)
        is_palette_beside = _has_palette_beside(stream)
        is_transported = "mpegts" in container.format.name
        losses = transport_losses(path, stream.id) if is_transported else TransportLosses()
        cut = broken_off_sentence(path) if losses.ends_inside else cut_sentence(path, container.format.name)
        index = _index_of_entries(container, stream)
        if index is None and _may_believe_packets(container, stream):
            index = _index_of_packets(container, stream, losses)
            index = index if index is None or _shows_indexed_frames(path, index) else None
    index = index or index_by_decoding(path, losses)
    index = replace(index, shortfalls=(*filter(None, [cut]), *index.shortfalls))
    if is_palette_beside:
        index = replace(index, keyframes=np.zeros(0, np.int64), keys=KeyPackets())
    if not index.frames:
        raise MediaUnreadable(f"{path} holds no frame that can be read; copy or export it again.", path=path)
    return index


def _has_palette_beside(stream: Any) -> bool:
    """Whether the container hands a palette on beside packets, with the first one that is read alone.

    Only decoding from the start has it then. PNG and GIF keep theirs in every packet.
    """
    is_palette = stream.codec_context.format is not None and stream.codec_context.format.name == "pal8"
    return is_palette and stream.codec_context.name not in _OWN_PALETTES


def _may_believe_packets(container: Any, stream: Any) -> bool:
    names = container.format.name.split(",")
    if any(name in _WITHOUT_TIMES for name in names):
        return False
    return not (stream.codec_context.has_b_frames and has_no_display_times(container))


def _index_of_entries(container: Any, stream: Any) -> MovieIndex | None:
    """From the sample table of a QuickTime file, where it has everything: no packet is read.

    A long ProRes file would otherwise be read from end to end.
    """
    if "mov" not in container.format.name or stream.codec_context.name not in _INTRA_CODECS:
        return None
    entries = list(stream.index_entries)
    numbers = np.full(len(entries), NO_FRAME, np.int64)
    visible = np.array([place for place, entry in enumerate(entries) if not entry.is_discard], np.int64)
    numbers[visible] = np.arange(len(visible))
    pts = np.array([entries[place].timestamp for place in visible], np.int64)
    whole = all(entry.pos + entry.size <= container.size for entry in entries)
    starts_alike = len(pts) and stream.start_time == pts[0]
    if not starts_alike or not whole or (np.diff(pts) <= 0).any():
        return None
    last = max(int(pts[0] + (stream.duration or 0) - pts[-1]), 1)
    rows = [
        KeyRow(int(place), entries[place].timestamp, entries[place].pos, entries[place].size)
        for place in visible
        if entries[place].is_keyframe
    ]
    keyframes, keys = keys_of(rows, numbers)
    return MovieIndex(pts, keyframes, stream.time_base, last, numbers=numbers, keys=keys)


def _numbers(frames: list[tuple[int, int]], packets: int, pts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The frame of each packet, NO_FRAME for one that shows none."""
    numbers = np.full(packets, NO_FRAME, np.int64)
    for ordinal, time in frames:
        if time <= pts[-1]:
            numbers[ordinal] = np.searchsorted(pts, time)
    return numbers


def _index_of_packets(container: Any, stream: Any, losses: TransportLosses) -> MovieIndex | None:
    """From the times of the packets; None when they do not give the time of each frame."""
    scan = scan_packets(container, stream)
    times = [time for _, time in scan.frames]
    if scan.is_doubtful or len(set(times)) != len(times):
        return None
    damaged_packets = scan.places.damaged(losses)
    lost = _lost(container, stream, scan, damaged_packets)
    pts = np.array(sorted([*times, *lost]), np.int64)
    lacking = _promised(container, stream, scan) - len(pts)
    if lacking > 0:
        whole = pts if scan.broken_at is None else pts[: np.searchsorted(pts, scan.broken_at)]
        pts = whole[: _first_hole(whole)]
    if not len(pts):
        return MovieIndex(pts, pts, stream.time_base, 1)
    numbers = _numbers(scan.frames, scan.packets, pts)
    keyframes, keys = keys_of(scan.keys, numbers)
    last = _last_duration(stream, pts, scan.durations.get(int(pts[-1]), 0))
    damaged = len(pts) if lacking > 0 else None
    index = MovieIndex(pts, keyframes, stream.time_base, last, damaged, numbers=numbers, keys=keys)
    index = replace(
        index,
        messages=frozenset(scan.messages.kinds if scan.messages else ()),
        damaged=_frames(index, scan.checks.damaged if scan.checks else []),
        shortfalls=_shortfalls(container, stream, scan, index.frames_near(damaged_packets)),
    )
    return replace(index, lost=frozenset(map(int, np.searchsorted(pts, lost[lost <= pts[-1]]))))


def _frames(index: MovieIndex, ordinals: list[int]) -> frozenset[int]:
    """The frames that packets show."""
    return frozenset(number for ordinal in ordinals if (number := index.number_of(ordinal)) != NO_FRAME)


def _shortfalls(container: Any, stream: Any, scan: PacketScan, damaged: list[int]) -> tuple[str, ...]:
    sentences = [arrival_sentence(container.name, damaged)]
    if container.format.name == "avi" and scan.decoded_at is not None:
        # Its times count chunks, those that repeat a frame and hold nothing included.
        sentences.append(count_sentence(container.name, stream.frames, scan.decoded_at + 1))
    if "matroska" in container.format.name and scan.ledger.last_place is not None:
        # A file that is cut short is reported already, its last block included.
        is_cut = bool(cut_sentence(container.name, container.format.name))
        sentences.append("" if is_cut else unread_sentence(container.name, scan.ledger.last_place))
    return tuple(filter(None, sentences))


def _lost(container: Any, stream: Any, scan: PacketScan, damaged_packets: list[int]) -> NDArray[np.int64]:
    """Times of frames whose packets are not there any more."""
    rate, time_base = stream.average_rate, stream.time_base
    if "mpegts" in container.format.name:
        within = lost_times(scan.frames, damaged_packets, rate, time_base)
        return np.union1d(within, times_never_decoded(scan.frames, scan.places.stamps, rate, time_base))
    words = {name.lower(): value for name, value in stream.metadata.items()}
    # Alpha is data beside packets, more of it where there is more to see.
    if "matroska" not in container.format.name or words.get("alpha_mode") == "1":
        return np.zeros(0, np.int64)
    return lost_times(scan.frames, scan.ledger.holes, rate, time_base)


def _shows_indexed_frames(path: str, index: MovieIndex) -> bool:
    """Whether the first pictures that are decoded are the first frames of the index.

    They differ where packets are no frames or their times are guesses, and where a recording begins inside a
    group of pictures. Damage among them is no reason to doubt the index.
    """
    visible: list[int] = []
    refusals = Refusals()
    is_damaged = False
    with open_movie(path) as container:
        stream = video_stream(container, path)
        decoder = decoder_for(stream, "SLICE")
        expected = _TRIED_PICTURES if stream.codec_context.name not in _INTRA_CODECS else 2
        packets = islice(packets_of(container, stream), _TRIED_PACKETS)
        for ordinal, picture in islice(pictures(decoder, packets, refusals), expected):
            if ordinal is None:
                return False
            number = index.number_of(ordinal)
            if number == NO_FRAME and index.first_damaged is not None:
                continue  # shown behind frames that a file which is cut short lacks
            visible.append(number)
            is_damaged |= picture.is_corrupt
    carried = islice((number for number in range(index.frames) if number not in index.lost), len(visible))
    if visible == list(carried) and visible:
        return True
    # A file that begins with a keyframe begins with it whether it can be decoded or not.
    begins_whole = bool(len(index.keyframes)) and index.keyframes[0] == 0
    return bool(visible) and begins_whole and bool(is_damaged or refusals.packets)


def _last_duration(stream: Any, pts: NDArray[np.int64], of_packet: int) -> int:
    """Ticks the last frame is shown.

    With reordered frames a packet's duration is the distance of decoding times, so the stream's own end
    counts more, unless it differs by no more than the milliseconds many containers round to.
    """
    declared = (stream.start_time or 0) + (stream.duration or 0) - int(pts[-1])
    if declared > 0 and abs(declared - of_packet) * stream.time_base > Fraction(3, 2000):
        return declared
    return of_packet or usual_step(pts)


def _first_hole(pts: NDArray[np.int64]) -> int:
    """How many frames stand without a hole between them, near the end of a file that is cut short.

    Packets lie in decoding order, so the last ones may be shown after frames that are lost.
    """
    steps = np.diff(pts[-_REORDERED:])
    holes = np.flatnonzero(steps > 1.5 * usual_step(pts))
    return len(pts) - len(steps) + int(holes[0]) if len(holes) else len(pts)


def _promised(container: Any, stream: Any, scan: PacketScan) -> int:
    """How many frames the headers count; no more than there are when that is not certain."""
    if "mov" in container.format.name:
        # An entry is a packet, which may be a field.
        missing = len(stream.index_entries) - scan.packets
        return len(scan.frames) + max(missing, 0)
    if "matroska" in container.format.name and container.duration and stream.average_rate:
        missing = container.duration / av.time_base - scan.end_seconds
        # Headers round to milliseconds, and some writers count the last frame twice.
        if missing > max(0.5, 3 / float(stream.average_rate)):
            return len(scan.frames) + round(missing * float(stream.average_rate))
    return len(scan.frames)
