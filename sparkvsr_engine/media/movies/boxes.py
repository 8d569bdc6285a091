"""A container's facts about its picture that PyAV does not pass on: crops, and Dolby Vision's
configuration.

MP4 and QuickTime keep them as boxes in the picture's sample entry, Matroska as elements of the picture's
track.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO

from sparkvsr_engine.media.contents.iso_boxes import boxes_in
from sparkvsr_engine.media.movies.presentation import Cut

# Boxes to be entered on the way to a sample entry, and bytes before the first child of those that have some.
_ENTERED = {b"moov": 0, b"trak": 0, b"mdia": 0, b"minf": 0, b"stbl": 0, b"stsd": 8}
_PICTURE_ENTRY_BYTES = 78
_LARGEST_ENTRY = 1 << 20
_DOLBY = (b"dvcC", b"dvvC", b"dvwC")

# Matroska: segment, tracks, entry, video; cuts at the bottom, top, left and right; additions and their data.
_SEGMENT, _TRACKS, _TRACK, _VIDEO = 0x18538067, 0x1654AE6B, 0xAE, 0xE0
_CUTS = {0x54AA: "bottom", 0x54BB: "top", 0x54CC: "left", 0x54DD: "right"}
_ADDITION, _ADDITION_DATA, _CLUSTER = 0x41E4, 0x41ED, 0x1F43B675
_INSIDE = {_SEGMENT, _TRACKS, _TRACK, _VIDEO, _ADDITION}


@dataclass(frozen=True)
class PictureBoxes:
    """cut: None where the whole picture is shown. dolby_profile: 0 for none."""

    cut: Cut | None = None
    dolby_profile: int = 0


def read_boxes(path: Path | str, container: str) -> PictureBoxes:
    """From the file's headers; nothing where they cannot be followed."""
    try:
        with Path(path).open("rb") as file:
            if "mov" in container:
                return _of_entries(file)
            if "matroska" in container:
                return _of_elements(file)
    except (OSError, struct.error, IndexError):
        return PictureBoxes()
    return PictureBoxes()


def _of_entries(file: IO[bytes]) -> PictureBoxes:
    file.seek(0, 2)
    for entry in _sample_entries(file, 0, file.tell()):
        children = dict(_children(entry))
        cut = _clean_aperture(children.get(b"clap", b""), entry)
        profile = next((_dolby_profile(children[name]) for name in _DOLBY if name in children), 0)
        if cut or profile:
            return PictureBoxes(cut, profile)
    return PictureBoxes()


def _sample_entries(file: IO[bytes], start: int, end: int) -> Iterator[bytes]:
    """The contents of every sample entry, those of sound included, whose children never bear these names."""
    while start + 8 <= end:
        file.seek(start)
        size, kind = struct.unpack(">I4s", file.read(8))
        head = 8
        if size == 1:
            size, head = struct.unpack(">Q", file.read(8))[0], 16
        size = size or end - start
        if size < head:
            return
        if kind in _ENTERED and kind != b"stsd":
            yield from _sample_entries(file, start + head, min(start + size, end))
        elif kind == b"stsd" and size < _LARGEST_ENTRY:
            content = file.read(size - head)[8:]
            for _, entry in boxes_in(content):
                yield entry
        start += size


def _children(entry: bytes) -> Iterator[tuple[bytes, bytes]]:
    return boxes_in(entry[_PICTURE_ENTRY_BYTES:])


def _clean_aperture(box: bytes, entry: bytes) -> Cut | None:
    if len(box) < 32:
        return None
    numbers = struct.unpack(">iIiIiIiI", box[:32])
    width, height, across, down = (
        Fraction(numbers[place], max(numbers[place + 1], 1)) for place in range(0, 8, 2)
    )
    stored = struct.unpack_from(">2H", entry, 24)
    if (round(width), round(height)) == stored or not (0 < width <= stored[0] and 0 < height <= stored[1]):
        return None
    text = f"{float(width):g}x{float(height):g} of {stored[0]}x{stored[1]}"
    aside, above = (stored[0] - width) / 2, (stored[1] - height) / 2
    return Cut(text, aside + across, above + down, aside - across, above - down)


def _dolby_profile(box: bytes) -> int:
    return box[2] >> 1 if len(box) > 3 else 0


def _of_elements(file: IO[bytes]) -> PictureBoxes:
    cuts: dict[str, int] = {}
    profile = 0
    for name, content in _elements(file):
        if name in _CUTS and int.from_bytes(content, "big"):
            cuts[_CUTS[name]] = int.from_bytes(content, "big")
        elif name == _ADDITION_DATA and len(content) == 24:
            profile = _dolby_profile(content)
    if not cuts:
        return PictureBoxes(None, profile)
    text = ", ".join(f"{count} pixels {side}" for side, count in cuts.items())
    left, top, right, bottom = (Fraction(cuts.get(side, 0)) for side in ("left", "top", "right", "bottom"))
    return PictureBoxes(Cut(text, left, top, right, bottom), profile)


def _elements(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Elements below the tracks, up to the first pictures."""
    while True:
        name, size = _number(file, keeps_marker=True), _number(file, keeps_marker=False)
        if name is None or size is None or name == _CLUSTER:
            return
        if name in _INSIDE:
            continue
        if name in _CUTS or name == _ADDITION_DATA:
            yield name, file.read(size)
        else:
            file.seek(size, 1)


def _number(file: IO[bytes], keeps_marker: bool) -> int | None:
    """One of EBML's numbers, whose first bit that is set gives the number of its bytes."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    more = 8 - first[0].bit_length()
    head = first[0] if keeps_marker else first[0] & (1 << 7 - more) - 1
    return int.from_bytes(bytes([head]) + file.read(more), "big")
