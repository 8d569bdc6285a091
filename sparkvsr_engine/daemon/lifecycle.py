"""The engine as a process: its log and the signals that end it."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path

_LOG_BYTES = 4 * 1024 * 1024


def keep_log(folder: Path, name: str) -> None:
    """Write this process's log to a file that cannot grow without end."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        folder / f"{name}.log", maxBytes=_LOG_BYTES, backupCount=2, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)


def on_end_signals(stop: Callable[[], None]) -> None:
    """Call `stop` when the system or a terminal asks the process to end."""

    def end(_signal: int, _frame: object) -> None:
        stop()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if sys.platform == "win32":
        # Ctrl-Break, and on Windows the one polite signal to a process group of its own.
        signal.signal(signal.SIGBREAK, end)
