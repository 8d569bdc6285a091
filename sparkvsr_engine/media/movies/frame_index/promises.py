"""What a movie file promises and does not hold: bytes, frames, and packets that arrived damaged.

Some damage costs frames that nobody can name; it is said as what it is, before anything is rendered.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import IO

_EBML, _SEGMENT = 0x1A45DFA3, 0x18538067
# Packets that are named one by one.
_NAMED = 8


def cut_sentence(path: str, container: str) -> str:
    """A sentence about a file that is shorter than its own header says; empty for any other.

    container: FFmpeg's name of it. Raises OSError.
    """
    with Path(path).open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        claimed = _claimed_bytes(file, container, size)
    if claimed <= size:
        return ""
    return (
        f"{path} is cut short: {size} of {claimed} bytes are there, and frames at its end are lost; copy or"
        " export it again to have them."
    )


def count_sentence(path: str, promised: int, stored: int) -> str:
    """A sentence about frames a header counts and the file does not hold; empty where they agree.

    Args:
        path: of the file.
        promised: frames that the header counts.
        stored: frames that the file holds.
    """
    if promised <= stored:
        return ""
    is_one = promised - stored == 1
    return (
        f"{path} counts {promised} frames and holds {stored}: {promised - stored}"
        f" {'is' if is_one else 'are'} lost, and those behind may come too early; copy or"
        " export it again to have them."
    )


def arrival_sentence(path: str, frames: list[int]) -> str:
    """A sentence about frames whose packets the container marks as damaged; empty for none."""
    if not frames:
        return ""
    listed = ", ".join(map(str, frames[:_NAMED])) + (" and more" if len(frames) > _NAMED else "")
    return (
        f"{path} lost data near frame{'' if len(frames) == 1 else 's'} {listed}: pictures there may be"
        " damaged or missing; copy or record it again to have them whole."
    )


def _claimed_bytes(file: IO[bytes], container: str, size: int) -> int:
    """Bytes the file should have; 0 where its header does not say."""
    try:
        if "avi" in container.split(","):
            return _of_riff(file, size)
        if "matroska" in container:
            return _of_ebml(file)
    except (struct.error, IndexError):
        return 0
    return 0


def _of_riff(file: IO[bytes], size: int) -> int:
    """RIFF pieces follow each other where one would exceed a gigabyte or two (OpenDML)."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        name, length = struct.unpack("<4sI", file.read(8))
        if name != b"RIFF" or not length:
            break
        at += 8 + length
    return at


def _of_ebml(file: IO[bytes]) -> int:
    for expected in (_EBML, _SEGMENT):
        name, length = _element(file)
        if name != expected or length is None:
            return 0
        if expected == _SEGMENT:
            return file.tell() + length
        file.seek(length, 1)
    return 0


def _element(file: IO[bytes]) -> tuple[int, int | None]:
    """(name, bytes of content) of an EBML element; None where a writer did not know the size."""
    first = file.read(1)[0]
    more = 8 - first.bit_length()
    name = int.from_bytes(bytes([first]) + file.read(more), "big")
    first = file.read(1)[0]
    more = 8 - first.bit_length()
    mask = (1 << 7 - more) - 1
    length = int.from_bytes(bytes([first & mask]) + file.read(more), "big")
    unknown = (1 << 7 * (more + 1)) - 1
    return name, None if length == unknown else length
