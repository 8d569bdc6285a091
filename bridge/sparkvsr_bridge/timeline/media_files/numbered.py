"""Names of numbered pictures, in every spelling that timelines use, and which numbers a folder holds."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import List, Optional, Tuple

_PICTURES = "exr sxr png tif tiff jpg jpeg dpx cin tga bmp webp jp2 j2k jxl hdr sgi ppm pgm"
PICTURE_ENDINGS = tuple(f".{ending}" for ending in _PICTURES.split())

_PLACES = re.compile(
    r"%0?(?P<printf>\d*)d|(?P<hashes>#+)|(?P<ats>@+)|\$F(?P<houdini>\d*)"
    r"|\{\w*(?::0?(?P<braces>\d*)d?)?\}|\[(?P<first>\d+)-(?P<last>\d+)\]"
)
_LAST_NUMBER = re.compile(r"(\d+)(\D*)$")
# What the engine takes for a place of the frame number.
_ENGINE_PLACE = re.compile(r"%0?\d*d|#")


@dataclass(frozen=True)
class NumberedName:
    """`head`, the number, `tail`, in `folder`; digits: the least there are, 1 for unpadded numbers."""

    folder: str
    head: str
    digits: int
    tail: str

    @property
    def pattern(self) -> str:
        """As the engine reads it: a pattern, or the folder where the name itself looks like a pattern."""
        if _ENGINE_PLACE.search(self.head) or _ENGINE_PLACE.search(self.tail):
            return self.folder
        place = f"%0{self.digits}d" if self.digits > 1 else "%d"
        return os.path.join(self.folder, f"{self.head}{place}{self.tail}")


def is_picture(path: str) -> bool:
    """Whether a name is a picture's, by its ending.

    Args:
        path: of a file.
    """
    return os.path.splitext(path)[1].lower() in PICTURE_ENDINGS


def split_pattern(path: str) -> Optional[Tuple[str, str, str, Optional[int]]]:
    """(folder, head, tail, first number where it is named) of a name with a place for the number.

    Args:
        path: with `%04d`, `####` or the like in its name.
    """
    folder, name = os.path.split(path)
    places = list(_PLACES.finditer(name))
    if not places or not is_picture(name):
        return None
    place = places[-1]
    first = int(place["first"]) if place["first"] else None
    return folder, name[: place.start()], name[place.end() :], first


def split_number(path: str) -> Optional[Tuple[str, str, int, str]]:
    """(folder, head, number, tail) of one numbered picture; None for a name without a number.

    Args:
        path: of one picture.
    """
    folder, name = os.path.split(path)
    stem, ending = os.path.splitext(name)
    match = _LAST_NUMBER.search(stem)
    if match is None:
        return None
    return folder, stem[: match.start()], int(match[1]), match[2] + ending


def numbers_in(folder: str, head: str, tail: str) -> Tuple[Optional[NumberedName], List[int]]:
    """The numbered pictures of that name in a folder, whatever their padding; sorted.

    Args:
        folder: the folder.
        head: the name up to the number.
        tail: the name behind it.
    """
    try:
        names = os.listdir(folder)
    except OSError:
        return None, []
    texts = [
        name[len(head) : len(name) - len(tail)]
        for name in names
        if name.startswith(head) and name.endswith(tail) and len(name) > len(head) + len(tail)
    ]
    texts = [text for text in texts if text.isascii() and text.isdigit()]
    if not texts:
        return None, []
    padded = [len(text) for text in texts if text[0] == "0" and len(text) > 1]
    widths = {len(text) for text in texts}
    digits = min(padded) if padded else min(widths)
    usable = [text for text in texts if len(text) == digits or (len(text) > digits and text[0] != "0")]
    return NumberedName(folder, head, digits, tail), sorted(int(text) for text in usable)
