"""Cuts what comes out of a pipe into pieces. Each is a Matroska file of its own, so one can be joined
anywhere.

A piece ends where its own length puts it, or before where the next one begins, as it does when some of it was
lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

LARGEST_PIECE = 64 << 20
"""Bytes of a piece, at most; what pretends to be longer is passed over."""

_MAGIC = b"\x1a\x45\xdf\xa3"
_DOCTYPE = b"matroska"
_SEGMENT = b"\x18\x53\x80\x67"
# An EBML header is some forty bytes long; the type of document stands in it.
_HEADER_BYTES = 80
_READ_BYTES = 1 << 16


@dataclass(frozen=True)
class Piece:
    """data: the bytes of a piece. lost_before: bytes passed over before it. is_whole: it has its full
    length.
    """

    data: bytes
    lost_before: int = 0
    is_whole: bool = True


def read_pieces(stream: BinaryIO) -> Iterator[Piece]:
    """The pieces of a stream as they come; memory holds one of them."""
    chain, lost = _Chain(), 0
    while True:
        block = _read(stream)
        for piece in chain.feed(block):
            yield Piece(piece.data, piece.lost_before + lost, piece.is_whole)
            lost = 0
        if not block:
            return


def _read(stream: BinaryIO) -> bytes:
    # A pipe hands out what has come; `read` would wait for all of it.
    reader = getattr(stream, "read1", stream.read)
    return bytes(reader(_READ_BYTES))


class _Chain:
    """The bytes that have come and are not handed out yet."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._lost = 0
        self._searched = 1

    def feed(self, block: bytes) -> Iterator[Piece]:
        """Pieces that are complete with these bytes; an empty block is the end."""
        self._data += block
        while True:
            if not self._begins_with_header():
                if not self._skip_to_header(at_end=not block):
                    return
                continue
            end, is_whole = self._end(at_end=not block)
            if not end:
                return
            if end > LARGEST_PIECE:
                self._lost += end
            else:
                yield Piece(bytes(self._data[:end]), self._lost, is_whole)
                self._lost = 0
            del self._data[:end]
            self._searched = 1
            if not self._data:
                return

    def _begins_with_header(self) -> bool:
        return is_header(self._data, 0)

    def _skip_to_header(self, at_end: bool) -> bool:
        """Drop what lies before the next header; whether one is there."""
        place = find_header(self._data, 1)
        # The beginning of a header may be the last that has come.
        gone = place if place >= 0 else len(self._data) if at_end else max(0, len(self._data) - _HEADER_BYTES)
        if place < 0 and not at_end and self._may_become_header():
            return False
        self._lost += gone
        del self._data[:gone]
        return place >= 0

    def _may_become_header(self) -> bool:
        return len(self._data) < _HEADER_BYTES and self._data[:4] == _MAGIC[: len(self._data[:4])]

    def _end(self, at_end: bool) -> tuple[int, bool]:
        """(bytes of the first piece, whether it is whole); 0 while it has not come."""
        length = declared_length(self._data)
        following = find_header(self._data, self._searched)
        if following > 0 and (not length or following < length):
            return following, False
        if length and len(self._data) >= length:
            return length, True
        self._searched = max(1, len(self._data) - _HEADER_BYTES)
        if at_end or len(self._data) > LARGEST_PIECE:
            return len(self._data), False
        return 0, False


def is_header(data: bytearray | bytes, place: int) -> bool:
    """Whether a Matroska file begins there."""
    return data[place : place + 4] == _MAGIC and _DOCTYPE in data[place : place + _HEADER_BYTES]


def find_header(data: bytearray | bytes, start: int) -> int:
    """Where the next Matroska file begins at or behind `start`, -1 for nowhere."""
    place = data.find(_MAGIC, start)
    while place >= 0 and not is_header(data, place):
        place = data.find(_MAGIC, place + 1)
    return place


def declared_length(data: bytearray | bytes) -> int:
    """Bytes of the file that begins the data, by its own headers; 0 where they do not have it, or have not
    come.
    """
    place = data.find(_SEGMENT, 0, 4 * _HEADER_BYTES)
    if place < 0 or len(data) < place + 12:
        return 0
    first = data[place + 4]
    size = 9 - first.bit_length()
    if not 1 <= size <= 8:
        return 0
    value = int.from_bytes(data[place + 4 : place + 4 + size], "big") & ((1 << 7 * size) - 1)
    is_unknown = value == (1 << 7 * size) - 1
    return 0 if is_unknown else place + 4 + size + value
