"""How other programs write the frames of a sequence in its name: refused with the spelling that is read."""

from __future__ import annotations

import re
from pathlib import Path

from sparkvsr_bridge.errors import MediaUnreadable

_RANGE = r"(?<!\d)\d+-\d+(?:x\d+)?"
# `%04d.png 1001-1003`, `[0001-0003]`, `${F4}`, `$N4`, `{frame:04d}`, `<F4>`, `*`, `????`, `$FF`, `%04i`,
# `1-3@@@@`, `1001-1003`.
_PLACES = (
    r"(?:%0?\d*d|#+|@+)(?=.* " + _RANGE + "$)",
    r"\[[\d,:-]+\]",
    r"`?\$\{?(?:FF?|N)\d*\}?`?",
    r"\{[^{}/]*\}",
    r"<\w+>",
    r"\*+",
    r"\?+",
    r"%0?\d*i",
    _RANGE + r"[@#]*(?!\d)",
)
_RANGE_BEHIND = re.compile(f" ({_RANGE})$")
_PLACE = re.compile("|".join(_PLACES))
_ENDING_RANGE = re.compile(_RANGE + "$")
# Digits where a name does not show how many.
_USUAL_DIGITS = 4


def ends_in_a_range(head: str) -> bool:
    """Whether what stands before a place for the number is a range, as in `a.1-3#.exr`."""
    return _ENDING_RANGE.search(head) is not None


def require_known_spelling(path: str) -> None:
    """Raise MediaUnreadable for frames that are named in another program's way, where no such file is."""
    place = _PLACE.search(Path(path).name)
    if place is None or Path(path).is_file():
        return
    raise MediaUnreadable(
        f"{path} names its frames by {place[0]}, which is not read here; write {known_spelling(path)}.",
        path=path,
    )


def known_spelling(path: str) -> str:
    """A name with the place for its number as it is read here; the name itself where it has no such place."""
    name = Path(path).name
    place = _PLACE.search(name)
    if place is None:
        return name
    behind = _RANGE_BEHIND.search(name)
    within = behind[1] if behind else place[0]
    numbers = re.findall(r"\d+", within) if "-" in within or ".." in within else []
    between = name[place.end() : behind.start() if behind else None]
    advice = f"{name[: place.start()]}{_place_read(place[0], numbers)}{between}"
    if len(numbers) > 1:
        advice += f" and --frames {int(numbers[0])}-{int(numbers[1])}"
    return advice


def _place_read(place: str, numbers: list[str]) -> str:
    if place[0] in "%#@" and not place.endswith("i"):
        return place
    named = re.search(r"([1-9])\D*$", place) if place[0] in "$`{<%" else None
    padded = len(numbers[0]) if numbers and "#" not in place else int(named[1]) if named else _USUAL_DIGITS
    return f"%0{place.count('@') or padded}d"
