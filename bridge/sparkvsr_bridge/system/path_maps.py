r"""One folder under several spellings: `//server/shots` = `/mnt/shots` = `S:\`. Text only, no file is read.

A table has a row per folder and in it every spelling that a machine of the studio uses. Both separators count
in Windows' spellings (a drive, a server's share), which know no case; `/` alone counts in the others. A
`file:` URL is read as the path it names.
"""

from __future__ import annotations

import dataclasses
import os
import re
from typing import Iterable, List, Optional, Sequence, Tuple
from urllib.parse import unquote

from ..errors import InvalidSettings

STYLES = ("posix", "windows")
NATIVE = "windows" if os.name == "nt" else "posix"
"""How this system spells paths."""

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_ESCAPE = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_LOCAL_HOSTS = ("", "localhost", "127.0.0.1")


@dataclasses.dataclass(frozen=True)
class Place:
    """A path as the table reads it: its row, the spelling used there, and the names below that folder."""

    row: int
    spelling: int
    names: Tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class PathMaps:
    """The table. rows: spellings of one folder each, as they were written."""

    rows: Tuple[Tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, rows: Iterable[Sequence[str]]) -> PathMaps:
        """The table of these rows; raises InvalidSettings for a row that maps nothing or is ambiguous.

        Args:
            rows: the spellings of one folder each.
        """
        table = tuple(tuple(row) for row in rows)
        seen: List[Tuple[str, Tuple[str, ...]]] = []
        for row in table:
            if len(row) < 2:
                raise InvalidSettings(f"the path map {list(row)} maps nothing; give two spellings or more.")
            for spelling in row:
                if style_of(spelling) is None:
                    raise InvalidSettings(f"the path map's '{spelling}' is not a full path; give one.")
                key = (str(style_of(spelling)), _folded(spelling, _names(spelling)))
                if key in seen:
                    raise InvalidSettings(f"the path maps name '{spelling}' twice; leave one of them.")
                seen.append(key)
        return cls(table)

    def places(self, path: str) -> List[Place]:
        """Every reading of a path, that of the longest spelling first; none for a path outside the table.

        A path with `..` below the folder has none: where it leads is not to be seen from its text.

        Args:
            path: in any spelling, or a `file:` URL.
        """
        path = as_path(path)
        style = style_of(path)
        if style is None:
            return []
        names = _names(path)
        places: List[Tuple[int, Place]] = []
        for number, row in enumerate(self.rows):
            for index, spelling in enumerate(row):
                start = _names(spelling)
                below = names[len(start) :]
                is_below = _folded(path, names[: len(start)]) == _folded(spelling, start)
                if style_of(spelling) == style and is_below and ".." not in below:
                    places.append((len(start), Place(number, index, below)))
        places.sort(key=lambda pair: -pair[0])
        return [place for _, place in places]

    def spell(self, place: Place, spelling: int, mark: str = "") -> Optional[str]:
        """The place under another spelling of its row; None where a name cannot be spelt so.

        Args:
            place: what `places` gave.
            spelling: which of its row.
            mark: the separator of a Windows spelling; empty for the one the table has there.
        """
        prefix = self.rows[place.row][spelling]
        is_windows = style_of(prefix) == "windows"
        if is_windows and any("\\" in name for name in place.names):
            return None
        if is_windows and mark:
            prefix = prefix.replace("\\" if mark == "/" else "/", mark)
        mark = "\\" if is_windows and "\\" in prefix else "/"
        stem = prefix.rstrip("\\/") if is_windows else prefix.rstrip("/")
        if not place.names:
            return prefix
        return mark.join((stem, *place.names))

    def respell(self, path: str, style: str) -> str:
        """The path in its row's first spelling of a style; as it was where there is none.

        Args:
            path: in any spelling, or a `file:` URL.
            style: `windows` or `posix`.
        """
        for place in self.places(path):
            index = self.first_of(place.row, style)
            spelt = None if index is None else self.spell(place, index)
            if spelt is not None:
                return spelt
        return path

    def pairs(self, style: str) -> List[Tuple[str, str]]:
        """Every spelling with the first one of a style that its row has, as `--map FROM=TO` gives them.

        Args:
            style: `windows` or `posix`.
        """
        pairs: List[Tuple[str, str]] = []
        for number, row in enumerate(self.rows):
            index = self.first_of(number, style)
            if index is not None:
                pairs.extend((spelling, row[index]) for spelling in row if spelling != row[index])
        return pairs

    def first_of(self, row: int, style: str) -> Optional[int]:
        """Which spelling of a row is the first of a style.

        Args:
            row: its number.
            style: `windows` or `posix`.
        """
        styles = [style_of(spelling) for spelling in self.rows[row]]
        return styles.index(style) if style in styles else None


def style_of(path: str) -> Optional[str]:
    """`windows` for a drive's path or a server's share, `posix` for another full path, None for the rest.

    Args:
        path: as it is written.
    """
    if _DRIVE.match(path) or path[:2] in ("\\\\", "//"):
        return "windows"
    return "posix" if path.startswith("/") else None


def as_path(text: str) -> str:
    """The path a `file:` URL names; other text as it is.

    Escapes that would become control characters stay, for they are a pattern's: `%04d`.

    Args:
        text: a path or a `file:` URL.
    """
    if text[:5].lower() != "file:":
        return text
    address = _ESCAPE.sub(_unescaped, text[5:]).replace("\\", "/")
    if address.startswith("//"):
        host, _, path = address[2:].partition("/")
        if _DRIVE.match(f"{host}/"):
            return f"{host}/{path}"
        path = f"/{path}"
        if host.lower() not in _LOCAL_HOSTS:
            return f"//{host}{path}"
        address = path
    return address[1:] if _DRIVE.match(address[1:]) else address


def _unescaped(match: re.Match[str]) -> str:
    text = unquote(match[0], errors="surrogateescape")
    return match[0] if any(ord(letter) < 0x20 for letter in text) else text


def _names(path: str) -> Tuple[str, ...]:
    """The names of a path from its root; the root is the first of them."""
    if style_of(path) == "windows":
        parts = path.replace("\\", "/").split("/")
        root = "//" if path[:2] in ("\\\\", "//") else ""
        return tuple(name for name in (root, *parts) if name and name != ".")
    return ("/", *(name for name in path.split("/") if name and name != "."))


def _folded(path: str, names: Tuple[str, ...]) -> Tuple[str, ...]:
    return tuple(name.casefold() for name in names) if style_of(path) == "windows" else names
