# SPDX-License-Identifier: Apache-2.0
"""From a host's list of file names to one numbered run, as the engine reads it. Names only, no files."""

from __future__ import annotations

import dataclasses
import re
from typing import Optional, Sequence

_LAST_NUMBER = re.compile(r"(\d+)(\D*)$")


@dataclasses.dataclass(frozen=True)
class NumberedRun:
    """Pictures whose numbers follow one another.

    pattern: file name with `%04d` in the number's place; the name itself for a single picture without one.
    first: number of the first picture.
    """

    pattern: str
    first: int

    def name_of(self, number: int) -> str:
        """The file name of a frame.

        Args:
            number: the frame's number.
        """
        return self.pattern % number if "%" in self.pattern else self.pattern


def numbered_run(names: Sequence[str]) -> Optional[NumberedRun]:
    """The run that these names are, in order; None when their numbers do not follow one another.

    A name that itself holds `%` or `#` is no run: the engine would read them as the number's place.

    Args:
        names: names of files.
    """
    if not names or any(mark in name for name in names[:1] for mark in "%#"):
        return None
    stem, dot, extension = names[0].rpartition(".")
    number_match = _LAST_NUMBER.search(stem)
    if number_match is None:
        return NumberedRun(names[0], 0) if len(names) == 1 else None
    digits = number_match[1]
    pattern = f"{stem[: number_match.start()]}%0{len(digits)}d{number_match[2]}{dot}{extension}"
    run = NumberedRun(pattern, int(digits))
    is_run = all(name == run.name_of(run.first + index) for index, name in enumerate(names))
    return run if is_run else None


def number_in_name(name: str) -> Optional[int]:
    """The last number in a file's name, as in `face_key.0132.png`; None when there is none.

    Args:
        name: of the file.
    """
    number_match = _LAST_NUMBER.search(name.rpartition(".")[0])
    return int(number_match[1]) if number_match else None
