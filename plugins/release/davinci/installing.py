"""Puts the menu's script into the user's own scripts folder of Resolve, and takes it out again."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from pathlib import Path

from ..archives import PLUGINS, BuildFailed, InstallFailed

SCRIPT = "SparkVSR.py"
_MARK = b"# Installed by 'sparkvsr plugins install davinci'"
_PROGRAM = 'PROGRAM = ["sparkvsr"]'
# The script's last line: how many folders were made for it, which go with it.
_FOLDERS = re.compile(rb"^# Folders made for it: (\d+)$", re.MULTILINE)


def user_folder() -> Path:
    """Where Resolve looks for this user's scripts of all pages."""
    if sys.platform == "win32":
        roaming = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
        base = roaming / "Blackmagic Design" / "DaVinci Resolve" / "Support"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support" / "Blackmagic Design" / "DaVinci Resolve"
    else:
        base = Path.home() / ".local" / "share" / "DaVinciResolve"
    return base / "Fusion" / "Scripts" / "Utility"


def script(engine: str) -> bytes:
    """The script that starts this engine's program or Python. Raises BuildFailed."""
    path = PLUGINS / "davinci" / "menu" / SCRIPT
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise BuildFailed(
            f"The Resolve plugin is missing in {path.parent}; install sparkvsr again."
        ) from error
    is_python = Path(engine).name.lower().startswith("python")
    command = [engine, "-m", "sparkvsr_engine"] if is_python else [engine]
    return text.replace(_PROGRAM, f"PROGRAM = {command!r}").encode()


def install(folder: Path, engine: str) -> None:
    """Put the script there; an earlier one of ours is replaced. Raises InstallFailed."""
    path = folder / SCRIPT
    _require_own(path)
    partial = path.with_name(f"{SCRIPT}.partial")
    try:
        count = _folders_made(path) + sum(not place.exists() for place in (folder, *folder.parents))
        folder.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(script(engine) + f"# Folders made for it: {count}\n".encode())
        partial.replace(path)
    except OSError as error:
        raise _failed(path, error) from error


def uninstall(folder: Path) -> bool:
    """Take it out; False when it was not there. Raises InstallFailed."""
    path = folder / SCRIPT
    if not path.exists():
        return False
    _require_own(path)
    try:
        count = _folders_made(path)
        path.unlink()
    except OSError as error:
        raise _failed(path, error) from error
    # One that holds something else by now stays, and so do those above it.
    with suppress(OSError):
        for place in (folder, *folder.parents)[:count]:
            place.rmdir()
    return True


def _folders_made(path: Path) -> int:
    """How many folders an installed script was made for; 0 without one."""
    match = _FOLDERS.search(path.read_bytes()) if path.exists() else None
    return int(match[1]) if match else 0


def _require_own(path: Path) -> None:
    """Raise InstallFailed for a script that somebody else put there."""
    try:
        is_other = path.exists() and _MARK not in path.read_bytes()
    except OSError as error:
        raise _failed(path, error) from error
    if is_other:
        raise InstallFailed(f"{path} is another script; rename it, or name another folder with --output.")


def _failed(path: Path, error: OSError) -> InstallFailed:
    return InstallFailed(
        f"{error.filename or path} cannot be written ({error.strerror}); make it writable, or name another"
        " folder of scripts with --output."
    )
