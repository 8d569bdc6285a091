"""The command that opens the window: window. The window is a process of its own; Qt is loaded there alone."""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
from typing import TYPE_CHECKING

from sparkvsr_bridge.errors import ModelMissing, SparkVSRError
from sparkvsr_bridge.system.installing import install_command
from sparkvsr_engine.cli.console import Console
from sparkvsr_engine.cli.paths import absolute

if TYPE_CHECKING:
    from sparkvsr_engine.cli.subcommands import Commands

_PACKAGE = "sparkvsr_window"
_TOOLKIT = "PySide6"


def add_commands(commands: Commands) -> None:
    """Add it."""
    window = commands.add(
        "window",
        run_window,
        "Open the window: look at a clip, set keyframes, preview, render, compare versions.",
        "sparkvsr window shot.mov",
    )
    window.add_argument(
        "file",
        nargs="?",
        metavar="FILE",
        help="movie, numbered pattern (plate.%%04d.exr), picture of a sequence, folder or timeline to open",
    )


def run_window(options: argparse.Namespace, console: Console) -> int:
    """Start the window and wait until it is closed."""
    return show_window([absolute(options.file)] if options.file else [], console)


def show_window(arguments: list[str], console: Console) -> int:
    """Start the window with these arguments and wait until it is closed. Raises SparkVSRError."""
    require_toolkit()
    child = subprocess.Popen([sys.executable, "-m", _PACKAGE, *arguments])
    console.event("window", pid=child.pid)
    try:
        status = child.wait()
    except KeyboardInterrupt:
        child.terminate()
        child.wait()
        raise
    if status:
        reason = "its last output has the reason, and its work is saved"
        raise SparkVSRError(f"The window ended with status {status}; {reason}.")
    return 0


def has_toolkit() -> bool:
    """Whether Qt is installed."""
    return importlib.util.find_spec(_TOOLKIT) is not None


def require_toolkit() -> None:
    """Raise ModelMissing, with the command that mends it, where Qt is not installed."""
    if not has_toolkit():
        raise ModelMissing(f"The window needs PySide6; install it: {install_command('sparkvsr[window]')}")
