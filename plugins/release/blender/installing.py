"""Puts the extension's archive into the Blender of this user: Blender's own installer does it.

Standard library alone.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..archives import InstallFailed
from ..wheels import this_platform

NAME, REPOSITORY = "sparkvsr", "user_default"
EXTENSION = f"bl_ext.{REPOSITORY}.{NAME}"
OLDEST = (4, 2)
# Blender's Python changes here, and with it the archive.
SECOND_GENERATION = (5, 1)
_SECONDS = 300
_STEAM_MAC = Path("~/Library/Application Support/Steam/steamapps/common/Blender")
# Of Steam (itself of Flatpak too), Snap, and Flatpak for all users and for one.
_LINUX_PROGRAMS = (
    Path("~/.local/share/Steam/steamapps/common/Blender/blender"),
    Path("~/.steam/steam/steamapps/common/Blender/blender"),
    Path("~/.var/app/com.valvesoftware.Steam/.local/share/Steam/steamapps/common/Blender/blender"),
    Path("/snap/bin/blender"),
    Path("/var/lib/flatpak/exports/bin/org.blender.Blender"),
    Path("~/.local/share/flatpak/exports/bin/org.blender.Blender"),
)
_SHARED = (Path("/opt"),)
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
_VERSION = re.compile(r"^Blender (\d+)\.(\d+)(\S*)", re.MULTILINE)
_ENABLED_MARK = "SPARKVSR-ENABLED"
_EXAMPLES = {
    "linux": "for example --program ~/blender-5.0/blender, or what `which blender` prints",
    "macos": "for example --program /Applications/Blender.app/Contents/MacOS/Blender",
    "windows": 'for example --program "C:\\Program Files\\Blender Foundation\\Blender 5.0\\blender.exe"; of'
    " Microsoft's Store, the blender.exe that the Task Manager shows while it runs",
}
# Only an engine's place that nobody chose is filled in.
_SET_UP = f"""
import bpy
found = bpy.context.preferences.addons["{EXTENSION}"].preferences
found.program = found.program or %r
bpy.ops.wm.save_userpref()
print("{_ENABLED_MARK}")
"""


# Removing leaves the preferences of an extension, which Blender keeps for the day it is installed again.
_CLEAR = f"""
import bpy, pathlib, shutil
addons = bpy.context.preferences.addons
if "{EXTENSION}" in addons:
    addons.remove(addons["{EXTENSION}"])
for repository in bpy.context.preferences.extensions.repos:
    if repository.module == "{REPOSITORY}":
        own = pathlib.Path(repository.directory).parent / ".user" / "{REPOSITORY}" / "{NAME}"
        shutil.rmtree(own, ignore_errors=True)
bpy.ops.wm.save_userpref()
print("{_ENABLED_MARK}")
"""
_INSTALLED = re.compile(rf"^\W*{NAME}\b.*installed", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Blender:
    """A Blender program. version: major and minor. text: the version as Blender prints it."""

    program: str
    version: tuple[int, int]
    text: str

    @property
    def generation(self) -> str:
        """The name of its archive's Python generation."""
        return "py313" if self.version >= SECOND_GENERATION else "py311"


def find_blender(program: str = "") -> Blender:
    """The Blender that is named; else the one on the search path; else the newest in the usual places.

    Raises InstallFailed.
    """
    if program:
        return _look_at(program)
    on_path = shutil.which("blender")
    if on_path:
        return _look_at(on_path)
    programs = sorted((_look_at(str(path)) for path in _usual_places()), key=lambda program: program.version)
    if not programs:
        raise InstallFailed(
            "No Blender is found on the search path, in its usual folder or in Steam's; name its program with"
            f" --program ({_EXAMPLES[this_platform()]})."
        )
    return programs[-1]


def install(blender: Blender, archive: Path, engine: str) -> None:
    """Install and enable the archive, and set where the engine is unless the extension has it.

    engine: the engine's program or Python. Raises InstallFailed with Blender's words.
    """
    command = ["--command", "extension", "install-file", "-r", REPOSITORY, "-e", str(archive)]
    _run(blender.program, command, f"{blender.text} refuses {archive.name}")
    output = _run(blender.program, ["--background", "--python-expr", _SET_UP % engine], "it cannot be set up")
    if _ENABLED_MARK not in output:
        raise InstallFailed(f"{blender.text} does not enable the extension: {_last_line(output)}")


def uninstall(blender: Blender) -> bool:
    """Take the extension, its settings and its own files out of Blender; False when it was not there.

    Raises InstallFailed with Blender's words.
    """
    listed = _run(blender.program, ["--command", "extension", "list"], f"{blender.text} lists no extensions")
    if not _INSTALLED.search(listed):
        return False
    _run(blender.program, ["--command", "extension", "remove", NAME], f"{blender.text} keeps the extension")
    output = _run(
        blender.program, ["--background", "--python-expr", _CLEAR], "its settings cannot be cleared"
    )
    if _ENABLED_MARK not in output:
        raise InstallFailed(f"{blender.text} keeps the extension's settings: {_last_line(output)}")
    return True


def _look_at(program: str) -> Blender:
    version_match = _VERSION.search(_run(program, ["--version"], f"{program} does not start"))
    if version_match is None:
        raise InstallFailed(f"{program} is no Blender; name Blender's program with --program.")
    version = int(version_match[1]), int(version_match[2])
    if version < OLDEST:
        raise InstallFailed(f"{version_match[0]} is too old; the extension needs Blender 4.2 or later.")
    return Blender(program, version, version_match[0])


def _run(program: str, arguments: list[str], failure: str) -> str:
    """What a program prints; InstallFailed beginning with `failure` where it fails."""
    try:
        done = subprocess.run(
            [program, *arguments],
            capture_output=True,
            text=True,
            # Whatever the code page, Blender writes UTF-8.
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
            check=False,
            creationflags=_NO_WINDOW,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InstallFailed(f"{failure}: {error}") from error
    if done.returncode:
        raise InstallFailed(f"{failure}: {_last_line(done.stderr or done.stdout)}")
    return done.stdout


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it printed nothing"


def _usual_places() -> Iterator[Path]:
    if sys.platform == "darwin":
        for folder in (Path("/Applications"), Path.home() / "Applications", _STEAM_MAC):
            yield from folder.expanduser().glob("Blender*.app/Contents/MacOS/Blender")
    elif sys.platform == "win32":
        for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "PROGRAMW6432", "LOCALAPPDATA"):
            programs = Path(os.environ.get(variable, "C:/Program Files"))
            yield from programs.glob("Blender Foundation/Blender */blender.exe")
            yield from programs.glob("Steam/steamapps/common/Blender/blender.exe")
    else:
        for folder in (*_SHARED, Path.home(), Path.home() / "Applications"):
            yield from folder.glob("blender-*/blender")
        yield from (path for path in map(Path.expanduser, _LINUX_PROGRAMS) if path.is_file())
