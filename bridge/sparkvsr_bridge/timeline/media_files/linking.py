"""Media found by reel or name together with timecode, for clips whose reference leads nowhere, as in EDLs.

One candidate or none: a neighbouring take that happens to have the timecode is never linked. Timecode alone
links nothing, a name alone only where a single medium bears it and holds the clip's frames.
"""

from __future__ import annotations

import os
from collections import defaultdict
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Set, Tuple

from ..records import ClipLeftOut
from .media import Located
from .numbered import is_picture, numbers_in, split_number

_MOVIES = "mov mp4 m4v mxf mkv avi webm mts m2ts ts mpg mpeg y4m ogv wmv braw"
MOVIE_ENDINGS = tuple(f".{ending}" for ending in _MOVIES.split())

_MOST_NAMED = 6

Holds = Callable[[Located], bool]


class MediaFolder:
    """The media below a folder by their names, listed once."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._by_name: Optional[Dict[str, List[Located]]] = None

    def link(self, clip: Any, text: str, holds: Holds) -> Located:
        """The one medium of the clip's name, else of its reel, that holds its frames by timecode.

        Args:
            clip: the clip, an object of OpenTimelineIO.
            text: what the clip's reference calls its medium.
            holds: tells whether a medium holds the clip's frames.

        Raises:
            ClipLeftOut: with the candidates.
        """
        seen: List[Located] = []
        for name in names_of(clip, text):
            named = self._named(name)
            holding = [located for located in named if holds(located)]
            if len(holding) == 1:
                return holding[0]
            if holding:
                raise ClipLeftOut(
                    f"{len(holding)} media are named '{name}' and have its timecode: {_listed(holding)};"
                    " keep the one you mean in the folder."
                )
            seen += [located for located in named if located not in seen]
        if seen:
            raise ClipLeftOut(f"the media of its name do not have its timecode: {_listed(seen)}.")
        raise ClipLeftOut(f"no medium below {self._folder} has its name or reel.")

    def _named(self, name: str) -> List[Located]:
        if self._by_name is None:
            self._by_name = defaultdict(list)
            for key, located in _media_below(self._folder):
                self._by_name[key.lower()].append(located)
        return self._by_name.get(name.lower(), [])


def names_of(clip: Any, text: str) -> List[str]:
    """What a clip's medium may be called, surest first: its file, its clip name, its reel.

    Args:
        clip: the clip, an object of OpenTimelineIO.
        text: what the reference calls its medium.
    """
    base = os.path.basename(text.replace("\\", "/"))
    names = [base, _without_ending(base), clip.name or "", _without_ending(clip.name or "")]
    parts = split_number(base) if is_picture(base) else None
    if parts is not None:
        names.append(parts[1].rstrip("._- "))
    for block in dict(clip.metadata).values():
        if hasattr(block, "get"):
            names += [str(block.get(key) or "") for key in ("reel", "Reel Name", "tape", "source")]
    return [name for name in dict.fromkeys(names) if name.strip()]


def _without_ending(name: str) -> str:
    """Without a medium's ending; what follows another dot is part of the name."""
    stem, ending = os.path.splitext(name)
    return stem if ending.lower() in MOVIE_ENDINGS or is_picture(name) else name


def _media_below(folder: str) -> Iterator[Tuple[str, Located]]:
    """Every medium with each of the names it goes by: with and without its ending, its number, its folder."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        sequences: Set[Tuple[str, str]] = set()
        for name in sorted(names):
            path = os.path.join(place, name)
            stem, ending = os.path.splitext(name)
            if ending.lower() in MOVIE_ENDINGS:
                yield name, Located(path)
                yield stem, Located(path)
            elif is_picture(name) and not name.startswith("."):
                parts = split_number(path)
                if parts is None:
                    yield name, Located(path, is_still=True)
                    yield stem, Located(path, is_still=True)
                elif (parts[1], parts[3]) not in sequences:
                    sequences.add((parts[1], parts[3]))
                    yield from _sequence_names(parts[0], parts[1], parts[3])


def _sequence_names(folder: str, head: str, tail: str) -> Iterator[Tuple[str, Located]]:
    listed, numbers = numbers_in(folder, head, tail)
    if listed is None:
        return
    located = Located(listed.pattern, numbers=tuple(numbers))
    keys = {head.rstrip("._- "), head + tail} if head.rstrip("._- ") else {os.path.basename(folder)}
    for key in sorted(keys):
        yield key, located


def _listed(media: Sequence[Located]) -> str:
    more = f" and {len(media) - _MOST_NAMED} more" if len(media) > _MOST_NAMED else ""
    return ", ".join(located.path for located in media[:_MOST_NAMED]) + more
