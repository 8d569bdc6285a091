"""How numbered pictures are named, and which of them a folder holds. No picture is opened here."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from sparkvsr_bridge.errors import InvalidSettings, MediaUnreadable
from sparkvsr_engine.core.frames import FrameSpan, describe_frames
from sparkvsr_engine.media.faults import media_faults
from sparkvsr_engine.media.sequences.host_spelling import ends_in_a_range, require_known_spelling
from sparkvsr_engine.media.sequences.names_alike import first_alike, names_alike, unread_note
from sparkvsr_engine.media.sequences.spelling import spelled

PICTURE_EXTENSIONS = frozenset(
    {
        ".exr",
        ".sxr",
        ".png",
        ".tif",
        ".tiff",
        ".jpg",
        ".jpeg",
        ".dpx",
        ".cin",
        ".tga",
        ".bmp",
        ".webp",
        ".jp2",
        ".j2k",
        ".jxl",
        ".hdr",
        ".sgi",
        ".ppm",
        ".pgm",
        ".pbm",
        ".pnm",
        ".pfm",
        ".psd",
        ".psb",
        ".pdd",
        ".tx",
        ".jpe",
        ".jfif",
        ".mxr",
        ".iff",
        ".pic",
        ".rla",
        ".rgb",
        ".rgba",
        ".fits",
        ".dds",
        ".ico",
        ".j2c",
        ".jph",
        ".rgbe",
    }
)
"""Numbered files with these names are pictures, whether or not every one of them can be read or written."""

UNREAD_EXTENSIONS = frozenset(
    {
        ".avif",
        ".heic",
        ".heif",
        ".gif",
        ".svg",
        ".pdf",
        ".cr2",
        ".cr3",
        ".nef",
        ".arw",
        ".dng",
        ".raf",
        ".orf",
        ".rw2",
    }
)
"""Pictures that are no numbered frames here, so that they are refused for what they are."""

# `%04d`, `####`; between dots also `@@@@` and `$F4`, which are letters of ordinary names elsewhere.
_PLACE = re.compile(r"%0?(\d*)d|(#+)|(?:(?<=[._-])|^)(?:(@+)|\$F(\d?))(?=[._])")
_VIEWS = re.compile(r"%[vV]")
# A dash is a sign where a separator stands before it: `a.-0003.png`, but not `shot-0003.png`.
_LAST_NUMBER = re.compile(r"((?:(?<=[._ ])|^)-\d+|\d+)(\D*)$")
_NUMBER_BEFORE_LAST = re.compile(r"(\d+)(\D+\d+\D*)$")


@dataclass(frozen=True)
class NumberedPattern:
    """`head`, the number padded with zeros to at least `digits`, `tail`; all in `folder`.

    only: the one file that counts, for a single picture; its number is 0 when `digits` is 0.
    negative_digits: of numbers below 0, without the sign; None where it counts among `digits`, as in `%04d`.
    """

    folder: Path
    head: str
    digits: int
    tail: str
    only: str = ""
    negative_digits: int | None = None

    @classmethod
    def parse(cls, path: str) -> NumberedPattern | None:
        """The pattern of `plate.%04d.exr`, `plate.####.png`, `plate.@@@@.exr` or `plate.$F4.exr`; None for a
        name without a place for a number.

        Raises InvalidSettings when it has more than one, or a place for views.
        """
        folder, name = os.path.split(path)
        if _VIEWS.search(path):
            raise InvalidSettings(
                f"{path} stands for several views; name the files of one view, and the others in"
                " jobs of their own."
            )
        places = list(_PLACE.finditer(name))
        # Beside a `%04d` the others are letters of the name: `shot#3.%04d.exr`.
        places = [place for place in places if place[0][0] == "%"] or places
        if not places:
            return None
        if len(places) > 1:
            raise InvalidSettings(
                f"{path} has {len(places)} places for the frame number; give it one, such as %04d."
            )
        place = places[0]
        if ends_in_a_range(name[: place.start()]):
            require_known_spelling(path)
        digits = len(place[2] or place[3] or "") or int(place[1] or place[4] or 1)
        return cls(Path(folder or "."), name[: place.start()], digits, name[place.end() :])

    def __str__(self) -> str:
        place = f"%0{self.digits}d" if self.digits > 1 else "%d"
        return str(self.folder / (self.only or f"{self.head}{place}{self.tail}"))

    @property
    def extension(self) -> str:
        """The file extension, lower case, with its dot."""
        # Of a whole name: ".png" alone, what follows the number, counts as a name without one.
        return self.path_of(0).suffix.lower()

    def path_of(self, number: int) -> Path:
        """The file of a frame."""
        return self.folder / (self.only or f"{self.head}{self._text_of(number)}{self.tail}")

    def number_of(self, name: str) -> int | None:
        """The frame a file name stands for; None when it is not of this pattern."""
        if self.only and spelled(name) != spelled(self.only):
            return None
        name, head, tail = spelled(name), spelled(self.head), spelled(self.tail)
        if not (name.startswith(head) and name.endswith(tail)):
            return None
        text = name[len(head) : len(name) - len(tail)]
        if self.only and not text:
            return 0
        if not text.isascii() or not text.removeprefix("-").isdigit():
            return None
        # Both ways to pad numbers below 0 are taken: -003 and -0003 of four digits.
        number = int(text)
        return number if text in (_padded(number, self.digits, way) for way in (None, self.digits)) else None

    def _text_of(self, number: int) -> str:
        return _padded(number, self.digits, self.negative_digits)

    def as_spelled(self) -> NumberedPattern:
        """The same, with the digits that numbers below 0 have in its folder.

        Raises MediaUnreadable when they have both.
        """
        if self.only:
            return self
        with media_faults(self.folder, writing=False):
            names = [entry.name for entry in os.scandir(self.folder)]
        below = [name for name in names if "-" in name and (self.number_of(name) or 0) < 0]
        ways = [replace(self, negative_digits=way) for way in (None, self.digits)]
        fitting = [way for way in ways if all(way.path_of(way.number_of(n) or 0).name == n for n in below)]
        if fitting:
            return fitting[0]
        raise MediaUnreadable(
            f"{self} has numbers below 0 of different lengths, such as {below[0]}; rename them alike.",
            path=str(self),
        )

    def numbers(self) -> list[int]:
        """The frames that are there, sorted.

        Raises MediaUnreadable when there are none.
        """
        with media_faults(self.folder, writing=False):
            names = [entry.name for entry in os.scandir(self.folder) if not entry.is_dir()]
        numbers = sorted(number for name in names if (number := self.number_of(name)) is not None)
        if not numbers:
            raise MediaUnreadable(f"no file matches {self}; {self._advice()}.", path=str(self))
        return numbers

    def _advice(self) -> str:
        alike = first_alike(self.folder, self.head, self.tail)
        if alike:
            return f"{alike} is there: write its digits and its capital and small letters"
        return "check the path and the number of digits"

    def unread_note(self, numbers: Collection[int]) -> str:
        """The sentence about files beside it that differ in padding or letters alone; empty without any.

        Args:
            numbers: the frames that are there.
        """
        if self.only:
            return ""
        with media_faults(self.folder, writing=False):
            names = names_alike(_names_in(self.folder), self.head, self.tail)
        return unread_note(str(self), names, numbers)


def sequence_in(folder: Path) -> NumberedPattern:
    """The one numbered sequence of pictures in a folder.

    Raises MediaUnreadable when there is none or more than one, with what was numbers.
    """
    with media_faults(folder, writing=False):
        names = sorted(entry.name for entry in os.scandir(folder) if entry.is_file())
    groups = _groups(names)
    if len(groups) > 1 and all(len(texts) == 1 for texts in groups.values()):
        # The last number is a version where it never changes: `shot_0001_v002.exr`.
        groups = _single(_groups(names, before_last=True)) or groups
    patterns = [_pattern_of(folder, head, tail, texts) for (head, tail), texts in groups.items()]
    if len(patterns) == 1:
        return patterns[0]
    if not patterns:
        raise MediaUnreadable(
            f"{folder} holds no numbered pictures; name a movie or a pattern such as plate.%04d.exr.",
            path=str(folder),
        )
    listed = "; ".join(f"{pattern} ({describe_frames(pattern.numbers())})" for pattern in patterns[:6])
    raise MediaUnreadable(
        f"{folder} holds {len(patterns)} numbered sequences: {listed}; name the one you mean.",
        path=str(folder),
    )


def require_no_gap(pattern: NumberedPattern, numbers: Iterable[int], span: FrameSpan) -> None:
    """Raise MediaUnreadable that names the frames of `span` that are not among `numbers`.

    Args:
        pattern: how the files are named.
        numbers: of the files.
        span: the frames.
    """
    missing = sorted(set(span) - set(numbers))
    if not missing:
        return
    verb = "is" if len(missing) == 1 else "are"
    what = "frame" if len(missing) == 1 else "frames"
    if alike := _spelled_otherwise(pattern, missing[0]):
        raise MediaUnreadable(
            f"{what} {describe_frames(missing)} {verb} missing of {pattern}: {alike} is there, in other"
            " digits or letters; rename such files.",
            path=str(pattern),
            frames=missing[:1000],
        )
    raise MediaUnreadable(
        f"{what} {describe_frames(missing)} {verb} missing of {pattern}; supply them or narrow --frames.",
        path=str(pattern),
        frames=missing[:1000],
    )


def _spelled_otherwise(pattern: NumberedPattern, number: int) -> str:
    """A file that would be the frame's but for its padding or letters; empty where there is none."""
    if not pattern.folder.is_dir():
        return ""
    names = names_alike(_names_in(pattern.folder), pattern.head, pattern.tail)
    return next((name for name in sorted(names) if names[name] == number), "")


def _names_in(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir()]


def _single(groups: dict[tuple[str, str], list[str]]) -> dict[tuple[str, str], list[str]]:
    """The groups where they are one, else none."""
    return groups if len(groups) == 1 else {}


def _groups(names: Iterable[str], before_last: bool = False) -> dict[tuple[str, str], list[str]]:
    """(head, tail) -> the numbers as they are written; pictures only, unfinished files left out.

    before_last: by the number before the last one of each name.
    """
    number = _NUMBER_BEFORE_LAST if before_last else _LAST_NUMBER
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in names:
        stem, extension = Path(name).stem, Path(name).suffix
        if extension.lower() not in PICTURE_EXTENSIONS or stem.endswith(".partial") or name.startswith("."):
            continue
        digits = number.search(stem)
        if digits:
            groups[stem[: digits.start()], digits[2] + extension].append(digits[1])
    return groups


def _pattern_of(folder: Path, head: str, tail: str, texts: list[str]) -> NumberedPattern:
    # Numbers below 0 are padded in either way; those above show the width.
    texts = [text for text in texts if text[0] != "-"] or [text[1:] for text in texts]
    widths = {len(text) for text in texts}
    padded = any(text[0] == "0" and len(text) > 1 for text in texts) or len(widths) == 1
    return NumberedPattern(folder, head, min(widths) if padded else 1, tail)


def _padded(number: int, digits: int, negative_digits: int | None) -> str:
    if number < 0 and negative_digits is not None:
        return f"-{-number:0{negative_digits}d}"
    return f"{number:0{digits}d}"
