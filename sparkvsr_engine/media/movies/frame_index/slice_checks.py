"""Frames of FFV1 that are damaged by checksums in their packets; FFmpeg conceals them without a mark.

Source: RFC 9043, section 4.9: every slice ends with its size (3 bytes), and where the stream has checksums
with a status (1 byte) and a CRC-32 (4 bytes) that makes the whole slice's remainder 0.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any

_SIZE_BYTES, _CHECK_BYTES = 3, 5
# The format's CRC takes bits from the highest, zlib's from the lowest: bytes are turned round first.
_TURNED = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))
# zlib starts from all ones and turns the result: so it starts from 0, and 0 comes out as all ones.
_NOTHING = 0xFFFFFFFF


def is_whole(content: bytes) -> bool:
    """Whether all slices of a packet have the checksum they name; False too where they name none."""
    end = len(content)
    while end > 0:
        at = end - _SIZE_BYTES - _CHECK_BYTES
        if at < 0:
            return False
        start = at - int.from_bytes(content[at : at + _SIZE_BYTES], "big")
        if start < 0 or zlib.crc32(content[start:end].translate(_TURNED), _NOTHING) != _NOTHING:
            return False
        end = start
    return True


@dataclass
class SliceChecks:
    """Which packets of an FFV1 stream are damaged.

    A stream without checksums has no packet that is whole by them, and nothing is known of it.
    """

    _has_checks: bool = False
    _damaged: list[int] = field(default_factory=list[int])
    _is_spoilt: bool = False

    def add(self, packet: Any, ordinal: int) -> None:
        """The next packet; damage lasts until a keyframe, as frames between go on from each other."""
        whole = is_whole(bytes(packet))
        self._has_checks |= whole
        self._is_spoilt = not whole or (self._is_spoilt and not packet.is_keyframe)
        if self._is_spoilt:
            self._damaged.append(ordinal)

    @property
    def damaged(self) -> list[int]:
        """Ordinals, rising."""
        return self._damaged if self._has_checks else []
