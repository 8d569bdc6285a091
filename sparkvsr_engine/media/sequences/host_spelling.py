"""How other programs write the frames of a sequence in its name: refused with the spelling that is read."""

from __future__ import annotations

import re
from pathlib import Path

from bridge.errors import MediaUnreadable

_RANGE = r"(?<!\d)\d+-\d+(?:x\d+)?"
# `[0001-0003]`, `{frame:04d}`, `<F4>`, `*`, `????`, `$FF`, `1-3@@@@`, `1001-1003`.
_PLACES = (r"\[[\d,:-]+\]", r"\{[^{}/]*\}", r"<\w+>", r"\*+", r"\?+", r"\$FF?\d*", _RANGE + r"[@#]*(?!\d)")
_PLACE = re.compile("|".join(_PLACES))
_ENDING_RANGE = re.compile(_RANGE + "$")
# Digits where a name does not tell how many.
_USUAL_DIGITS = 4


def ends_in_a_range(head: str) -> bool:
    """Whether what stands before a place for the number is a range, as in `a.1-3#.exr`."""
    return _ENDING_RANGE.search(head) is not None


def require_known_spelling(path: str) -> None:
    """Raise MediaUnreadable for frames that are named in another program's way, where no such file is."""
    name = Path(path).name
    place = _PLACE.search(name)
    if place is None or Path(path).is_file():
        return
    numbers = re.findall(r"\d+", place[0]) if "-" in place[0] else []
    padded = len(numbers[0]) if numbers and "#" not in place[0] else _USUAL_DIGITS
    digits = place[0].count("@") or padded
    advice = f"{name[: place.start()]}%0{digits}d{name[place.end() :]}"
    if len(numbers) > 1:
        advice += f" and --frames {int(numbers[0])}-{int(numbers[1])}"
    raise MediaUnreadable(
        f"{path} names its frames by {place[0]}, which is not read here; write {advice}.", path=path
    )
