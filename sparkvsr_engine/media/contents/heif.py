"""HEIF and AVIF pictures, as phones and browsers write them: what of one FFmpeg would not read.

Boxes of ISO/IEC 23008-12: items and their types in `iinf`, their properties in `iprp`. FFmpeg gives each tile
of a picture as a picture of its own, and neither alpha nor an ICC profile.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_engine.media.contents.iso_boxes import boxes_in

_BRANDS = frozenset({b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"})
_TILED = frozenset({b"grid", b"iovl", b"tili"})
_ALPHA = (b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1")
_PROFILES = (b"prof", b"rICC")
_LARGEST_BRANDS, _LARGEST_META = 1 << 12, 1 << 24


def heif_notes(path: str) -> tuple[str, ...]:
    """Sentences about what of a HEIF picture is left out; none for any other file.

    Raises MediaUnreadable for one that is put together from tiles or layers.
    """
    try:
        meta = _meta(Path(path))
    except (OSError, struct.error):
        return ()
    if _TILED & set(_item_types(meta)):
        raise MediaUnreadable(
            f"{path} is a HEIF picture put together from tiles, of which one alone could be read; save it as"
            " .png, .tif or .jpg.",
            path=path,
        )
    return tuple(_property_notes(path, list(_properties(meta))))


def _property_notes(path: str, properties: list[tuple[bytes, bytes]]) -> Iterator[str]:
    if any(kind == b"auxC" and content[4:].startswith(_ALPHA) for kind, content in properties):
        yield f"The alpha channel of {path} is not read; save it as .png or .tif to keep it."
    if any(kind == b"colr" and content[:4] in _PROFILES for kind, content in properties):
        yield (
            f"The colour profile of {path} is not read, so its colours are taken for sRGB; save it as .png or"
            " .tif to have them as they are meant."
        )


def _meta(path: Path) -> bytes:
    """What the file's own `meta` box holds; empty for a file of another kind."""
    with path.open("rb") as file:
        for kind, size in _own_boxes(file):
            if kind == b"ftyp":
                brands = file.read(min(size, _LARGEST_BRANDS))
                if not {brands[at : at + 4] for at in range(0, len(brands), 4)} & _BRANDS:
                    return b""
            elif kind == b"meta":
                return file.read(min(size, _LARGEST_META))[4:]
    return b""


def _own_boxes(file: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """(kind, bytes of content) of the file's own boxes, `ftyp` first; the file stands at that content."""
    at = 0
    while len(head := file.read(8)) == 8:
        size, kind = struct.unpack(">I4s", head)
        if size < 8 or (at == 0 and kind != b"ftyp"):
            return
        yield kind, size - 8
        at += size
        file.seek(at)


def _item_types(meta: bytes) -> Iterator[bytes]:
    for content in _contents(meta, b"iinf"):
        # Version and flags, then a count of two bytes or, from version 1 on, of four.
        for _, entry in boxes_in(content[6 if content[:1] == b"\0" else 8 :]):
            at = 8 if entry[:1] == b"\2" else 10
            yield entry[at : at + 4]


def _properties(meta: bytes) -> Iterator[tuple[bytes, bytes]]:
    for properties in _contents(meta, b"iprp"):
        for content in _contents(properties, b"ipco"):
            yield from boxes_in(content)


def _contents(boxes: bytes, kind: bytes) -> Iterator[bytes]:
    """The contents of all boxes of a kind."""
    return (content for name, content in boxes_in(boxes) if name == kind)
