"""Boxes of the ISO base media format (ISO/IEC 14496-12), which MP4, QuickTime and HEIF share."""

from __future__ import annotations

import struct
from collections.abc import Iterator


def boxes_in(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, content) of the boxes that fill some bytes, in order; ends at one whose size is impossible."""
    at = 0
    while at + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        if size < 8:
            return
        yield kind, content[at + 8 : at + size]
        at += size
