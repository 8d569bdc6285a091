"""H.264 whose frames are two field pictures each, as broadcasters and camcorders store them; no encoder at
hand does.

Every macroblock is raw samples, so that what is decoded is exactly what was written.
"""

from __future__ import annotations

import numpy as np

SIDE = 64
_MACROBLOCK = 16


class _Bits:
    def __init__(self):
        self.text = ""

    def u(self, count, value):
        self.text += format(value, f"0{count}b")

    def ue(self, value):
        self.u(2 * (value + 1).bit_length() - 1, value + 1)

    def ues(self, *values):
        for value in values:
            self.ue(value)

    def align(self):
        self.text += "0" * (-len(self.text) % 8)

    def unit(self, kind):
        text = self.text + "1"
        text += "0" * (-len(text) % 8)
        body = int(text, 2).to_bytes(len(text) // 8, "big")
        escaped, zeros = bytearray(), 0
        for byte in body:
            if zeros >= 2 and byte <= 3:
                escaped.append(3)
                zeros = 0
            escaped.append(byte)
            zeros = zeros + 1 if byte == 0 else 0
        return b"\0\0\0\1" + bytes([0x60 | kind]) + bytes(escaped)


def _headers():
    """Sequence and picture parameter sets: Main profile, fields allowed, 25 frames a second, 64x64."""
    sequence = _Bits()
    for count, value in ((8, 77), (8, 64), (8, 31)):
        sequence.u(count, value)
    sequence.ues(0, 4, 0, 4, 1)
    sequence.u(1, 0)
    sequence.ues(SIDE // _MACROBLOCK - 1, SIDE // _MACROBLOCK // 2 - 1)
    fields = (
        (1, 0),
        (1, 0),
        (1, 1),
        (1, 0),
        (1, 1),
        (4, 0),
        (1, 1),
        (32, 1),
        (32, 50),
        (1, 1),
        (2, 0),
        (1, 1),
        (2, 3),
    )
    for count, value in fields:
        sequence.u(count, value)
    sequence.ues(0, 0, 9, 9, 0, 1)
    picture = _Bits()
    picture.ues(0, 0)
    picture.u(2, 0)
    picture.ues(0, 0, 0)
    picture.u(3, 0)
    picture.ues(0, 0, 0)
    picture.u(3, 4)
    return sequence.unit(7) + picture.unit(8)


def _field(luma, number, is_bottom, is_first):
    bits = _Bits()
    bits.ues(0, 7, 0)
    bits.u(8, number & 255)
    bits.u(2, 2 | is_bottom)
    if is_first:
        bits.ue(0)
    bits.u(8, 2 * number + is_bottom & 255)
    bits.u(2 if is_first else 1, 0)
    bits.ues(0, 1)
    for top in range(0, luma.shape[0], _MACROBLOCK):
        for column in range(0, luma.shape[1], _MACROBLOCK):
            bits.ue(25)
            bits.align()
            block = luma[top : top + _MACROBLOCK, column : column + _MACROBLOCK].ravel()
            for sample in [*block, *[128] * 128]:
                bits.u(8, max(1, int(sample)))
    return bits.unit(5 if is_first else 1)


def frame_of(number):
    """Luma of frame `number`: a grey made of the number."""
    return np.full((SIDE, SIDE), 40 + 6 * number, np.uint8)


def field_pairs(count):
    """[(top field, bottom field)] of so many frames, access units as a transport stream wants them."""
    pairs = []
    for number in range(count):
        luma, delimiter = frame_of(number), b"\0\0\0\1\x09\xf0"
        head = _headers() if number % 10 == 0 else b""
        top = delimiter + head + _field(luma[0::2], number, 0, number == 0)
        pairs.append((top, delimiter + _field(luma[1::2], number, 1, False)))
    return pairs
