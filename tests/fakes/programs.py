"""Stand-ins for programs: Python code that every system starts by its own name alone."""

from __future__ import annotations

import importlib.util
import io
import os
import signal
import sys
import zipfile
from pathlib import Path

import pytest

# Of its own: Nuke's Pythons, which read this file, have no psutil.
IS_WINDOWS = os.name == "nt"
KILL = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL
"""Ends a process at once: Windows has no signals, and `os.kill` ends a process with whatever it is given."""


def write_program(path: Path, code: str, python: str = sys.executable) -> Path:
    """A program that runs this code by this Python; returns its path, which ends with `.exe` on Windows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not IS_WINDOWS:
        path.write_text(f"#!{python}\n{code}\n", "utf-8")
        path.chmod(0o755)
        return path
    path = path.with_name(path.name.removesuffix(".exe") + ".exe")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("__main__.py", code)
    path.write_bytes(_launcher() + f'#!"{python}"\r\n'.encode() + archive.getvalue())
    return path


def _launcher() -> bytes:
    """The program pip puts before a script, so that Windows starts it."""
    place = importlib.util.find_spec("pip")
    if place is None or place.origin is None:
        pytest.skip("a program of one's own needs pip's launcher here, and there is no pip")
    return (Path(place.origin).parent / "_vendor" / "distlib" / "t64.exe").read_bytes()
