"""Where every frame of a movie is: when it is shown, which packet holds it, where decoding can start.

Frames are numbered from 0 in the order they are shown. A packet is not always a frame: it may be a field,
hidden by an edit list, or the first of two frames. It is made by `indexing` and asked for in `reading`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.stream
import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_engine.media.faults import media_faults

NO_FRAME = -1
"""Stands in `MovieIndex.numbers` for a packet that shows no frame of its own."""

_SENSOR_CODECS = ("prores_raw",)

NO_TIME = -(1 << 63)
"""Stands in `KeyPackets.times` for a packet without a time."""


def _no_numbers() -> NDArray[np.int64]:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False)
class KeyPackets:
    """The packets decoding can start at, in the order of `MovieIndex.keyframes`; int64 [k] each.

    ordinals: place among the stream's packets as the file has them. times: where to seek to.
    places, sizes: byte position in the file (negative where the container has none) and size in bytes,
        which together identify a packet.
    """

    ordinals: NDArray[np.int64] = field(default_factory=_no_numbers)
    times: NDArray[np.int64] = field(default_factory=_no_numbers)
    places: NDArray[np.int64] = field(default_factory=_no_numbers)
    sizes: NDArray[np.int64] = field(default_factory=_no_numbers)

    def is_at(self, key: int, packet: Any) -> bool:
        """Whether a packet is that key packet."""
        place = -1 if packet.pos is None else packet.pos
        return place >= 0 and place == self.places[key] and packet.size == self.sizes[key]


@dataclass(frozen=True, eq=False)
class MovieIndex:
    """pts: int64 [n], rising, in `time_base` units; for `counted` movies the bare frame number.

    keyframes: rising frame numbers where decoding can start; `keys` are their packets.
    first_damaged: first frame of which the file holds no data or only a part, None when it is whole.
    last_duration: ticks the last frame is shown.
    counted: the file has no usable times; frames follow each other at an assumed rate.
    numbers: int64 [packets], the frame each packet shows, `NO_FRAME` for none; of two frames of a packet the
        first.
    shifts: seconds to be added to the file's own times after the clock started over once, twice and so on.
    lost: frames that were in the file once; their packets are gone.
    damaged: frames whose packets are there and damaged by their own checksums.
    shortfalls: sentences about what the file promises and does not hold.
    messages: kinds of captions and dynamic metadata in its pictures (`picture_messages`).
    """

    pts: NDArray[np.int64]
    keyframes: NDArray[np.int64]
    time_base: Fraction
    last_duration: int
    first_damaged: int | None = None
    counted: bool = False
    numbers: NDArray[np.int64] = field(default_factory=_no_numbers)
    keys: KeyPackets = field(default_factory=KeyPackets)
    shifts: tuple[Fraction, ...] = ()
    lost: frozenset[int] = frozenset()
    messages: frozenset[str] = frozenset()
    damaged: frozenset[int] = frozenset()
    shortfalls: tuple[str, ...] = ()

    @property
    def frames(self) -> int:
        """How many frames have data."""
        return len(self.pts)

    def ticks_at(self, number: int) -> int:
        """When a frame is shown; beyond the last one with data, when it would be."""
        if number < len(self.pts):
            return int(self.pts[number])
        beyond = number - len(self.pts)
        return int(self.pts[-1]) + self.last_duration + beyond * usual_step(self.pts)

    def seconds_at(self, number: int) -> Fraction:
        """The same in seconds."""
        return self.ticks_at(number) * self.time_base

    def key_before(self, number: int) -> int:
        """Place in `keyframes` of the last one at or before a frame; negative when there is none."""
        return bisect_right(self.keyframes, number) - 1

    def keyframe_before(self, number: int) -> int:
        """The last keyframe at or before a frame, 0 when there is none."""
        place = self.key_before(number)
        return int(self.keyframes[place]) if place >= 0 else 0

    def number_of(self, ordinal: int) -> int:
        """The frame a packet shows."""
        return int(self.numbers[ordinal]) if 0 <= ordinal < len(self.numbers) else NO_FRAME

    def frames_near(self, ordinals: Sequence[int]) -> list[int]:
        """The frames that packets show, rising; for a packet that shows none that of the next one."""
        packets = np.flatnonzero(self.numbers != NO_FRAME)
        if not len(packets):
            return [0] if len(ordinals) else []
        places = np.searchsorted(packets, np.array(ordinals, np.int64)).clip(max=len(packets) - 1)
        return sorted({int(number) for number in self.numbers[packets[places]]})


def usual_step(pts: NDArray[np.int64]) -> int:
    """Ticks between most frames and their next, at least 1."""
    return max(int(np.median(np.diff(pts))), 1) if len(pts) > 1 else 1


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
    streams = [stream for stream in container.streams.video if not is_cover(stream)]
    if not streams:
        raise MediaUnreadable(
            f"{path} has no video stream; name a movie with pictures in it.", path=str(path)
        )
    best = container.streams.best("video")
    chosen = best if best in streams else streams[0]
    if chosen.codec_context is None:
        raise MediaUnreadable(
            f"{path} holds pictures of a codec that cannot be decoded; export it again in another one.",
            path=str(path),
        )
    if _is_undeveloped(chosen.codec_context):
        raise MediaUnreadable(
            f"{path} holds raw values of a camera's sensor ({chosen.codec_context.name}), which are no"
            " colours yet; export it from the camera's program as ProRes, DNxHR or pictures.",
            path=str(path),
        )
    return chosen


def _is_undeveloped(context: Any) -> bool:
    """Whether pictures are a sensor's mosaic: FFmpeg makes RGB of it without white balance and matrix."""
    return context.name in _SENSOR_CODECS or str(context.pix_fmt).startswith("bayer_")


def is_cover(stream: Any) -> bool:
    """Whether a video stream is a still picture that belongs to the file as a whole."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)
