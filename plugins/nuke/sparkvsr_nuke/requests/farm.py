"""'Send to farm': a new version whose frames a farm renders: a bundle for it, and a command. Main thread.

The branches are rendered here, so that the farm needs neither Nuke nor the plugin; the version's Read is
placed at once and shows the frames as the farm writes them ('Reload').
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, List, Optional

import nuke

from ..following import jobs
from ..preferences import engine_place, read_preferences
from .farm_command import command_line, write_bundles
from .submission import Prepared, accept, place, prepare

COMMAND_FILE = "farm_command.txt"


def copy_command(node: Any) -> str:
    """Prepare the version and copy its command. Returns the request's token. Raises Refused."""
    return prepare(node, _copy)


def _copy(prepared: Prepared, token: str) -> None:
    placed = place(prepared)
    command = command_line(list(prepared.requests.values()), list(placed.targets.values()))
    folder = prepared.target.version_folder(placed.number)
    path = folder / COMMAND_FILE
    path.write_text(command + "\n", encoding="utf-8")
    accept(prepared, placed, None)
    if nuke.GUI:
        _to_clipboard(command)
    jobs.show_info(f"The farm command was copied, and written to {path.as_posix()}.")
    _write_bundles(prepared.requests, placed.targets, folder, token)


def _write_bundles(requests: Any, targets: Any, folder: Path, token: str) -> None:
    """Beside the main thread; the command is there whatever comes of it."""

    def answered(folders: Optional[List[str]], error: Optional[Exception]) -> None:
        if error is not None:
            jobs.show_info(str(error))
        else:
            named = ", ".join(Path(place).as_posix() for place in folders or ())
            jobs.show_info(f"The farm's bundle was written to {named}.")
        jobs.set_step(token, "")

    jobs.set_step(token, "Writing the farm's bundle")
    engine = engine_place(read_preferences(), "")
    jobs.run_task(lambda _: write_bundles(requests, targets, folder, engine), answered, beside=True)


def _to_clipboard(text: str) -> None:
    from ..panel.qt import QtWidgets

    QtWidgets.QApplication.clipboard().setText(text)
