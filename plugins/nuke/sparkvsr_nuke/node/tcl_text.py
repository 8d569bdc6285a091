"""Text that survives Nuke's Tcl: lists, literal paths, and values as plain ASCII. Pure Python, no Nuke.

Nuke stores scripts as Tcl and evaluates file names as Tcl, so that brackets, dollars and backslashes of a
value are taken for code unless they are written as here.
"""

from __future__ import annotations

import binascii
import zlib
from typing import Iterable

_SPECIAL = set(' \t\n\r\v\f;"$[]{}\\')
_EVALUATED = {"[": "[format %c 91]", "]": "[format %c 93]", "$": "[format %c 36]"}


def list_element(text: str) -> str:
    """The text as one element of a Tcl list, as Tcl's own `list` writes it in effect."""
    if not text:
        return "{}"
    if not set(text) & _SPECIAL and not text.startswith("#"):
        return text
    if _is_balanced(text) and "\\" not in text:
        return "{" + text + "}"
    escapes = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\f": "\\f"}
    return "".join(escapes.get(letter, f"\\{letter}" if letter in _SPECIAL else letter) for letter in text)


def tcl_list(values: Iterable[str]) -> str:
    """The values as a Tcl list."""
    return " ".join(list_element(value) for value in values)


def literal_path(path: str) -> str:
    """A path for a file knob that means exactly this path: forward slashes, nothing Tcl would evaluate."""
    return "".join(_EVALUATED.get(letter, letter) for letter in path.replace("\\", "/"))


def to_hex(text: str) -> str:
    """Any text as ASCII digits, compressed: what a script may hold without any quoting."""
    return binascii.hexlify(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")


def from_hex(digits: str) -> str:
    """What `to_hex` wrote; raises ValueError for anything else."""
    try:
        return zlib.decompress(binascii.unhexlify(digits.strip())).decode("utf-8")
    except (binascii.Error, zlib.error, UnicodeDecodeError) as error:
        raise ValueError(f"this is no stored state ({error})") from error


def _is_balanced(text: str) -> bool:
    depth = 0
    for letter in text:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if depth < 0:
            return False
    return depth == 0
