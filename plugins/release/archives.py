"""What every plugin's release is made of: its own files, the bridge inside, the same bytes every time."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

PLUGINS = Path(__file__).resolve().parents[1]
# Beside this folder in a checkout; in an installation this folder lies within the engine's.
BRIDGE = next(
    path
    for path in (PLUGINS.parent / "bridge" / "sparkvsr_bridge", PLUGINS.parents[1] / "sparkvsr_bridge")
    if path.is_dir()
)
# The oldest time a zip can hold: archives of the same files are the same bytes.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_SKIPPED = {"__pycache__", "_vendor", "wheels"}

Entry = tuple[str, bytes]
"""A file of a release: its path inside, with forward slashes, and its content."""


class BuildFailed(Exception):
    """An archive cannot be made; the message gives the reason and what to do."""


class InstallFailed(Exception):
    """A plugin cannot be installed or removed; the message gives the reason and what to do."""


def package_version() -> str:
    """The one version, from the bridge."""
    text = (BRIDGE / "version.py").read_text("utf-8")
    match = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
    if match is None:
        raise BuildFailed("bridge/sparkvsr_bridge/version.py names no version.")
    return match[1]


def plugin_files(folder: Path, left_out: frozenset[str] = frozenset()) -> Iterator[Path]:
    """Every file that is shipped, sorted; build products and what is named left out."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        # macOS leaves `._name` beside a file on disks that cannot hold its notes.
        is_built = path.suffix == ".pyc" or path.name.startswith("._")
        is_ours = not _SKIPPED & set(inside.parts) and not is_built
        if path.is_file() and is_ours and inside.as_posix() not in left_out:
            yield path


def entries_of(folder: Path, left_out: frozenset[str] = frozenset()) -> Iterator[Entry]:
    """A plugin's own files as they lie in its folder."""
    for path in plugin_files(folder, left_out):
        yield path.relative_to(folder).as_posix(), path.read_bytes()


def bridge_entries(inside: str = "_vendor") -> Iterator[Entry]:
    """The bridge in the folder `inside` of a release; timelines are left out: no host has their library."""
    yield f"{inside}/__init__.py", b""
    for path in plugin_files(BRIDGE):
        name = path.relative_to(BRIDGE).as_posix()
        if not name.startswith("timeline/"):
            yield f"{inside}/bridge/{name}", path.read_bytes()


def write_archive(path: Path, entries: Iterable[Entry]) -> Path:
    """A zip of these files; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return path


def write_folder(folder: Path, entries: Iterable[Entry]) -> None:
    """The same files in a folder; raises OSError."""
    for name, content in entries:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
