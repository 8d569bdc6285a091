"""Where every frame of a movie is: presentation times and keyframes, read from packets, nothing decoded.

Frames are numbered from 0 in the order they are shown. Packets that an edit list hides are not frames.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import av
import av.error
import av.stream
import numpy as np
from numpy.typing import NDArray

from bridge.errors import MediaUnreadable
from sparkvsr_engine.media.faults import media_faults

# Codecs of which every frame is a keyframe and is stored in the order it is shown.
_INTRA_CODECS = frozenset(
    {
        "prores",
        "dnxhd",
        "mjpeg",
        "cfhd",
        "v210",
        "rawvideo",
        "qtrle",
        "png",
        "v410",
        "r210",
        "ayuv",
    }
)

# H.264 and HEVC may show a frame up to 16 places after it was decoded.
_REORDERED = 17


@dataclass(frozen=True, eq=False)
class MovieIndex:
    """pts: int64 [n], rising, in `time_base` units; for `counted` movies the bare frame number.

    keyframes: rising frame numbers where decoding can start.
    first_damaged: first frame of which the file holds no data or only a part, None when it is whole.
    last_duration: ticks the last frame is shown.
    counted: the file keeps no usable times, so frames were counted by decoding and cannot be sought.
    """

    pts: NDArray[np.int64]
    keyframes: NDArray[np.int64]
    time_base: Fraction
    last_duration: int
    first_damaged: int | None = None
    counted: bool = False

    @property
    def frames(self) -> int:
        """How many frames have data."""
        return len(self.pts)

    def position_of(self, pts: int) -> int | None:
        """The frame shown at exactly `pts`, None when there is none."""
        place = int(np.searchsorted(self.pts, pts))
        return place if place < len(self.pts) and self.pts[place] == pts else None

    def ticks_at(self, number: int) -> int:
        """When a frame is shown; beyond the last one with data, when it would be."""
        if number < len(self.pts):
            return int(self.pts[number])
        beyond = number - len(self.pts)
        return int(self.pts[-1]) + self.last_duration + beyond * _usual_step(self.pts)

    def seconds_at(self, number: int) -> Fraction:
        """The same in seconds."""
        return self.ticks_at(number) * self.time_base

    def keyframe_before(self, number: int, skip: int = 0) -> int:
        """The last keyframe at or before a frame, or `skip` keyframes earlier; 0 when there is none."""
        place = bisect_right(self.keyframes, number) - 1 - skip
        return int(self.keyframes[place]) if place >= 0 else 0


def open_movie(path: Path | str) -> Any:
    """An open PyAV input container, to be closed by the caller.

    Raises MediaUnreadable.
    """
    with media_faults(path, writing=False):
        return av.open(str(path), metadata_errors="replace")


def video_stream(container: Any, path: Path | str) -> Any:
    """The stream of moving pictures: never a cover picture.

    Raises MediaUnreadable when there is none.
    """
    streams = [stream for stream in container.streams.video if not _is_cover(stream)]
    if not streams:
        raise MediaUnreadable(
            f"{path} has no video stream; name a movie with pictures in it.", path=str(path)
        )
    best = container.streams.best("video")
    return best if best in streams else streams[0]


def read_index(path: Path | str) -> MovieIndex:
    """The index of a movie; read once per state of the file.

    Raises MediaUnreadable.
    """
    with media_faults(path, writing=False):
        found = Path(path).stat()
        return _index_of_state(str(path), found.st_size, found.st_mtime_ns)


def keyframe_packets(path: Path | str) -> list[int]:
    """The frames that are codec I-frames where decoding can start, in the order they are shown.

    Raises MediaUnreadable.
    """
    return [int(number) for number in read_index(path).keyframes]


def _is_cover(stream: Any) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


@lru_cache(maxsize=16)
def _index_of_state(path: str, size: int, modified_ns: int) -> MovieIndex:  # noqa: ARG001 - part of the cache key
    with open_movie(path) as container:
        stream = video_stream(container, path)
        index = _index_of_entries(container, stream) or _index_of_packets(container, stream)
    index = index or _index_by_decoding(path)
    if not index.frames:
        raise MediaUnreadable(f"{path} holds no frame that can be read; copy or export it again.", path=path)
    return index


def _index_of_entries(container: Any, stream: Any) -> MovieIndex | None:
    """From the sample table of a QuickTime file, where it says everything: no packet is read.

    A long ProRes file would otherwise be read from end to end.
    """
    if "mov" not in container.format.name or stream.codec_context.name not in _INTRA_CODECS:
        return None
    entries = [entry for entry in stream.index_entries if not entry.is_discard]
    pts = np.array([entry.timestamp for entry in entries], np.int64)
    whole = all(entry.pos + entry.size <= container.size for entry in entries)
    starts_alike = len(pts) and stream.start_time == pts[0]
    if not starts_alike or not whole or (np.diff(pts) <= 0).any():
        return None
    last = max(int(pts[0] + (stream.duration or 0) - pts[-1]), 1)
    return MovieIndex(pts, np.arange(len(pts), dtype=np.int64), stream.time_base, last)


@dataclass
class _Scan:
    """What one pass over the packets found."""

    pts: list[int]
    keys: list[int]
    durations: dict[int, int]
    damaged: list[int] = field(default_factory=list[int])
    times_are_missing: bool = False
    end_seconds: float = 0.0


def _index_of_packets(container: Any, stream: Any) -> MovieIndex | None:
    """From the times of the packets; None when they do not say when each frame is shown."""
    scan = _scan(container, stream)
    if scan.times_are_missing or len(set(scan.pts)) != len(scan.pts):
        return None
    pts = np.array(sorted(scan.pts), np.int64)
    lacking = _promised(container, stream, scan) - len(pts)
    if lacking > 0:
        pts = pts[: _first_hole(pts)]
    if not len(pts):
        return MovieIndex(pts, pts, stream.time_base, 1)
    keys = np.searchsorted(pts, np.array(sorted(key for key in scan.keys if key <= pts[-1]), np.int64))
    last = _last_duration(stream, pts, scan.durations.get(int(pts[-1]), 0))
    damaged = [int(np.searchsorted(pts, time)) for time in scan.damaged] + [len(pts)] * (lacking > 0)
    return MovieIndex(pts, keys.astype(np.int64), stream.time_base, last, min(damaged, default=None))


def _scan(container: Any, stream: Any) -> _Scan:
    scan = _Scan([], [], {})
    streams = [other for other in container.streams if other.type in ("video", "audio")]
    try:
        for packet in container.demux(*streams):
            if packet.pts is not None:
                end = (packet.pts + (packet.duration or 0)) * packet.time_base
                scan.end_seconds = max(scan.end_seconds, float(end))
            if packet.stream is stream and packet.size and not packet.is_discard:
                _note(scan, packet)
    except av.error.FFmpegError:
        # The file ends inside a packet: what came before it can be used, `first_damaged` tells the rest.
        pass
    return scan


def _note(scan: _Scan, packet: Any) -> None:
    if packet.pts is None:
        scan.times_are_missing = True
        return
    if packet.is_corrupt:
        scan.damaged.append(packet.pts)
    scan.pts.append(packet.pts)
    scan.durations[packet.pts] = packet.duration or 0
    if packet.is_keyframe:
        scan.keys.append(packet.pts)


def _last_duration(stream: Any, pts: NDArray[np.int64], of_packet: int) -> int:
    """Ticks the last frame is shown.

    With reordered frames a packet's duration is the distance of decoding times, so the stream's own end
    counts more, unless it differs by no more than the milliseconds many containers round to.
    """
    said = (stream.start_time or 0) + (stream.duration or 0) - int(pts[-1])
    if said > 0 and abs(said - of_packet) * stream.time_base > Fraction(3, 2000):
        return said
    return of_packet or _usual_step(pts)


def _usual_step(pts: NDArray[np.int64]) -> int:
    return max(int(np.median(np.diff(pts))), 1) if len(pts) > 1 else 1


def _first_hole(pts: NDArray[np.int64]) -> int:
    """How many frames stand without a hole between them, near the end of a file that is cut short.

    Packets lie in decoding order, so the last ones may be shown after frames that are lost.
    """
    steps = np.diff(pts[-_REORDERED:])
    holes = np.flatnonzero(steps > 1.5 * _usual_step(pts))
    return len(pts) - len(steps) + int(holes[0]) if len(holes) else len(pts)


def _promised(container: Any, stream: Any, scan: _Scan) -> int:
    """How many frames the headers speak of; no more than were found when they say nothing certain."""
    found = len(scan.pts)
    if "mov" in container.format.name:
        return len(stream.index_entries) - sum(entry.is_discard for entry in stream.index_entries)
    if "matroska" in container.format.name and container.duration and stream.average_rate:
        missing = container.duration / av.time_base - scan.end_seconds
        # Headers round to milliseconds, and some writers count the last frame twice.
        if missing > max(0.5, 3 / float(stream.average_rate)):
            return found + round(missing * float(stream.average_rate))
    return found


def _index_by_decoding(path: str) -> MovieIndex:
    """For files without times (raw streams, some AVI): frames counted by decoding them all once."""
    with open_movie(path) as container:
        stream = video_stream(container, path)
        stream.thread_type = "AUTO"
        frames = 0
        for packet in container.demux(stream):
            try:
                frames += len(packet.decode())
            except av.error.InvalidDataError:
                continue
        rate = stream.guessed_rate or stream.average_rate or Fraction(25)
    return MovieIndex(
        np.arange(frames, dtype=np.int64), np.zeros(1, np.int64), 1 / Fraction(rate), 1, counted=True
    )
