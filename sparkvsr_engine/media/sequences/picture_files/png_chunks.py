"""Chunks of a PNG that OpenImageIO does not read or write as they are: primaries, text beyond ASCII.

Source: the PNG specification, third edition: cHRM 11.3.2.1, iTXt 11.3.3.4.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
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


# The specification's own keywords for what OpenImageIO calls otherwise.
_KEYWORDS = {"ImageDescription": "Description", "Artist": "Author", "DocumentName": "Title"}
_LONGEST_KEYWORD = 79


def add_texts(path: Path, texts: Mapping[str, str]) -> None:
    """Put text into a PNG as UTF-8, before its pixels; OpenImageIO would write it as Latin-1, garbled.

    texts: OpenImageIO's name -> text. Raises OSError.
    """
    content = path.read_bytes()
    at = content.find(b"IDAT") - 4
    if not texts or at < len(_SIGNATURE):
        return
    chunks = b"".join(_text_chunk(_KEYWORDS.get(name, name), text) for name, text in texts.items())
    path.write_bytes(content[:at] + chunks + content[at:])


def _text_chunk(keyword: str, text: str) -> bytes:
    name = keyword.encode("latin-1", "replace")[:_LONGEST_KEYWORD]
    # After the keyword: not compressed, no language, no translated keyword.
    body = b"iTXt" + name + b"\0\0\0\0\0" + text.encode()
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
