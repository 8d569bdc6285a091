"""Paths of the engine's own folders in sentences for remote clients: there they lead nowhere."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

HIDDEN = "(a file of the engine's)"


class OwnPlaces:
    """The engine's folder, its user's, its program's and the system's for what is temporary.

    Args:
        home: the engine's folder.
        is_visible: whether remote clients may see a path, which is left as it is then.
        system: as `sys.platform` names it. Windows takes either slash, and one may be written twice; on its
            disks and those of macOS capitals are small letters.
    """

    def __init__(self, home: Path, is_visible: Callable[[str], bool], system: str = sys.platform) -> None:
        self._is_visible = is_visible
        program = Path(__file__).parents[2]
        folders = {home, Path.home(), Path(sys.prefix), Path(sys.base_prefix), program}
        folders.add(Path(tempfile.gettempdir()))
        spellings = {str(folder) for folder in folders} | {os.path.realpath(folder) for folder in folders}
        longest_first = sorted(spellings, key=len, reverse=True)
        names = "|".join(_spelled(name, system) for name in longest_first if len(name) > 1)
        flags = re.IGNORECASE if system in ("win32", "darwin") else 0
        self._pattern = re.compile(rf"(?:{names})(?=[\\/\s'\",;:.)]|$)[^\s'\",;)]*", flags)

    def hidden(self, sentence: str) -> str:
        """The sentence without them; a path ends at a space, a quote or a comma."""
        return self._pattern.sub(lambda match: self._replaced(match[0]), sentence)

    def _replaced(self, path: str) -> str:
        stem = path.rstrip(".:")
        return path if self._is_visible(stem) else HIDDEN + path[len(stem) :]


def _spelled(name: str, system: str) -> str:
    """A pattern of a folder's name in whatever way a sentence spells it."""
    return r"[\\/]+".join(map(re.escape, re.split(r"[\\/]", name))) if system == "win32" else re.escape(name)
