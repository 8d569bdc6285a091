"""From the text of a reference to a file here: as it stands, as a URL, beside the timeline, through maps.

OpenTimelineIO's own `filepath_from_url` loses drives, UNC hosts and what follows `#`; text is read here.
"""

from __future__ import annotations

import os
import re
from typing import Callable, Iterator, List, Optional, Sequence, Tuple
from urllib.parse import unquote

from ...errors import InvalidSettings

IsThere = Callable[[str], bool]

_FILE_URL = re.compile(r"^file:", re.IGNORECASE)
_OTHER_URL = re.compile(r"^[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_DRIVE = re.compile(r"^[A-Za-z]:(/|$)")


def parse_map(text: str) -> Tuple[str, str]:
    """`FROM=TO`; raises InvalidSettings.

    Args:
        text: as the option `--map` has it.
    """
    origin, mark, target = text.partition("=")
    if not mark or not origin or not target:
        raise InvalidSettings(f"the path map '{text}' is not FROM=TO; write --map D:/media=/mnt/media.")
    return origin, os.path.abspath(os.path.expanduser(target))


class Finder:
    """Finds what references name. folder: where the timeline lies. maps: pairs of FROM and TO."""

    def __init__(self, folder: str, maps: Sequence[Tuple[str, str]] = ()) -> None:
        self._folder = folder
        ordered = sorted(maps, key=lambda pair: -len(pair[0]))
        self._maps = [(_slashed(origin), target) for origin, target in ordered]

    def find(self, text: str, is_there: IsThere) -> Optional[str]:
        """The first path that `is_there` accepts; None when there is none.

        Args:
            text: what the reference has.
            is_there: tells whether a file lies at a path.
        """
        return next((path for path in self.candidates(text) if is_there(path)), None)

    def candidates(self, text: str) -> Iterator[str]:
        """Every path the text may mean, likeliest first, spelt as this system spells paths.

        Args:
            text: what the reference has.
        """
        return map(native_path, self._candidates(readings(text)))

    def _candidates(self, texts: Sequence[str]) -> Iterator[str]:
        # Windows: a path with a root and no drive is on the timeline's drive.
        yield from (os.path.join(self._folder, reading) for reading in texts if _has_root_here(reading))
        yield from (os.path.join(self._folder, reading) for reading in texts if not is_absolute(reading))
        for origin, target in self._maps:
            for reading in texts:
                relative = _rest_after(origin, _slashed(reading))
                if relative is not None:
                    yield os.path.join(target, *relative.split("/")) if relative else target


def native_path(path: str) -> str:
    r"""On Windows with \ alone, so that one file has one path however references spell it.

    Elsewhere \ is part of a name, and `..` behind a link leads to another folder: the path is left as it is.

    Args:
        path: in either spelling.
    """
    return os.path.normpath(path) if os.name == "nt" else path


def readings(text: str) -> List[str]:
    """What a reference's text may name, as it stands first.

    Args:
        text: what the reference has.
    """
    if not text:
        return []
    forms = [text]
    if _FILE_URL.match(text):
        address = text[len("file:") :]
        forms = [form for each in (unquote(address), address) for form in _url_forms(each)]
    elif not _OTHER_URL.match(text):
        forms.append(unquote(text))
    forms += [form.replace("\\", "/") for form in forms]
    return list(dict.fromkeys(form for form in forms if form))


def is_absolute(path: str) -> bool:
    """Whether a path starts at a root of any system.

    Args:
        path: of any system.
    """
    return path.startswith(("/", "\\")) or bool(_DRIVE.match(_slashed(path)))


def _has_root_here(path: str) -> bool:
    """Whether this system takes a path for one that starts at a root."""
    return os.path.isabs(path) or (os.name == "nt" and path.startswith(("/", "\\")))


def _url_forms(address: str) -> List[str]:
    """The paths a file URL without its scheme and with its escapes undone may mean."""
    address = address.replace("\\", "/")
    if not address.startswith("//"):
        return [_without_drive_slash(address)]
    host, _, path = address[2:].partition("/")
    # Four slashes in a row: a UNC name where a URL has its path.
    is_unc = not host and path.startswith("/")
    path = _without_drive_slash("/" + path.lstrip("/"))
    if is_unc:
        return [path, f"/{path}"]
    if host.lower() in ("", "localhost", "127.0.0.1"):
        return [path]
    if _DRIVE.match(host + "/"):
        return [f"{host}/{path.lstrip('/')}"]
    return [f"//{host}{path}", f"{host}{path}"]


def _without_drive_slash(path: str) -> str:
    return path[1:] if path.startswith("/") and _DRIVE.match(path[1:]) else path


def _slashed(path: str) -> str:
    """With forward slashes and none at its end."""
    if _FILE_URL.match(path):
        path = readings(path)[0]
    path = path.replace("\\", "/")
    return path.rstrip("/") or path[:1]


def _rest_after(origin: str, path: str) -> Optional[str]:
    """What follows `origin` in `path`; None when it does not start so. Windows' paths know no case."""
    is_windows = bool(_DRIVE.match(origin)) or origin.startswith("//")
    same = path[: len(origin)].lower() == origin.lower() if is_windows else path.startswith(origin)
    relative = path[len(origin) :]
    if not same or (relative and not relative.startswith("/") and not origin.endswith("/")):
        return None
    return relative.lstrip("/")
