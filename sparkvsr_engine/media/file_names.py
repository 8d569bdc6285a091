"""Names and paths that no disk, or no Windows, takes; judged before anything is opened."""

from __future__ import annotations

import os
from pathlib import Path

from sparkvsr_bridge.errors import MediaUnreadable, OutputUnwritable
from sparkvsr_bridge.system.windows_names import fault_of_windows_path
from sparkvsr_engine.storage.whole_files import LONGEST_NAME

_LONGEST_WINDOWS_PATH = 259


def long_path_reason(path: str, is_windows: bool = os.name == "nt") -> str:
    """Why Windows finds no file of that path; empty when its length is not to blame.

    Unless long paths are turned on, what is longer is `not there`.
    """
    if not is_windows or len(path) <= _LONGEST_WINDOWS_PATH or path.startswith("\\\\?\\"):
        return ""
    return (
        f"its path has {len(path)} characters and Windows takes {_LONGEST_WINDOWS_PATH} unless long paths are"
        " on; choose a shorter one, or turn them on (sparkvsr doctor)"
    )


def require_text_name(path: Path | str) -> None:
    """Raise MediaUnreadable for a name that is no text: libraries take none that is not."""
    if name := _shown_name(path):
        raise MediaUnreadable(f"{name} has a name that is no UTF-8 text; rename it.", path=name)


def require_short_name(path: Path) -> None:
    """Raise OutputUnwritable for a name no disk takes, or that is no text."""
    if name := _shown_name(path):
        raise OutputUnwritable(
            f"{name} cannot be written: its name is no UTF-8 text; choose another.", path=name
        )
    length = len(os.fsencode(path.name))
    if length > LONGEST_NAME:
        raise OutputUnwritable(
            f"{path} cannot be written: its name has {length} bytes, disks take {LONGEST_NAME}; choose a"
            " shorter one.",
            path=str(path),
        )


def require_windows_name(path: Path | str, is_windows: bool = os.name == "nt") -> None:
    r"""Raise OutputUnwritable for a target Windows has no file for.

    `NUL.mp4` is a device that swallows a result, `shot:v2.mp4` a stream behind a file nobody sees, and a dot
    at the end is left out in silence.
    """
    fault = fault_of_windows_path(str(path)) if is_windows else ""
    if fault:
        raise OutputUnwritable(
            f"{path} cannot be written: on Windows it {fault}; choose another name.", path=str(path)
        )


def _shown_name(path: Path | str) -> str:
    """A name that is no UTF-8 as far as it can be shown; empty for any other."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return os.fsencode(path).decode("utf-8", "backslashreplace")
    return ""
