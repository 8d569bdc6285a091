"""The command that installs a package where this process finds it, as text for a message.

`pip install` alone reaches whichever Python comes first on the search path: not the one of pipx, uv or a
virtual environment that is not active.
"""

from __future__ import annotations

import os
import sys
from pathlib import PurePosixPath, PureWindowsPath


def install_command(*arguments: str, python: str = sys.executable, is_windows: bool = os.name == "nt") -> str:
    """`PYTHON -m pip install ARGUMENTS`, to be pasted into a terminal of this system (PowerShell on Windows).

    Arguments with brackets are quoted with ", which every shell takes. A host program that embeds Python has
    no interpreter of that name: there the command begins with `python`.
    """
    path = PureWindowsPath(python) if is_windows else PurePosixPath(python)
    program = python if path.name.lower().startswith("python") else "python"
    if " " in program:
        # PowerShell takes a quoted text at the beginning for a value unless & precedes it.
        program = f'& "{program}"' if is_windows else f'"{program}"'
    quoted = (f'"{argument}"' if set(argument) & set("[]<> ") else argument for argument in arguments)
    return " ".join((program, "-m", "pip", "install", *quoted))
