"""H.264 packets that are fields: which of them is the second field of a frame, read from its slice header.

Broadcasts and camcorders store the two fields of a frame as two packets; a decoder shows one picture for
both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_SLICE, _IDR, _SPS = 1, 5, 7
_WITH_CHROMA_FORMAT = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
# A slice header lies in the first bytes of its unit, a parameter set is small.
_HEADER_BYTES, _SET_BYTES = 64, 512


@dataclass(frozen=True)
class SequenceSet:
    """What of a sequence parameter set decides how slice headers read; may_hold_fields: frames may be field
    pairs.
    """

    may_hold_fields: bool
    number_bits: int = 0
    has_colour_planes: bool = False


class FieldPairs:
    """Looked at packet by packet, in the order of the file. extradata: the stream's own headers."""

    def __init__(self, extradata: bytes) -> None:
        self._length_bytes = (extradata[4] & 3) + 1 if extradata[:1] == b"\x01" and len(extradata) > 6 else 0
        self._set: SequenceSet | None = None
        self._first: tuple[int, bool] | None = None
        for unit in _units(extradata[8:] if self._length_bytes else extradata, 0, extradata):
            self._note(unit)

    @property
    def may_come(self) -> bool:
        """Whether packets have to be looked at: not where the stream declares every picture a frame."""
        return self._set is None or self._set.may_hold_fields

    def is_second(self, packet: Any) -> bool:
        """Whether a packet is the other field of the frame the packet before it began."""
        data = memoryview(packet)
        for unit in _units(data, self._length_bytes):
            self._note(unit)
            if unit[0] & 31 in (_SLICE, _IDR) and self._set is not None:
                return self._judge(unit)
        return False

    def _note(self, unit: bytes) -> None:
        if unit and unit[0] & 31 == _SPS:
            self._set = _sequence_set(unit[1:])

    def _judge(self, unit: bytes) -> bool:
        assert self._set is not None
        field = _field_of(unit[1:], self._set)
        before, self._first = self._first, field
        is_second = field is not None and before is not None and before == (field[0], not field[1])
        if is_second:
            self._first = None
        return is_second


class _Bits:
    """Reads a unit's bits, its emulation prevention bytes taken out."""

    def __init__(self, unit: bytes) -> None:
        plain = unit.replace(b"\0\0\3", b"\0\0")
        self._value, self._unread_bits = int.from_bytes(plain, "big"), 8 * len(plain)

    def u(self, count: int) -> int:
        self._unread_bits -= count
        if self._unread_bits < 0:
            raise EOFError
        return self._value >> self._unread_bits & (1 << count) - 1

    def ue(self) -> int:
        zeros = 0
        while not self.u(1):
            zeros += 1
        return (1 << zeros) - 1 + self.u(zeros)


def _units(data: Any, length_bytes: int, whole: Any = None) -> list[bytes]:
    """The beginnings of the NAL units of a packet: length-prefixed, or behind start codes."""
    if whole is not None and whole[:1] == b"\x01":
        # A configuration record: the first parameter set follows its own length.
        return [bytes(data[:_SET_BYTES])]
    units: list[bytes] = []
    if length_bytes:
        at = 0
        while at + length_bytes < len(data):
            size = int.from_bytes(data[at : at + length_bytes], "big")
            start = at + length_bytes
            units.append(bytes(data[start : start + min(size, _SET_BYTES)]))
            if units[-1][:1] and units[-1][0] & 31 in (_SLICE, _IDR):
                break
            at = start + size
        return [unit for unit in units if unit]
    text = bytes(data)
    at = text.find(b"\0\0\1")
    while at >= 0:
        unit = text[at + 3 : at + 3 + _SET_BYTES]
        if unit:
            units.append(unit)
            if unit[0] & 31 in (_SLICE, _IDR):
                break
        at = text.find(b"\0\0\1", at + 3)
    return units


def _sequence_set(body: bytes) -> SequenceSet:
    try:
        return _read_set(_Bits(body))
    except EOFError:
        return SequenceSet(may_hold_fields=False)


def _read_set(bits: _Bits) -> SequenceSet:
    profile = bits.u(8)
    bits.u(16)
    bits.ue()
    planes = False
    if profile in _WITH_CHROMA_FORMAT:
        chroma = bits.ue()
        planes = bool(chroma == 3 and bits.u(1))
        bits.ue()
        bits.ue()
        bits.u(1)
        if bits.u(1):
            for place in range(12 if chroma == 3 else 8):
                if bits.u(1):
                    _skip_scaling(bits, 16 if place < 6 else 64)
    number_bits = bits.ue() + 4
    order = bits.ue()
    if order == 0:
        bits.ue()
    elif order == 1:
        bits.u(1)
        bits.ue()
        bits.ue()
        for _ in range(bits.ue()):
            bits.ue()
    bits.ue()
    bits.u(1)
    bits.ue()
    bits.ue()
    return SequenceSet(not bits.u(1), number_bits, planes)


def _skip_scaling(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            code = bits.ue()
            following = (last + ((code + 1) // 2 if code % 2 else -(code // 2))) % 256
        last = following or last


def _field_of(body: bytes, settings: SequenceSet) -> tuple[int, bool] | None:
    """(frame number, whether it is the bottom field) of a slice; None for a slice of a whole frame."""
    bits = _Bits(body[:_HEADER_BYTES])
    try:
        bits.ue()
        bits.ue()
        bits.ue()
        if settings.has_colour_planes:
            bits.u(2)
        number = bits.u(settings.number_bits)
        if not settings.may_hold_fields or not bits.u(1):
            return None
        return number, bool(bits.u(1))
    except EOFError:
        return None
