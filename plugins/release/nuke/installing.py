"""Puts the plugin into the user's Nuke folder and takes it out again without a trace. Nuke itself is not run.

Everything lies below `~/.nuke`: the plugin's folder, the engine's place (`sparkvsr.json`) and one marked line
in the user's `init.py`, which is as it was, byte for byte, when the line is taken out.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ..archives import Entry, InstallFailed, write_folder
from .marked_line import NEW_FILE, OWN_COMMENT, with_line, without_line

PLUGIN_FOLDER = "sparkvsr"
SETTINGS = "sparkvsr.json"
# What distinguishes a folder of ours from one the user made.
_PACKAGE = "sparkvsr_nuke"


def user_folder() -> Path:
    """Where Nuke looks for this user's own files: on Windows below HOME where that is set."""
    named = os.environ.get("HOME", "") if sys.platform == "win32" else ""
    return (Path(named) if named else Path.home()) / ".nuke"


def install(home: Path, entries: Iterable[Entry], engine: str) -> None:
    """Put the plugin's folder, the engine's place and the line into the user's Nuke folder.

    engine: the engine's program or Python; a place that was chosen before stays. Installing again replaces
    the plugin. Raises InstallFailed; what was there before is there then.
    """
    init = home / "init.py"
    try:
        before = init.read_bytes() if init.exists() else None
        after = NEW_FILE if before is None else with_line(before, str(init))
        put_folder(home / PLUGIN_FOLDER, entries)
        if not (home / SETTINGS).exists():
            (home / SETTINGS).write_text(json.dumps({"program": engine}, indent=1), "utf-8")
        if after != before:
            _write(init, after)
    except OSError as error:
        raise _failed(home, error) from error


def uninstall(home: Path) -> bool:
    """Take all of it out; False when nothing was there. Raises InstallFailed."""
    init = home / "init.py"
    try:
        content = init.read_bytes() if init.exists() else b""
        remaining = without_line(content)
        if remaining != content:
            if remaining == OWN_COMMENT:
                init.unlink()
            else:
                _write(init, remaining)
        was_there = remove_folder(home / PLUGIN_FOLDER) or remaining != content
        (home / SETTINGS).unlink(missing_ok=True)
    except OSError as error:
        raise _failed(home, error) from error
    if was_there:
        # Nuke makes its folder at its next start; one with files of the user's is not empty.
        with suppress(OSError):
            home.rmdir()
    return was_there


def put_folder(folder: Path, entries: Iterable[Entry]) -> None:
    """The plugin's files in a folder of their own, in one step; an earlier plugin there is replaced.

    Raises InstallFailed, also for a folder that holds something else.
    """
    _require_own(folder)
    partial = folder.with_name(f"{folder.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        write_folder(partial, entries)
        if folder.exists():
            shutil.rmtree(folder)
        partial.replace(folder)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise _failed(folder, error) from error


def remove_folder(folder: Path) -> bool:
    """Remove a plugin's folder; False when there is none. Raises InstallFailed."""
    _require_own(folder)
    if not folder.exists():
        return False
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise _failed(folder, error) from error
    return True


def _require_own(folder: Path) -> None:
    """Raise InstallFailed for a folder with other files: they would be lost."""
    try:
        is_other = folder.exists() and any(folder.iterdir()) and not (folder / _PACKAGE).is_dir()
    except OSError as error:
        raise _failed(folder, error) from error
    if is_other:
        raise InstallFailed(f"{folder} holds other files; name another folder with --output, or empty it.")


def _write(path: Path, content: bytes) -> None:
    """Replace a file's content in one step; a link stays one, and so do the file's rights."""
    target = path.resolve()
    partial = target.with_name(f"{target.name}.partial")
    try:
        partial.write_bytes(content)
        if target.exists():
            shutil.copymode(target, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _failed(place: Path, error: OSError) -> InstallFailed:
    return InstallFailed(
        f"{error.filename or place} cannot be written ({error.strerror}); make it writable, or install into"
        " another folder with --output DIR and put that on NUKE_PATH."
    )
