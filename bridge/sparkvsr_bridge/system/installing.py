"""Commands that install a package where this process finds it, or take SparkVSR out, as text for messages.

`pip install` alone reaches whichever Python comes first on the search path: not the one of pipx, uv or a
virtual environment that is not active.
"""

from __future__ import annotations

import os
import sys
from pathlib import PurePath, PurePosixPath, PureWindowsPath


def install_command(*arguments: str, python: str = sys.executable, is_windows: bool = os.name == "nt") -> str:
    """`PYTHON -m pip install ARGUMENTS`, to be pasted into a terminal of this system (PowerShell on Windows).

    Arguments with brackets are quoted with ", which every shell takes. A host program that embeds Python has
    no interpreter of that name: there the command begins with `python`.

    Args:
        python: path of the Python that runs the engine.
        is_windows: whether the system is Windows.
        *arguments: what is installed, such as `sparkvsr[train]`.
    """
    return " ".join((_as_command(python, is_windows), "-m", "pip", "install", *map(_quoted, arguments)))


def uninstall_command(python: str = sys.executable, is_windows: bool = os.name == "nt") -> str:
    """What takes SparkVSR out again, by the tool that made the environment it lies in.

    Args:
        python: path of the Python that runs the engine.
        is_windows: whether the system is Windows.
    """
    parts = [part.lower() for part in _path(python, is_windows).parts]
    if "pipx" in parts:
        return "pipx uninstall sparkvsr"
    if ("uv", "tools") in zip(parts, parts[1:]):
        return "uv tool uninstall sparkvsr"
    return f"{_as_command(python, is_windows)} -m pip uninstall sparkvsr"


def _path(python: str, is_windows: bool) -> PurePath:
    return PureWindowsPath(python) if is_windows else PurePosixPath(python)


def _as_command(python: str, is_windows: bool) -> str:
    program = python if _path(python, is_windows).name.lower().startswith("python") else "python"
    if " " in program:
        # PowerShell takes a quoted text at the beginning for a value unless & precedes it.
        program = f'& "{program}"' if is_windows else f'"{program}"'
    return program


def _quoted(argument: str) -> str:
    return f'"{argument}"' if set(argument) & set("[]<> ") else argument
