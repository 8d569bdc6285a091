"""Names Windows keeps for itself or cannot have, judged by their text alone, so that every system can ask."""

from __future__ import annotations

import re

_DEVICES = re.compile(
    r"(?:CON|PRN|AUX|NUL|CLOCK\$|CONIN\$|CONOUT\$|COM[0-9\u00b9\u00b2\u00b3]|LPT[0-9\u00b9\u00b2\u00b3])",
    re.IGNORECASE,
)
_DRIVE = re.compile(r"[A-Za-z]:")
_PREFIXES = ("\\\\?\\UNC\\", "\\\\?\\")
_NOT_IN_NAMES = frozenset('<>|"*?')


def without_prefix(path: str) -> str:
    r"""A path without the `\\?\` that takes it past Windows' own reading: the way to the same file.

    Args:
        path: of any system.
    """
    if path[: len(_PREFIXES[0])].upper() == _PREFIXES[0]:
        return "\\\\" + path[len(_PREFIXES[0]) :]
    return path[len(_PREFIXES[1]) :] if path.startswith(_PREFIXES[1]) else path


def is_device_name(name: str) -> bool:
    """Whether Windows takes a name for a device whatever folder it is in: what is written there is lost.

    Args:
        name: of a file, with or without an extension.
    """
    return _DEVICES.fullmatch(re.split(r"[.:]", name, maxsplit=1)[0].strip()) is not None


def fault_of_windows_name(name: str) -> str:
    """Why Windows cannot have a file or folder of that name, as the end of a sentence; empty where it can.

    Args:
        name: one part of a path.
    """
    if ":" in name:
        return "holds a colon, as an alternate stream does"
    if name not in (".", "..") and name != name.rstrip(" ."):
        return "has a name that ends in a dot or a space"
    if is_device_name(name):
        return "names a device"
    if _NOT_IN_NAMES & set(name):
        return "holds a character that names cannot have"
    return ""


def fault_of_windows_path(path: str) -> str:
    r"""The same for all names of a path: with a drive, of a share, relative, or `\\?\`.

    Args:
        path: as Windows is given it.
    """
    text = without_prefix(path.replace("/", "\\"))
    if text.startswith("\\\\.\\"):
        return "names a device"
    if _DRIVE.match(text):
        text = text[2:]
    faults = (fault_of_windows_name(name) for name in text.split("\\") if name)
    return next(filter(None, faults), "")
