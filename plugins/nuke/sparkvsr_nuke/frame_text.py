"""Frame numbers as Nuke's artists write them: `1001-1010 1020 1030-1050x5`. Pure Python, no Nuke."""

from __future__ import annotations

import re
from typing import Iterable, List, Sequence, Tuple

_PART = re.compile(r"^(-?\d+)(?:-(-?\d+)(?:x(\d+))?)?$")
_MOST_FRAMES = 1_000_000


class BadFrames(ValueError):
    """A text that is no frame range; the message names the part and what is allowed."""


def parse_frames(text: str) -> Tuple[int, ...]:
    """The frame numbers of a text, ascending and without repeats; empty for an empty text.

    Parts are separated by spaces or commas: `A`, `A-B`, `A-BxSTEP`. Raises BadFrames.
    """
    frames: set[int] = set()
    for part in text.replace(",", " ").split():
        match = _PART.match(part)
        if match is None:
            raise BadFrames(f"'{part}' is no frame range; write frames as 1001, 1001-1010 or 1001-1050x5.")
        first, last, step = int(match[1]), int(match[2] or match[1]), int(match[3] or 1)
        if last < first or step < 1:
            raise BadFrames(f"'{part}' runs backwards; swap its ends.")
        if (last - first) // step + len(frames) >= _MOST_FRAMES:
            raise BadFrames(f"'{part}' holds more than {_MOST_FRAMES} frames; shorten it.")
        frames.update(range(first, last + 1, step))
    return tuple(sorted(frames))


def parse_range(text: str) -> Tuple[int, int]:
    """First and last frame of a text that is one range without gaps. Raises BadFrames."""
    frames = parse_frames(text)
    if not frames:
        raise BadFrames("The range is empty; write it as 1001-1048.")
    if frames[-1] - frames[0] + 1 != len(frames):
        raise BadFrames(f"The range {text.strip()} has gaps; write one range, such as 1001-1048.")
    return frames[0], frames[-1]


def format_frames(frames: Iterable[int]) -> str:
    """The shortest plain text `parse_frames` reads again: runs of three and more as `A-B`."""
    return " ".join(
        f"{first}-{last}" if last - first > 1 else " ".join(map(str, range(first, last + 1)))
        for first, last in runs(sorted(set(frames)))
    )


def runs(frames: Sequence[int]) -> List[Tuple[int, int]]:
    """Runs of ascending frames that follow one another, as (first, last)."""
    runs: List[Tuple[int, int]] = []
    for frame in frames:
        if runs and frame == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], frame)
        else:
            runs.append((frame, frame))
    return runs
