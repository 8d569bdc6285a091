"""Where a transport stream has lost bytes, by its own packets: FFmpeg passes over most of these places.

ISO/IEC 13818-1, 2.4.3: packets of 188 bytes begin with 0x47 (behind 4 bytes more in M2TS, before 16 more with
error correction), and those of one track count from 0 to 15 and over again.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

_SYNC = 0x47
# (bytes of a packet, its sync byte's place in it)
_LAYOUTS = ((188, 0), (192, 4), (204, 0))
_BLOCK_PACKETS = 1 << 14
# Packets looked at for the layout, and sync bytes in a row that make a place one where packets begin.
_PROBED, _IN_A_ROW = 64, 3
_ERROR, _HAS_PAYLOAD, _HAS_FIELD, _IS_BROKEN_OFF = 0x80, 0x10, 0x20, 0x80


@dataclass
class TransportLosses:
    """Bytes in a file at which something is missing.

    places: where bytes lie that belong to no packet, or a packet is marked as damaged on its way.
    count_breaks: packets of the track before which others of it are missing. Where two recordings are joined
        there is one too.
    ends_inside: whether the file ends within a packet.
    """

    places: list[int] = field(default_factory=list[int])
    count_breaks: list[int] = field(default_factory=list[int])
    ends_inside: bool = False


@dataclass
class PacketPlaces:
    """Where each of a track's packets begins in its file, and its decoding time."""

    places: list[int] = field(default_factory=list[int])
    stamps: list[int | None] = field(default_factory=list[int | None])

    def add(self, packet: Any) -> None:
        """The next one."""
        # Where a container has no place it is where the one before it was.
        place = packet.pos if packet.pos is not None else -1
        self.places.append(max(place, self.places[-1] if self.places else 0))
        self.stamps.append(packet.dts)

    def damaged(self, losses: TransportLosses) -> list[int]:
        """Ordinals of the packets in which something is missing, rising."""
        breaks = [place for place in losses.count_breaks if not self._starts_over(place)]
        return sorted({max(bisect_right(self.places, place) - 1, 0) for place in (*losses.places, *breaks)})

    def _starts_over(self, place: int) -> bool:
        """Whether the clock falls back there: another recording begins, with a count of its own."""
        at = max(bisect_right(self.places, place) - 1, 0)
        near = [stamp for stamp in self.stamps[max(at - 1, 0) : at + 2] if stamp is not None]
        return any(after < before for before, after in pairwise(near))


def transport_losses(path: Path | str, track: int) -> TransportLosses:
    """Look through a file once. track: the number (PID) its packets carry. Raises OSError."""
    with Path(path).open("rb") as file:
        return _Walk(file, track).run()


class _Walk:
    """One pass over a file."""

    def __init__(self, file: IO[bytes], track: int) -> None:
        self._file, self._track = file, track
        self._bytes = file.seek(0, 2)
        self._size, self._sync, self._place = self._layout()
        self._count: int | None = None
        self._is_free = False
        self._losses = TransportLosses()

    def run(self) -> TransportLosses:
        while self._place + self._size <= self._bytes:
            packets = self._packets()
            wrong = np.flatnonzero(packets[:, self._sync] != _SYNC)
            whole = int(wrong[0]) if len(wrong) else len(packets)
            self._note(packets[:whole])
            self._place += whole * self._size
            if len(wrong) and not self._resume():
                return self._losses
        self._losses.ends_inside = self._place < self._bytes and not self._is_padding()
        return self._losses

    def _layout(self) -> tuple[int, int, int]:
        """Bytes of a packet, its sync byte's place, where the first packet begins."""
        head = np.frombuffer(self._read(0, _PROBED * 204), np.uint8) == _SYNC
        best = (0, 188, 0, 0)
        for size, sync in _LAYOUTS:
            for start in range(min(size, len(head))):
                syncs = int(head[start + sync :: size].sum())
                best = max(best, (syncs, size, sync, start), key=lambda layout: layout[0])
        return best[1:]

    def _read(self, place: int, count: int) -> bytes:
        self._file.seek(place)
        return self._file.read(count)

    def _packets(self) -> NDArray[np.uint8]:
        """uint8 [packets, bytes of a packet] from the present place."""
        block = self._read(self._place, _BLOCK_PACKETS * self._size)
        count = len(block) // self._size
        return np.frombuffer(block, np.uint8, count * self._size).reshape(count, self._size)

    def _resume(self) -> bool:
        """Note bytes that are no packet and go to the next one; False where none comes."""
        if self._is_padding():
            return False
        self._losses.places.append(self._place)
        start = self._place + 1
        while start < self._bytes:
            block = np.frombuffer(self._read(start, _BLOCK_PACKETS * self._size), np.uint8) == _SYNC
            begins = block[self._sync :].copy()
            for row in range(1, _IN_A_ROW):
                later = block[self._sync + row * self._size :]
                begins[: len(later)] &= later
                # The file may end before there are so many.
                begins[len(later) :] &= start + len(block) >= self._bytes
            begins[max(self._bytes - self._size - start + 1, 0) :] = False
            if begins.any():
                self._place = start + int(np.argmax(begins))
                return True
            start += max(len(block) - _IN_A_ROW * self._size, 1)
        self._place = self._bytes
        return True

    def _is_padding(self) -> bool:
        """Whether only zeros follow: recorders reserve room."""
        place = self._place
        while block := self._read(place, 1 << 20):
            if any(block):
                return False
            place += len(block)
        return True

    def _note(self, packets: NDArray[np.uint8]) -> None:
        """Counts of the track's packets."""
        packets = packets[:, self._sync :]
        tracks = (packets[:, 1].astype(np.int64) & 31) << 8 | packets[:, 2]
        rows = np.flatnonzero(tracks == self._track)
        own_packets = packets[rows]
        counts = own_packets[:, 3].astype(np.int64) & 15
        if not len(counts):
            return
        steps = np.diff(counts, prepend=counts[0] - 1 if self._count is None else self._count) % 16
        has_field = (own_packets[:, 3] & _HAS_FIELD > 0) & (own_packets[:, 4] > 0)
        is_free = has_field & (own_packets[:, 5] & _IS_BROKEN_OFF > 0)
        # A packet without payload does not count, and one may come twice.
        lawful = (steps == 0) | ((steps == 1) & (own_packets[:, 3] & _HAS_PAYLOAD > 0))
        lawful |= is_free | np.concatenate([[self._is_free], is_free[:-1]])
        self._losses.count_breaks += [self._place + int(row) * self._size for row in rows[~lawful]]
        damaged = rows[own_packets[:, 1] & _ERROR > 0]
        self._losses.places += [self._place + int(row) * self._size for row in damaged]
        self._count, self._is_free = int(counts[-1]), bool(is_free[-1])
