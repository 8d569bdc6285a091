"""Where the frames of a version go: folders that are never written twice. Files and names, no Nuke.

The artist's path may hold `_v###` (the version), `%V` or `%v` (the view) and `####` or `%04d` (the frame);
what is missing is added, so that every version has a folder and every frame a number.
"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path, PurePosixPath
from typing import Tuple

_VERSION = re.compile(r"_v(#+)")
_FRAME = re.compile(r"#+|%0?\d*d")
_VIEW = re.compile(r"%[Vv]")
_DIGITS = 3
_FRAME_DIGITS = 4
_MOST_VERSIONS = 9999
_STRAY = re.compile(r"[#%]")


class BadOutput(ValueError):
    """An output path that cannot be used; the message has why and what to do."""


@dataclasses.dataclass(frozen=True)
class OutputPath:
    """A path whose version, view and frame are still open.

    folder, name: with `{version}` where the version goes, `%V` for the view, `%04d` for the frame.
    """

    folder: str
    name: str

    def pattern(self, version: int) -> str:
        """The numbered pattern of a version, with `%V` left for the view."""
        digits = f"v{version:0{_DIGITS}d}"
        return f"{self.folder}/{self.name}".replace("{version}", digits)

    def version_folder(self, version: int) -> Path:
        """The folder that holds everything of a version."""
        parts = PurePosixPath(self.folder).parts
        depth = next(place for place, part in enumerate(parts, 1) if "{version}" in part)
        return Path(str(PurePosixPath(*parts[:depth])).replace("{version}", f"v{version:0{_DIGITS}d}"))


def output_path(text: str, has_views: bool) -> OutputPath:
    """The artist's path, already free of expressions, completed.

    text: absolute, ending in a file name (`.exr` is added where there is no extension).
    has_views: whether the versions hold more than one view. Raises BadOutput.
    """
    path = text.strip().replace("\\", "/")
    if not path or path.endswith("/"):
        raise BadOutput(f"The output path '{text}' has no file name; write one, such as plate_v###.####.exr.")
    if not _is_absolute(path):
        raise BadOutput(f"The output path '{text}' is not absolute; save the script or choose a folder.")
    folder, _, name = path.rpartition("/")
    folder, name = (_VERSION.sub("_{version}", part) for part in (folder, name))
    stem, frame, tail = _split_name(name)
    if "{version}" not in folder:
        if "{version}" not in stem:
            stem = f"{stem}_{{version}}"
        folder = f"{folder}/{stem.replace('%V', '').rstrip('._')}"
    if has_views and not _VIEW.search(folder + stem):
        stem = f"{stem}.%V"
    if _STRAY.search(_VIEW.sub("", folder + stem + tail)):
        raise BadOutput(f"The output path '{text}' holds # or % where no frame goes; take it out.")
    return OutputPath(folder, f"{stem}.{frame}{tail}")


def reserve(target: OutputPath, at_least: int = 1) -> Tuple[int, str]:
    """The next version and its pattern; its folder is made, so that nobody else takes it.

    at_least: the lowest number to take, one past the versions that the script has.
    Raises BadOutput when the folder cannot be made.
    """
    version = max(at_least, _latest(target) + 1)
    _make(target.version_folder(version).parent)
    while version <= _MOST_VERSIONS:
        if _make(target.version_folder(version), must_be_new=True):
            return version, target.pattern(version)
        version += 1
    raise BadOutput(f"{target.folder} holds {_MOST_VERSIONS} versions; choose another output path.")


def with_view(pattern: str, view: str) -> str:
    """The pattern of one view: `%V` becomes its name, `%v` its first letter."""
    return pattern.replace("%V", view).replace("%v", view[:1])


def plain_name(text: str) -> str:
    """A text as a part of a file name: letters, digits, `-` and `_`."""
    name = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in text)
    return name.strip("_") or "sparkvsr"


def _make(folder: Path, must_be_new: bool = False) -> bool:
    """Make a folder; False where it is there already and must not be. Raises BadOutput."""
    try:
        folder.mkdir(parents=not must_be_new, exist_ok=not must_be_new)
    except OSError as error:
        if must_be_new and isinstance(error, FileExistsError):
            return False
        raise BadOutput(
            f"The output folder {folder} cannot be made ({error.strerror}); choose another one."
        ) from error
    return True


def _latest(target: OutputPath) -> int:
    """The highest version whose folder is there; 0 for none."""
    lowest = target.version_folder(1)
    head, _, tail = lowest.name.partition("v001")
    shape = re.compile(f"^{re.escape(head)}v(\\d{{{_DIGITS},}}){re.escape(tail)}$")
    if not lowest.parent.is_dir():
        return 0
    numbers = (shape.match(entry.name) for entry in lowest.parent.iterdir())
    return max((int(number[1]) for number in numbers if number), default=0)


def _split_name(name: str) -> Tuple[str, str, str]:
    """A file name's text before the frame, the frame as `%04d`, and its extension."""
    stem, dot, extension = name.rpartition(".")
    if not dot or _FRAME.search(extension):
        stem, extension = name, "exr"
    if extension.lower() != "exr":
        raise BadOutput(f"Results are EXR files, not .{extension}; end the output path in .exr.")
    places = list(_FRAME.finditer(stem))
    if not places:
        return stem, f"%0{_FRAME_DIGITS}d", ".exr"
    place = places[-1]
    if place.end() != len(stem):
        raise BadOutput(f"The frame number of '{name}' must stand before .exr; write plate_v###.####.exr.")
    text = place[0]
    digits = len(text) if text.startswith("#") else int(re.sub(r"\D", "", text) or 1)
    return stem[: place.start()].rstrip("."), f"%0{digits}d", ".exr"


def _is_absolute(path: str) -> bool:
    return path.startswith("/") or bool(re.match(r"^[A-Za-z]:/", path))
