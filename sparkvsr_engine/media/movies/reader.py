"""Frames of a movie by number: in order at decoding speed, anywhere else by an exact seek."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av.error

from bridge.errors import MediaUnreadable
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.media.base import ClipInfo, Frame
from sparkvsr_engine.media.faults import media_faults
from sparkvsr_engine.media.movies.index import open_movie, read_index, video_stream
from sparkvsr_engine.media.movies.yuv import RgbReader
from sparkvsr_engine.media.orientation import upright

log = logging.getLogger(__name__)

# Keyframes tried, one earlier each time, when a seek lands too late or at pictures that lean on lost ones.
_SEEK_ATTEMPTS = 3


class MovieReader:
    """A `FrameSource`. Not to be shared by threads; `prefetch.PrefetchedSource` reads ahead in its own.

    The index tells which keyframe a frame needs; what the decoder then shows is matched by its time, so
    that neither frames it drops nor seeks that land elsewhere can shift the numbering.
    """

    def __init__(self, info: ClipInfo) -> None:
        self._path = Path(info.path)
        self._span = info.available
        self._index = read_index(self._path)
        self._rgb = RgbReader(info.colour, info.height)
        self._orientation = info.orientation
        self._shape = (info.height, info.width)
        self._container: Any = None
        self._decoded: Iterator[tuple[int, Any]] = iter(())
        self._next: tuple[int, Any] | None = None
        self._reached = -1
        self._threads = "AUTO"

    @property
    def span(self) -> FrameSpan:
        """Every frame there is."""
        return self._span

    def read(self, number: int) -> Frame:
        """Frame `number`: uint16 for YUV, else the file's own depth; full-range RGB(A), upright.

        Raises MediaUnreadable for a frame outside or one that cannot be decoded; others can still be read.
        """
        if number not in self._span:
            raise MediaUnreadable(
                f"{self._path} has no frame {number}; it has {self._span.first}-{self._span.last}.",
                frame=number,
            )
        with media_faults(self._path, writing=False):
            picture = self._find(number)
        if picture is None or picture.is_corrupt:
            raise self._undecodable(number)
        pixels = upright(self._rgb.rgb(picture), self._orientation)
        if pixels.shape[:2] != self._shape:
            raise MediaUnreadable(
                f"frame {number} of {self._path} is {pixels.shape[1]}x{pixels.shape[0]}, but the movie starts"
                f" with {self._shape[1]}x{self._shape[0]}; narrow --frames to frames of one size.",
                frame=number,
            )
        return Frame(number, pixels, int(self._index.pts[number]) * self._index.time_base)

    def close(self) -> None:
        """Close the file; the next read opens it again."""
        if self._container is not None:
            self._container.close()
            self._container = None
        self._decoded, self._next, self._reached = iter(()), None, -1

    def _find(self, number: int) -> Any:
        """The decoded picture of a frame, None when the decoder does not give one."""
        if number >= self._index.frames:
            return None
        if not self._lies_ahead(number):
            self._seek(number)
        found = self._advance(number)
        if found is None and self._threads == "AUTO":
            # A decoder with threads over frames loses healthy frames too when a damaged one is among them.
            log.info("%s: frame %d was not decoded; going on without threads over frames", self._path, number)
            self._threads = "SLICE"
            self.close()
            self._seek(number)
            found = self._advance(number)
        return found

    def _lies_ahead(self, number: int) -> bool:
        """Whether decoding on from here is the shortest way to a frame."""
        if self._container is None or number <= self._reached:
            return False
        return self._index.counted or self._index.keyframe_before(number) <= self._reached + 1

    def _advance(self, number: int) -> Any:
        while True:
            ahead = self._next or next(self._decoded, None)
            if ahead is None or ahead[0] > number:
                # A frame beyond the wanted one is kept: the one after a damaged frame is read without a seek.
                self._next = ahead
                return None
            self._next, self._reached = None, ahead[0]
            if ahead[0] == number:
                return ahead[1]

    def _seek(self, number: int) -> None:
        """Be ready to decode a frame from the keyframe before it, or an earlier one where it takes that."""
        for attempt in range(_SEEK_ATTEMPTS):
            start = 0 if self._index.counted else self._index.keyframe_before(number, skip=attempt)
            self._restart(start)
            self._next = next(self._decoded, None)
            if self._next is not None and self._next[0] <= number:
                return
            if start == 0:
                return

    def _restart(self, start: int) -> None:
        if self._container is None or start == 0 or self._index.counted:
            self.close()
            self._container = open_movie(self._path)
            video_stream(self._container, self._path).thread_type = self._threads
        stream = video_stream(self._container, self._path)
        if start:
            self._container.seek(int(self._index.pts[start]), stream=stream)
        self._reached, self._next = start - 1, None
        self._decoded = self._pictures(stream)

    def _pictures(self, stream: Any) -> Iterator[tuple[int, Any]]:
        """(number, picture) of everything the decoder shows from here on, in the order it is shown."""
        for counted, picture in enumerate(_decode(self._container, stream)):
            number = counted if self._index.counted else self._number_of(picture)
            if number is not None:
                yield number, picture

    def _number_of(self, picture: Any) -> int | None:
        found = None if picture.pts is None else self._index.position_of(picture.pts)
        if found is None:
            log.debug("%s: a picture at %s is in no packet; it is passed over", self._path, picture.pts)
        return found

    def _undecodable(self, number: int) -> MediaUnreadable:
        before = f"; use --frames {self._span.first}-{number - 1}" if number > self._span.first else ""
        return MediaUnreadable(
            f"frame {number} of {self._path} cannot be decoded: the file is damaged or cut short there;"
            f" copy or export it again{before.replace('; use', ', or use')}.",
            path=str(self._path),
            frame=number,
        )


def _decode(container: Any, stream: Any) -> Iterator[Any]:
    """Every picture that can be decoded; packets the decoder refuses are passed over."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.error.FFmpegError as error:
            log.debug("%s: reading ends early: %s", container.name, error)
            packet = None
        try:
            yield from stream.decode(packet)
        except av.error.InvalidDataError as error:
            log.debug("%s: a packet cannot be decoded: %s", container.name, error)
        except av.error.EOFError:
            return
        if packet is None:
            return
