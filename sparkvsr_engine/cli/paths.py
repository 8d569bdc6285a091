"""A path as people and programs give it, `file://` URLs among them, as the full path the engine finds."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.system.windows_names import is_device_name

_SCHEME = re.compile(r"(?:(file):(?=/)|([a-z][a-z0-9+.-]+)://)", re.IGNORECASE)
_DRIVE = re.compile(r"/*([A-Za-z])[:|](.*)", re.DOTALL)
# A place for a number is no escape: %04 would be a control character, which no name has, and %d is cut short.
_NUMBER = re.compile(r"(%0\dd|%d(?![0-9A-Fa-f]))")


def absolute(path: str) -> str:
    """A path the engine finds wherever it was started.

    Raises InvalidSettings for a URL of elsewhere and for no text, which would mean the current folder.
    """
    if not path.strip():
        raise InvalidSettings("A path is empty; give the path of a file, a pattern or a folder.")
    path = path_of(path)
    if os.name == "nt":
        require_windows_spelling(path)
        # Each drive has a current folder of its own there (`c:shot.mov`), and `..` is words only.
        return os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111
    return str(Path(path).expanduser().absolute())


def require_windows_spelling(path: str) -> None:
    r"""Raise InvalidSettings for what Windows reads as something else than the file that is meant.

    `"C:\shots\" -o x` is one word with a quotation mark in it: the backslash takes the mark's meaning away.
    """
    if '"' in path:
        raise InvalidSettings(
            f"{path} holds a quotation mark; leave out the backslash before the closing mark of a path."
        )
    if path.startswith("'") and path.endswith("'"):
        raise InvalidSettings(
            f'{path} has single quotation marks, which a command prompt leaves in a path; write ".'
        )
    if any(is_device_name(name) for name in re.split(r"[\\/]", path)):
        raise InvalidSettings(f"{path} names a device of Windows; choose another name.")


def path_of(text: str, is_windows: bool = os.name == "nt") -> str:
    """A path, or the path a `file://` URL means; raises InvalidSettings for any other URL.

    `#` and `?` belong to the name, as in `shot.####.exr`, and so does a place for a number (`%04d`).
    """
    scheme = _SCHEME.match(text)
    if scheme is None:
        return text
    if scheme[2]:
        raise InvalidSettings(f"{text} is a URL; get the file and give its path.")
    host, path = _host_and_path(text[scheme.end() :])
    path = _decoded(path)
    drive = _DRIVE.fullmatch(path)
    if host and not is_windows:
        raise InvalidSettings(f"{text} is on the machine {host}; give the path where it is mounted here.")
    if not is_windows:
        return path
    if host:
        return rf"\\{host}" + path.replace("/", "\\")
    return (f"{drive[1]}:{drive[2]}" if drive else path).replace("/", "\\")


def _host_and_path(after_scheme: str) -> tuple[str, str]:
    """Of what follows `file:`; the host is empty for this machine."""
    if not after_scheme.startswith("//"):
        return "", after_scheme
    host, _, path = after_scheme[2:].partition("/")
    if host.lower() in ("localhost", "127.0.0.1"):
        host = ""
    if re.fullmatch(r"[A-Za-z][:|]", host):  # file://C:/shot.mov, which is wrong and common
        return "", f"/{host}/{path}"
    return host, f"/{path}"


def _decoded(path: str) -> str:
    pieces = _NUMBER.split(path)
    # What the pattern captured stands at every second place.
    return "".join(piece if index % 2 else unquote(piece) for index, piece in enumerate(pieces))
