"""What a track is called and what it is for: what of that a container holds. No file is opened here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from av.stream import Disposition

# QuickTime's files number languages. FFmpeg spells the numbers so, some of them unlike ISO 639-2.
_NUMBERED = (
    "eng fra ger ita dut sve spa dan por nor heb jpn ara fin gre ice mlt tur chi urd hin tha kor lit pol hun"
    " est lav rus alb ron ces slk slv yid mac bul ukr bel uzb kaz aze arm geo kir tgk tuk mon pus kur kas snd"
    " tib nep san mar ben asm guj ori mal kan tam tel bur khm lao vie ind tgl may amh tir orm som swa run mlg"
    " epo wel baq cat lat que grn aym tat uig dzo jav"
)
# ISO 639-2's other code of the same language, or its own where FFmpeg has another.
_ALSO_CALLED = {
    "fre": "fra", "deu": "ger", "nld": "dut", "swe": "sve", "ell": "gre", "isl": "ice", "zho": "chi",
    "sqi": "alb", "rum": "ron", "cze": "ces", "slo": "slk", "mkd": "mac", "hye": "arm", "kat": "geo",
    "bod": "tib", "mya": "bur", "msa": "may", "cym": "wel", "eus": "baq", "hrv": "hr ", "srp": "sr ",
}  # fmt: skip
_PURPOSES = {
    Disposition.dub: "a dub",
    Disposition.original: "the original language",
    Disposition.comment: "commentary",
    Disposition.lyrics: "lyrics",
    Disposition.karaoke: "karaoke",
    Disposition.forced: "forced",
    Disposition.hearing_impaired: "for the deaf",
    Disposition.visual_impaired: "for the visually impaired",
}
_KEPT_PURPOSES = {
    "mp4": {Disposition.dub, Disposition.comment, Disposition.forced}
    | {Disposition.hearing_impaired, Disposition.visual_impaired},
    "mov": set[Disposition](),
    "webm": {Disposition.forced},
    "matroska": set(_PURPOSES) - {Disposition.lyrics, Disposition.karaoke},
}
_MAKES_ROOM = "; choose a .mkv target to keep it"


def written_language(language: str, container: str) -> str:
    """A language as a container's writer takes it, the same where it knows no other code for it.

    Args:
        language: ISO 639-2's code.
        container: FFmpeg's name.
    """
    return _ALSO_CALLED.get(language, language) if container == "mov" else language


def words_lost(stream: Any, container: str, label: str) -> Iterator[str]:
    """Sentences about a track's language and purposes that a container cannot hold.

    Args:
        stream: of the source.
        container: FFmpeg's name.
        label: what the track is called.
    """
    language = stream.metadata.get("language", "und")
    is_numbered = language in (*_ALSO_CALLED, *_NUMBERED.split(), "und", "")
    if container == "mov" and not is_numbered:
        yield f"{label}: this container has no code for its language and leaves it out{_MAKES_ROOM}."
    purposes = _KEPT_PURPOSES.get(container, set(_PURPOSES))
    lost = [
        word
        for purpose, word in _PURPOSES.items()
        if purpose in stream.disposition and purpose not in purposes
    ]
    if lost:
        advice = "" if container == "matroska" else _MAKES_ROOM
        yield f"{label} is marked as {', '.join(lost)}, which this container cannot hold{advice}."
