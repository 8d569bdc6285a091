"""What a movie file promises and does not hold: bytes, frames, and packets that arrived damaged.

Some damage costs frames that nobody can name; it is reported as what it is, before anything is rendered.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import IO

_EBML, _SEGMENT, _CLUSTER = 0x1A45DFA3, 0x18538067, 0x1F43B675
# What may stand behind a packet (RFC 9559): blocks and what belongs to them and their clusters, then elements
# of the whole file.
_ELEMENTS = frozenset(
    {0xA3, 0xA0, 0xA1, 0x9B, 0xFB, 0xFA, 0xFD, 0xA4, 0x75A1, 0x75A2, 0xA2, 0x8E, 0xC8, 0xAF}
    | {0xE7, 0xA7, 0xAB, 0x5854, 0xEC, 0xBF, _CLUSTER, _SEGMENT, _EBML}
    | {0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1C53BB6B, 0x1941A469, 0x1043A770, 0x1254C367}
)
# Elements whose content is read one by one, whose size need not be known.
_BLOCKS = frozenset({0xA3, 0xA1})
_OPEN_ENDED = frozenset({_CLUSTER, _SEGMENT})
_LONGEST_NAME, _LONGEST_LENGTH = 4, 8
_BLOCK_BYTES = 1 << 20
# Packets that are named one by one.
_NAMED = 8


def cut_sentence(path: str, container: str) -> str:
    """A sentence about a file that is shorter than its own header promises; empty for any other.

    container: FFmpeg's name of it. Raises OSError.
    """
    with Path(path).open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        claimed = _claimed_bytes(file, container, size)
    return bytes_sentence(path, size, claimed)


def bytes_sentence(path: str, stored: int, claimed: int) -> str:
    """A sentence about bytes that a file claims and does not hold; empty where they are there.

    Args:
        path: of the file.
        stored: bytes that the file holds.
        claimed: bytes that it should hold at least.
    """
    if claimed <= stored:
        return ""
    return (
        f"{path} is cut short: {stored} of {claimed} bytes are there, and frames at its end are lost; copy or"
        " export it again to have them."
    )


def broken_off_sentence(path: str) -> str:
    """A sentence about a transport stream that ends within one of its packets."""
    return (
        f"{path} is cut short: it ends within a transport packet, and frames at its end are damaged or lost;"
        " copy or record it again to have them."
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


def unread_sentence(path: str, last_place: int) -> str:
    """A sentence about bytes behind a Matroska file's last packet that are no element; empty for none.

    last_place: where the content of the last packet's block begins. Raises OSError.
    """
    with Path(path).open("rb") as file:
        size = file.seek(0, 2)
        place = _end_of_elements(file, _block_before(file, last_place), size)
        file.seek(place)
        is_padding = not any(any(block) for block in iter(lambda: file.read(_BLOCK_BYTES), b""))
    if is_padding:
        return ""
    return (
        f"{path} has {size - place} bytes behind its last frame that cannot be read, and frames may be lost"
        " there; copy or export it again to have them."
    )


def _block_before(file: IO[bytes], content: int) -> int:
    """Where the block begins whose content begins there; the file's end where that is unknown."""
    for length_bytes in range(1, _LONGEST_LENGTH + 1):
        start = content - length_bytes - 1
        file.seek(max(start, 0))
        if start >= 0 and file.read(1)[0] in _BLOCKS:
            try:
                _length(file)
            except IndexError:
                continue
            if file.tell() == content:
                return start
    return file.seek(0, 2)


def _end_of_elements(file: IO[bytes], place: int, size: int) -> int:
    """Where what can be read from an element on ends; at most the file's size."""
    while place < size:
        file.seek(place)
        try:
            name, length = _element(file)
        except IndexError:
            return place
        if name not in _OPEN_ENDED and length is None:
            return place
        end = file.tell() + (0 if name in _OPEN_ENDED else length or 0)
        if name not in _ELEMENTS or end > size:
            return place
        place = end
    return place


def _claimed_bytes(file: IO[bytes], container: str, size: int) -> int:
    """Bytes the file should have; 0 where its header has no size."""
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
    """(name, bytes of content) of an EBML element; None where a writer did not know the size.

    Raises IndexError where none begins here.
    """
    first = file.read(1)[0]
    more = 8 - first.bit_length()
    if more > _LONGEST_NAME - 1:
        raise IndexError
    name = int.from_bytes(bytes([first]) + file.read(more), "big")
    return name, _length(file)


def _length(file: IO[bytes]) -> int | None:
    """Bytes of content; None where a writer did not know. Raises IndexError where no length stands here."""
    first = file.read(1)[0]
    more = 8 - first.bit_length()
    if more > _LONGEST_LENGTH - 1:
        raise IndexError
    mask = (1 << 7 - more) - 1
    length = int.from_bytes(bytes([first & mask]) + file.read(more), "big")
    unknown = (1 << 7 * (more + 1)) - 1
    return None if length == unknown else length
