"""From the paths a Read evaluates to, frame by frame, to the one pattern the engine reads. Pure Python."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import List, Mapping, Optional

MOVIES = (".mov", ".mp4", ".m4v", ".mkv", ".avi", ".mxf", ".webm", ".mpg", ".mpeg", ".ts")
PICTURES = (".exr", ".dpx", ".cin", ".tif", ".tiff", ".png", ".jpg", ".jpeg", ".tga", ".hdr", ".sgi")
# Movies count from 1 in Nuke, from 0 in the engine.
MOVIE_SHIFT = -1
_DIGITS = re.compile(r"\d+")


def is_movie(path: str) -> bool:
    """Whether the path names a movie, by its extension."""
    return PurePosixPath(path).suffix.lower() in MOVIES


def is_picture(path: str) -> bool:
    """Whether the engine reads pictures of this extension."""
    return PurePosixPath(path).suffix.lower() in PICTURES


def pattern_of(paths: Mapping[int, str]) -> Optional[str]:
    """The `%04d` pattern that gives each file frame its path; None where there is none.

    paths: file frame -> path, with forward slashes. A path with `%` or `#` elsewhere has no pattern: the
    engine would read them as the frame's place.
    """
    if not paths or min(paths) < 0 or any("%" in path or "#" in path for path in paths.values()):
        return None
    frame, path = next(iter(paths.items()))
    folder, slash, name = path.rpartition("/")
    matches = [match for match in _DIGITS.finditer(name) if int(match[0]) == frame]
    for match in reversed(matches):
        digits = len(match[0])
        pattern = f"{folder}{slash}{name[: match.start()]}%0{digits}d{name[match.end() :]}"
        if all(pattern % number == path for number, path in paths.items()):
            return pattern
    return None


def missing_frames(paths: Mapping[int, str], names_in: Mapping[str, frozenset[str]]) -> List[int]:
    """The file frames without a file. names_in: the file names of each folder that `paths` names."""
    return [
        number
        for number, path in sorted(paths.items())
        if path.rpartition("/")[2] not in names_in.get(path.rpartition("/")[0], frozenset())
    ]
