"""Turning pictures upright: EXIF orientations of stills and display matrices of movies, one vocabulary.

The eight orientations are EXIF's: 1 upright, 2 mirrored left to right, 3 turned by 180 degrees,
4 mirrored top to bottom, 5 transposed, 6 to be turned clockwise, 7 transposed about the other
diagonal, 8 to be turned counter-clockwise.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np

from sparkvsr_engine.core.arrays import Pixels

UPRIGHT = 1

# What stands before EXIF's own TIFF in a JPEG and in a PNG, the byte orders, and the tag.
_EXIF_MARKS = (b"Exif\0\0", b"eXIf")
_BYTE_ORDERS = {b"II": "<", b"MM": ">"}
_ORIENTATION_TAG = 0x0112

_TURNS: dict[int, Callable[[Pixels], Pixels]] = {
    1: lambda pixels: pixels,
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: pixels.swapaxes(0, 1)[:, ::-1],
    7: lambda pixels: pixels.swapaxes(0, 1)[::-1, ::-1],
    8: lambda pixels: pixels.swapaxes(0, 1)[::-1],
}

# Signs of the display matrix (a, b, c, d): where stored x and y go on the display.
_ORIENTATION_OF_MATRIX: dict[tuple[int, ...], int] = {
    (1, 0, 0, 1): 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, 1, -1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, -1, 1, 0): 8,
}


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """Stored pixels [H, W, ...] as they are to be seen, contiguous; any other value counts as upright."""
    return np.ascontiguousarray(_TURNS.get(orientation, _TURNS[UPRIGHT])(pixels))


def swaps_sides(orientation: int) -> bool:
    """Whether width and height change places."""
    return orientation in (5, 6, 7, 8)


def orientation_of_matrix(matrix: bytes) -> int:
    """The orientation of a display matrix: nine 32-bit integers, row by row, as FFmpeg keeps them.

    A matrix that does not turn by a multiple of 90 degrees is taken as upright: a resampled rotation
    would soften every frame.
    """
    if len(matrix) < 36:
        return UPRIGHT
    a, b, _, c, d, *_ = struct.unpack("<9i", matrix[:36])
    signs = tuple((value > 0) - (value < 0) if abs(value) > 1 << 14 else 0 for value in (a, b, c, d))
    return _ORIENTATION_OF_MATRIX.get(signs, UPRIGHT)


def orientation_of_exif(data: bytes) -> int:
    """The orientation in the EXIF of a JPEG's or PNG's bytes, upright where there is none."""
    places = [at + len(mark) for mark in _EXIF_MARKS if (at := data.find(mark)) >= 0]
    tiff = data[min(places) :] if places else b""
    order = _BYTE_ORDERS.get(tiff[:2])
    if order is None or len(tiff) < 10:
        return UPRIGHT
    (start,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, start) if start + 2 <= len(tiff) else (0,)
    for at in range(start + 2, min(start + 2 + 12 * count, len(tiff) - 11), 12):
        tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, at)
        if tag == _ORIENTATION_TAG:
            return value if value in _TURNS else UPRIGHT
    return UPRIGHT
