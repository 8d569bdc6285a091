# SPDX-License-Identifier: Apache-2.0
# Installed by 'sparkvsr plugins install davinci', removed by 'sparkvsr plugins uninstall davinci'.
"""Workspace > Scripts > SparkVSR: starts `sparkvsr resolve`, in the engine's own Python, and ends.

It runs in whatever Python Resolve has, with nothing but the standard library.
"""

import os
import subprocess
import sys

PROGRAM = ["sparkvsr"]

# Resolve's own libraries and Python are none of the engine's.
_RESOLVES = (
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHON3HOME",
    "FUSION_PYTHON3_HOME",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
)


def start() -> None:
    """Start it beside Resolve, so that it outlives this script."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in _RESOLVES and not name.startswith(("QT_", "DYLD_"))
    }
    options = {"env": environment, "stdin": subprocess.DEVNULL}
    if sys.platform == "win32":
        # Without any console every program it starts would open one of its own.
        options["creationflags"] = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        options["start_new_session"] = True
    try:
        subprocess.Popen([*PROGRAM, "resolve"], **options)
    except OSError as error:
        # Shown in Workspace > Console.
        print(  # noqa: T201
            f"SparkVSR does not start: {PROGRAM[0]} ({error.strerror}). Install it again: sparkvsr plugins"
            " install davinci"
        )


start()
