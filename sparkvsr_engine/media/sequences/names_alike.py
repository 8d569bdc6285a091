"""Files whose names differ from a pattern's by padding, letters or the spelling of their kind alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path

# Two spellings of one kind of file.
_SAME_KIND = {"jpeg": "jpg", "jpe": "jpg", "jfif": "jpg", "tiff": "tif"}
_NUMBER = re.compile(r"-?\d+")


def names_alike(names: Iterable[str], head: str, tail: str) -> dict[str, int]:
    """Name -> frame of those that are `head`, a number of any padding and `tail`, in letters of any size.

    Args:
        names: of files.
        head: what stands before a pattern's number.
        tail: what stands behind it.
    """
    start, end = head.lower(), _plain(tail)
    numbers: dict[str, int] = {}
    for name in names:
        lowered = _plain(name)
        text = lowered[len(start) : len(lowered) - len(end)]
        if lowered.startswith(start) and lowered.endswith(end) and text.isascii() and _NUMBER.fullmatch(text):
            numbers[name] = int(text)
    return numbers


def unread_note(pattern: str, names: dict[str, int], numbers: Collection[int]) -> str:
    """The sentence about frames that a pattern leaves out because of their spelling; empty without any.

    Args:
        pattern: as people read it.
        names: what `names_alike` gives.
        numbers: the frames of the pattern.
    """
    unread = sorted((number, name) for name, number in names.items() if number not in numbers)
    if not unread:
        return ""
    more = f" and {len(unread) - 1} more" if len(unread) > 1 else ""
    verb = "are" if more else "is"
    return (
        f"{unread[0][1]}{more} beside {pattern} {verb} spelled with other digits or letters and not read;"
        " rename them alike to have them rendered too."
    )


def first_alike(folder: Path, head: str, tail: str) -> str:
    """The file of the lowest frame that is spelled otherwise; empty where there is none.

    Args:
        folder: of the files.
        head: what stands before a pattern's number.
        tail: what stands behind it.
    """
    names = names_alike((entry.name for entry in folder.iterdir()), head, tail)
    return min(names, key=lambda name: (names[name], name), default="")


def _plain(name: str) -> str:
    """A name, or its end, in small letters and one spelling of its kind."""
    stem, dot, extension = name.lower().rpartition(".")
    return stem + dot + _SAME_KIND.get(extension, extension)
