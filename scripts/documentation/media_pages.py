"""Tables of picture formats, movie containers and encoders, from the tables the engine itself goes by."""

from __future__ import annotations

from sparkvsr_engine.media.movies.writing import codec_tables
from sparkvsr_engine.media.sequences.numbering import PICTURE_EXTENSIONS, UNREAD_EXTENSIONS
from sparkvsr_engine.media.sequences.picture_files.formats import FORMATS


def picture_formats() -> str:
    """What each written picture format holds."""
    rows = (
        f"| `{ending}` | {', '.join(form.samples)} | {_yes(form.has_alpha)} | {_yes(form.has_grey)}"
        f" | {'lossy' if form.is_lossy else 'lossless'} |"
        for ending, form in sorted(FORMATS.items())
    )
    head = [
        "| name ends in | samples | alpha | one channel | compression |",
        "| --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*head, *rows])


def pictures_read() -> str:
    """Names of pictures that are read as frames, and of those that are refused by name."""
    return (
        f"Read as frames: {_names(PICTURE_EXTENSIONS)}.\n\n"
        f"Refused by name, with what to convert them to: {_names(UNREAD_EXTENSIONS)}."
    )


def movie_containers() -> str:
    """What each written movie name means."""
    rows = (f"| `{ending}` | {muxer} |" for ending, muxer in sorted(codec_tables.CONTAINERS.items()))
    return "\n".join(["| name ends in | container |", "| --- | --- |", *rows])


def encoders() -> str:
    """Encoders the engine knows more of than their name."""
    names = sorted({*codec_tables.QUALITY, *codec_tables.LOSSLESS, *codec_tables.KEEPS_ALPHA, "dnxhd"})
    rows = (
        f"| `{name}` | {_quality(name)} | {_yes(name in codec_tables.KEEPS_ALPHA)}"
        f" | {_yes(name in codec_tables.LOSSLESS)} |"
        for name in names
    )
    head = ["| `--codec` | `--quality` acts on | alpha | lossless |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *rows])


def _quality(name: str) -> str:
    if name in codec_tables.QUALITY:
        option, best, worst, usual = codec_tables.QUALITY[name]
        return f"{option} {best} (100) to {worst} (1); {usual} where none is given"
    if name.startswith("prores"):
        return "profile: " + ", ".join(profile for _, profile in codec_tables.PRORES_PROFILES)
    if name == "dnxhd":
        return "profile: " + ", ".join(profile for _, profile in codec_tables.DNXHR_PROFILES)
    return "-"


def _names(endings: frozenset[str]) -> str:
    return ", ".join(f"`{ending}`" for ending in sorted(endings))


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"
