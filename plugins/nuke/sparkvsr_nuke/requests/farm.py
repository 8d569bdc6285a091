"""'Copy farm command': a new version whose frames a farm renders. Main thread.

The branches are rendered here, so that the farm needs neither Nuke nor the plugin; the version's Read is
placed at once and shows the frames as the farm writes them ('Reload').
"""

from __future__ import annotations

from typing import Any

import nuke

from ..following import jobs
from .farm_command import command_line
from .submission import Prepared, accept, place, prepare

COMMAND_FILE = "farm_command.txt"


def copy_command(node: Any) -> str:
    """Prepare the version and copy its command. Returns the request's token. Raises Refused."""
    return prepare(node, _copy)


def _copy(prepared: Prepared, token: str) -> None:
    placed = place(prepared)
    command = command_line(list(prepared.requests.values()), list(placed.targets.values()))
    path = prepared.target.version_folder(placed.number) / COMMAND_FILE
    path.write_text(command + "\n", encoding="utf-8")
    accept(prepared, placed, None)
    if nuke.GUI:
        _to_clipboard(command)
    jobs.show_info(f"The farm command was copied, and written to {path.as_posix()}.")
    jobs.set_step(token, "")


def _to_clipboard(text: str) -> None:
    from ..panel.qt import QtWidgets

    QtWidgets.QApplication.clipboard().setText(text)
