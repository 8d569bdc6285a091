"""A name as a system's disks compare it: `F.0001.PNG` is `f.0001.png` on Windows."""

from __future__ import annotations

import ntpath
import sys
import unicodedata


def spelled(name: str, system: str = sys.platform) -> str:
    """The same text for all names of one file, as far as a system has one rule for its disks.

    Windows: capitals are small letters. macOS: an umlaut is one character or two; whether capitals count is a
    matter of each disk there. Elsewhere a name is what it is.
    """
    if system == "win32":
        return ntpath.normcase(name)
    return unicodedata.normalize("NFC", name) if system == "darwin" else name
