r"""Spellings of paths that a remote client may not use, judged by their text alone.

Both systems' rules are pure functions, so that each is tested on either. What a path leads to on the disk is
`roots`' affair; a spelling is refused here when systems or libraries may read it in more than one way.
"""

from __future__ import annotations

import re

from sparkvsr_bridge.system.windows_names import fault_of_windows_name

LONGEST_PATH = 4096
"""Bytes, as usual systems take."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.,-]+:")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_VARIABLE = re.compile(r"\$[{(]|\$(?!F\d?(?:[._]|$))[A-Za-z_]|%[A-Za-z_]\w*%")
_WIDE_NUMBER = re.compile(r"%0?\d{3,}d")
_PLACE = re.compile(r"%0?\d*d|#|%[vV]")
_SYSTEM_FOLDERS = ("proc", "dev", "sys")


def fault_of(path: str, is_windows: bool) -> str:
    """Why a path may not be spelt so, as the end of a sentence; empty where it may.

    Args:
        path: as the engine's system would be given it.
        is_windows: whether that system is Windows.
    """
    return _fault_anywhere(path) or (_fault_on_windows(path) if is_windows else _fault_on_posix(path))


def is_below(path: str, root: str, is_windows: bool) -> bool:
    """Whether a resolved path is a resolved root or lies below it, name by name.

    Args:
        path: resolved.
        root: resolved.
        is_windows: whether both are of Windows, whose names know no case.
    """
    names, start = _names(path, is_windows), _names(root, is_windows)
    return names[: len(start)] == start


def _fault_anywhere(path: str) -> str:
    parts = re.split(r"[\\/]", path)
    return _first_fault(
        (not path, "is empty"),
        (any(ord(letter) < 0x20 or ord(letter) == 0x7F for letter in path), "holds a control character"),
        (len(path.encode("utf-8", "surrogatepass")) > LONGEST_PATH, f"is longer than {LONGEST_PATH} bytes"),
        (_SCHEME.match(path), "begins as an address does"),
        (_VARIABLE.search(path), "holds a variable"),
        (_WIDE_NUMBER.search(path), "has a place for more than 99 digits"),
        (".." in parts, "holds '..'"),
        (any(map(_PLACE.search, parts[:-1])), "has a place for a number in a folder's name"),
    )


def _fault_on_posix(path: str) -> str:
    return _first_fault(
        (not path.startswith("/"), "is not a full path"),
        (path.startswith("//"), "names a server's share, which no path map of the engine holds"),
        ("\\" in path, "holds a backslash"),
        (path.lstrip("/").split("/", 1)[0] in _SYSTEM_FOLDERS, "names a device or the system's own files"),
    )


def _fault_on_windows(path: str) -> str:
    text = path.replace("/", "\\")
    names = [name for name in text[2:].split("\\") if name]
    is_share = text.startswith("\\\\")
    return _first_fault(
        (text.startswith(("\\\\?\\", "\\\\.\\", "\\??\\")), "names a device"),
        (not (_DRIVE.match(path) or is_share), "is not a full path"),
        (is_share and len(names) < 2, "names no share of its server"),
    ) or next(filter(None, map(fault_of_windows_name, names)), "")


def _first_fault(*faults: tuple[object, str]) -> str:
    return next((text for is_fault, text in faults if is_fault), "")


def _names(path: str, is_windows: bool) -> list[str]:
    text = path.replace("\\", "/").casefold() if is_windows else path
    return [name for name in text.split("/") if name not in ("", ".")]
