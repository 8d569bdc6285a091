r"""Paths between a client's spelling and the engine's, by the path maps: what came as `S:\` goes back so."""

from __future__ import annotations

import re

from sparkvsr_bridge.system.path_maps import NATIVE, PathMaps, as_path


class ClientSpelling:
    """One client's spelling of the folders in the table, learnt from what it sends.

    Args:
        maps: the table.
        style: `windows` or `posix` for folders it has not named yet; empty for the engine's own spelling.
        native: the engine's style.
    """

    def __init__(self, maps: PathMaps, style: str = "", native: str = NATIVE) -> None:
        self._maps = maps
        self._style = style
        self._native = native
        self._used: dict[int, tuple[int, str]] = {}
        folders = [self._engines(number) for number in range(len(maps.rows))]
        self._starts = [(folder, _pattern_below(folder)) for folder in folders if folder]

    def to_engine(self, path: str) -> str:
        """A path of a request as the engine's system spells it; one outside the table as it is."""
        path = as_path(path)
        for place in self._maps.places(path):
            index = self._maps.first_of(place.row, self._native)
            spelt = None if index is None else self._maps.spell(place, index)
            if spelt is not None:
                self._used[place.row] = place.spelling, "\\" if "\\" in path else "/"
                return spelt
        return path

    def to_client(self, path: str) -> str:
        """A path of an answer as this client spells it."""
        places = self._maps.places(path)
        for place in sorted(places, key=lambda place: place.row not in self._used):
            index, mark = self._used.get(place.row, (None, ""))
            if index is None:
                index = self._maps.first_of(place.row, self._style or self._native)
            spelt = None if index is None else self._maps.spell(place, index, mark)
            if spelt is not None:
                return spelt
        return path

    def sentence(self, text: str) -> str:
        """A sentence with the paths in it respelt; a path ends at a space, a quote or a comma."""
        for start, pattern in self._starts:
            if start in text:
                text = pattern.sub(lambda match: self._ended(match[0]), text)
        return text

    def _ended(self, path: str) -> str:
        """A full stop or colon behind a path is the sentence's."""
        stem = path.rstrip(".:")
        return self.to_client(stem) + path[len(stem) :]

    def _engines(self, row: int) -> str:
        """How the engine's own sentences spell the folder of a row; empty where they do not."""
        index = self._maps.first_of(row, self._native)
        return "" if index is None else self._maps.rows[row][index].rstrip("\\/")


def _pattern_below(folder: str) -> re.Pattern[str]:
    return re.compile(re.escape(folder) + r"(?=[\\/\s'\",;:.)]|$)[^\s'\",;)]*")
