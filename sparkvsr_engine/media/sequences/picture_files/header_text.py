"""Header values that are none: text that is no UTF-8, and items of a DPX header that is shorter than usual.

DPX (SMPTE 268M) begins with 1664 bytes that describe the picture, 256 about film and 128 about television.
A file may begin its pixels before these two, as FFmpeg's do; OpenImageIO reads them all the same.
"""

from __future__ import annotations

import struct
from pathlib import Path

_FILM_END, _TELEVISION_END = 1920, 2048
_FILM = frozenset(
    {
        "smpte:KeyCode",
        "dpx:FilmEdgeCode",
        "dpx:Format",
        "dpx:FramePosition",
        "dpx:SequenceLength",
        "dpx:HeldCount",
        "dpx:FrameRate",
        "dpx:ShutterAngle",
        "dpx:FrameId",
        "dpx:SlateInfo",
    }
)
_TELEVISION = frozenset(
    {
        "smpte:TimeCode",
        "dpx:TimeCode",
        "dpx:UserBits",
        "dpx:Interlace",
        "dpx:FieldNumber",
        "dpx:Signal",
        "dpx:HorizontalSampleRate",
        "dpx:VerticalSampleRate",
        "dpx:TemporalFrameRate",
        "dpx:TimeOffset",
        "dpx:Gamma",
        "oiio:Gamma",
        "dpx:BlackLevel",
        "dpx:BlackGain",
        "dpx:BreakPoint",
        "dpx:WhiteLevel",
        "dpx:IntegrationTimes",
    }
)


def items_outside_header(path: Path) -> frozenset[str]:
    """Names of the items OpenImageIO reads from a DPX's pixels; none for other files.

    Raises OSError.
    """
    with path.open("rb") as file:
        start = file.read(8)
    order = {b"SDPX": ">", b"XPDS": "<"}.get(start[:4])
    if order is None or len(start) < 8:
        return frozenset()
    pixels_at = struct.unpack(f"{order}I", start[4:])[0]
    film = _FILM if pixels_at < _FILM_END else frozenset[str]()
    return film | _TELEVISION if pixels_at < _TELEVISION_END else film


def readable_text(text: str) -> str:
    """A header's text; bytes that are no UTF-8, which come as lone surrogates, are taken for Latin-1."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="surrogateescape").decode("latin-1")
    return text
