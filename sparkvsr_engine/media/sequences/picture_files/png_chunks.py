"""Primaries in a PNG's own chunk, which OpenImageIO does not pass on; other chunks overrule it."""

from __future__ import annotations

import struct
from pathlib import Path

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_OVERRULING = (b"cICP", b"iCCP", b"sRGB")
# Chunks before the pixels; a file with more of them is not worth reading on for this.
_MOST_CHUNKS = 64


def png_chromaticities(path: Path) -> tuple[float, ...] | None:
    """x and y of red, green, blue, white by the cHRM chunk; None where there is none, or sRGB's own."""
    chromaticities = None
    with path.open("rb") as file:
        if file.read(8) != _SIGNATURE:
            return None
        for _ in range(_MOST_CHUNKS):
            head = file.read(8)
            if len(head) < 8 or head[4:] in (b"IDAT", *_OVERRULING):
                return chromaticities if head[4:] == b"IDAT" else None
            (length,) = struct.unpack(">I", head[:4])
            if head[4:] == b"cHRM" and length == 32:
                white_x, white_y, *values = (value / 100000 for value in struct.unpack(">8I", file.read(32)))
                chromaticities = (*values, white_x, white_y)
                file.seek(4, 1)
            else:
                file.seek(length + 4, 1)
    return None
