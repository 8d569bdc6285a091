"""Pictures of a movie from a key packet on, found by a seek where the container allows one, else by reading
on.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

import av.error

from sparkvsr_engine.media.movies.decoding import decoder_for, packets_of, pictures
from sparkvsr_engine.media.movies.frame_index.index import (
    NO_FRAME,
    NO_TIME,
    MovieIndex,
    open_movie,
    video_stream,
)

# Key packets a seek is aimed at, one earlier each time: containers seek by other times than they show.
_KEYS_SOUGHT = 3
# Packets looked at behind a seek, beside those between the keys: files without an order of times lead
# anywhere.
_MORE_PACKETS = 240


class PictureRun:
    """Yields (number of the frame, picture); to be closed.

    key: place in the index's keys, negative for the start of the file. is_verified: whether decoding began
        at the
    start of the file, or the decoder itself took the key packet for a keyframe; known once pictures came.
    """

    def __init__(self, path: Path, index: MovieIndex, key: int, threads: str) -> None:
        self._path, self._index, self._key, self._threads = path, index, key, threads
        self._last: tuple[int, int] = (NO_FRAME, NO_FRAME)
        self._counted = 0
        self.is_verified = key < 0
        self._open()
        try:
            packets = self._sought() if key >= 0 else packets_of(self._container, self._stream)
            packets = packets or self._read_up_to()
            self._pictures = pictures(self._decoder, packets)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        for ordinal, picture in self._pictures:
            if not self.is_verified and ordinal == self._index.keys.ordinals[self._key]:
                self.is_verified = bool(picture.key_frame)
            number = self._number_of(ordinal)
            if number != NO_FRAME:
                yield number, picture

    def _open(self) -> None:
        self._container = open_movie(self._path)
        self._stream = video_stream(self._container, self._path)
        self._decoder = decoder_for(self._stream, self._threads)

    def _number_of(self, ordinal: int | None) -> int:
        if ordinal is None or not len(self._index.numbers):
            # Read from the start of the file: frames are what the decoder shows.
            self._counted += 1
            return self._counted - 1
        number = self._index.number_of(ordinal)
        if ordinal == self._last[0] and number != NO_FRAME:
            number = self._last[1] + 1
        self._last = (ordinal, number)
        return number

    def _sought(self) -> Iterator[tuple[int, Any]] | None:
        """By a seek; None where it does not lead to the key packet."""
        keys, key = self._index.keys, self._key
        if keys.places[key] < 0:
            return None
        for target in range(key, max(key - _KEYS_SOUGHT, -1), -1):
            if keys.times[target] == NO_TIME:
                return None
            try:
                self._container.seek(int(keys.times[target]), stream=self._stream)
            except av.error.FFmpegError:
                return None
            limit = int(keys.ordinals[key] - keys.ordinals[max(target - 1, 0)]) + _MORE_PACKETS
            packets = packets_of(self._container, self._stream)
            for _, packet in islice(packets, limit):
                if keys.is_at(key, packet):
                    following = (packet for _, packet in packets)
                    return enumerate(chain([packet], following), int(keys.ordinals[key]))
                if packet.pos is not None and packet.pos > keys.places[key]:
                    break
        return None

    def _read_up_to(self) -> Iterator[tuple[int, Any]]:
        """By reading the file from its start, which costs no decoding."""
        self._container.close()
        self._open()
        first = int(self._index.keys.ordinals[self._key])
        return (pair for pair in packets_of(self._container, self._stream) if pair[0] >= first)
