"""What a file holds by its first bytes, for those whose name is wrong."""

from __future__ import annotations

from pathlib import Path

_HEAD_BYTES = 512
_UNPACK = "unpack it and name what lies in it"
_CONVERT = "save it as .png, .tif or .jpg"
_RENAME = "give it the extension of a movie, such as .mp4, .mov or .mkv"
# First bytes, where they stand, what such a file is, and what to do with it.
_FOREIGN = (
    (0, b"version https://git-lfs", "a Git LFS pointer, whose content is not here yet", "run 'git lfs pull'"),
    (0, b"PK\x03\x04", "a ZIP archive", _UNPACK),
    (0, b"\x1f\x8b", "a gzip archive", _UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (0, b"Rar!", "a RAR archive", _UNPACK),
    (0, b"%PDF", "a PDF", "export its pages as pictures"),
)
# No surprise but in a file that is named as a picture.
_MOVIES = (
    (0, b"\x1aE\xdf\xa3", "a Matroska or WebM movie", _RENAME),
    (8, b"AVI ", "an AVI movie", _RENAME),
    (8, b"avif", "an AVIF picture", _CONVERT),
    (8, b"heic", "a HEIF picture", _CONVERT),
    (8, b"heix", "a HEIF picture", _CONVERT),
    (8, b"mif1", "a HEIF picture", _CONVERT),
    (4, b"ftyp", "an MP4 or QuickTime movie", _RENAME),
)
_PAGES = (b"<!doctype html", b"<html")


def content_of(path: Path, is_named_as_picture: bool) -> tuple[str, str]:
    """(what a file is, what to do with it) where its name misleads; both empty where nothing is recognised.

    Args:
        path: of a file that could not be read.
        is_named_as_picture: whether its name promises a picture rather than a movie.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return "", ""
    if head.lstrip().lower().startswith(_PAGES):
        return "a web page", "get the file itself"
    heads = (*_FOREIGN, *_MOVIES) if is_named_as_picture else _FOREIGN
    matches = ((what, advice) for at, start, what, advice in heads if head[at : at + len(start)] == start)
    return next(matches, ("", ""))
