"""Puts the extension's archive into the Blender of this user: Blender's own installer does it.

Standard library alone, as `build.py`.
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

EXTENSION = "bl_ext.user_default.sparkvsr"
OLDEST = (4, 2)
# Blender's Python changes here, and with it the archive.
SECOND_GENERATION = (5, 1)
_SECONDS = 300
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
_VERSION = re.compile(r"^Blender (\d+)\.(\d+)(\S*)", re.MULTILINE)
_PLATFORMS = {"darwin": "macos", "win32": "windows"}
_TOLD = "SPARKVSR-ENABLED"
# Only an engine's place that nobody chose is filled in.
_SET_UP = f"""
import bpy
found = bpy.context.preferences.addons["{EXTENSION}"].preferences
found.program = found.program or %r
bpy.ops.wm.save_userpref()
print("{_TOLD}")
"""


class InstallFailed(Exception):
    """The extension cannot be installed; the message says why and what to do."""


@dataclass(frozen=True)
class Blender:
    """A Blender program. version: major and minor. text: the version as Blender says it."""

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
    found = sorted((_look_at(str(path)) for path in _usual_places()), key=lambda one: one.version)
    if not found:
        raise InstallFailed("No Blender is found; name its program with --program.")
    return found[-1]


def this_platform() -> str:
    """This machine as the archives name it."""
    return _PLATFORMS.get(sys.platform, "linux")


def install(blender: Blender, archive: Path, engine: str) -> None:
    """Install and enable the archive, and tell the extension where the engine is unless it knows.

    engine: the engine's program or Python. Raises InstallFailed with Blender's words.
    """
    command = ["--command", "extension", "install-file", "-r", "user_default", "-e", str(archive)]
    _run(blender.program, command, f"{blender.text} refuses {archive.name}")
    said = _run(blender.program, ["--background", "--python-expr", _SET_UP % engine], "it cannot be set up")
    if _TOLD not in said:
        raise InstallFailed(f"{blender.text} does not enable the extension: {_last_line(said)}")


def _look_at(program: str) -> Blender:
    found = _VERSION.search(_run(program, ["--version"], f"{program} does not start"))
    if found is None:
        raise InstallFailed(f"{program} is no Blender; name Blender's program with --program.")
    version = int(found[1]), int(found[2])
    if version < OLDEST:
        raise InstallFailed(f"{found[0]} is too old; the extension needs Blender 4.2 or later.")
    return Blender(program, version, found[0])


def _run(program: str, arguments: list[str], failure: str) -> str:
    """What a program says; InstallFailed beginning with `failure` where it fails."""
    try:
        done = subprocess.run(
            [program, *arguments],
            capture_output=True,
            text=True,
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
    return lines[-1] if lines else "it said nothing"


def _usual_places() -> Iterator[Path]:
    if sys.platform == "darwin":
        yield from Path("/Applications").glob("Blender*.app/Contents/MacOS/Blender")
    elif sys.platform == "win32":
        programs = Path(os.environ.get("PROGRAMFILES", "C:/Program Files"))
        yield from programs.glob("Blender Foundation/Blender */blender.exe")
    else:
        for folder in (Path("/opt"), Path.home(), Path.home() / "Applications"):
            yield from folder.glob("blender-*/blender")
