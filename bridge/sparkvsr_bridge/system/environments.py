"""The environment of an engine that a host starts: the host's, without variables of its Python and libraries.

A host's Python variables and library folders break another Python: Nuke's PYTHONPATH would give the engine
Nuke's numpy. Variables named in SPARKVSR_KEEP_ENVIRONMENT (separated by commas) stay as the host has them:
at some sites LD_LIBRARY_PATH leads to the graphics driver.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Dict, Mapping

KEEP_VARIABLE = "SPARKVSR_KEEP_ENVIRONMENT"
NO_USER_SITE = "PYTHONNOUSERSITE"
_LIBRARY_VARIABLES = (
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "DYLD_LIBRARY_PATH",
    "DYLD_FRAMEWORK_PATH",
    "DYLD_INSERT_LIBRARIES",
    "__PYVENV_LAUNCHER__",
)


def engine_environment(host: Mapping[str, str], program: str) -> Dict[str, str]:
    """The host's environment without its Python's and its libraries' variables.

    Packages of the user's own folder are left out too (PYTHONNOUSERSITE=1): they are often of the host's
    Python version. Not where `program`, which starts the engine, is itself in that folder.

    Args:
        host: the host's variables.
        program: the engine's program, a path or a command; empty for the installed one.
    """
    kept_names = {name.strip() for name in host.get(KEEP_VARIABLE, "").split(",")}
    environment = {name: value for name, value in host.items() if name in kept_names or not _is_of_host(name)}
    if NO_USER_SITE not in kept_names and not _is_in_user_folder(program, host):
        environment[NO_USER_SITE] = "1"
    return environment


def _is_of_host(name: str) -> bool:
    return name.upper().startswith("PYTHON") or name in _LIBRARY_VARIABLES


def _is_in_user_folder(program: str, host: Mapping[str, str]) -> bool:
    """Whether pip put the program into the user's own folder (`pip install --user`)."""
    home = Path(host.get("HOME") or "\0")
    folders = [home / ".local"]
    if sys.platform == "win32":
        folders = [Path(host.get("APPDATA") or "\0") / "Python"]
    elif sys.platform == "darwin":
        # Pythons of python.org and Homebrew have the first; those of pyenv, uv and conda the other.
        folders.insert(0, home / "Library" / "Python")
    return any(folder in Path(program).parents for folder in folders)
