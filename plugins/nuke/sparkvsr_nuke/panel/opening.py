"""The dock as Nuke shows it: registered as a panel, fed from the job list. Main thread."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional

import nuke

from .. import commands
from ..following import jobs
from ..node.script_nodes import all_nodes, stored_token
from .dock import Dock
from .rows import DockView, dock_view

PANEL_ID = "com.sparkvsr.dock"
_REDRAW_MILLISECONDS = 200


class NukeDock(Dock):
    """The dock in Nuke; Nuke makes it from its name."""

    def __init__(self) -> None:
        super().__init__(
            current_view,
            {
                "cancel": commands.cancel,
                "pause": commands.pause,
                "resume": commands.resume,
                "engine": lambda _: choose_engine(),
                "test": lambda _: run_self_test(),
            },
        )
        from .qt import QtCore

        self._is_due = False
        self._redraws = QtCore.QTimer(self)
        self._redraws.setInterval(_REDRAW_MILLISECONDS)
        self._redraws.timeout.connect(self._redraw)
        self._redraws.start()
        jobs.runtime().on_change.append(self._mark)

    def _mark(self) -> None:
        self._is_due = True

    def _redraw(self) -> None:
        if self._is_due and self.isVisible():
            self._is_due = False
            self.refresh()


def show() -> Optional[Any]:
    """Open the dock in the pane that Nuke chooses, and go on watching the script's unfinished jobs."""
    import nukescripts  # type: ignore[import-not-found]

    from ..following import results

    for node in all_nodes():
        results.follow_open_jobs(node)
    return nukescripts.panels.restorePanel(PANEL_ID)


def current_view() -> DockView:
    """What there is to show now."""
    names: Dict[str, str] = {}
    for node in all_nodes():
        names.setdefault(stored_token(node), node.name())
    return dock_view(jobs.runtime(), names)


def choose_engine() -> None:
    """Ask for the engine's program and keep it."""
    from ..preferences import read_preferences, write_preferences

    current = read_preferences()
    program = nuke.getFilename("The engine's Python, or its sparkvsr program")
    if program:
        try:
            write_preferences(dataclasses.replace(current, program=program))
        except OSError as error:
            nuke.message(f"The setting cannot be kept ({error.strerror}).")
        else:
            jobs.show_info(f"The engine is {program}.")


def run_self_test() -> None:
    """Check everything between Nuke and upscaled frames, and write a report."""
    from .. import self_test

    self_test.run()
