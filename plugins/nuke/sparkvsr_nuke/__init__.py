# SPDX-License-Identifier: Apache-2.0
"""SparkVSR for Nuke 14 to 17: what knobs, menus and scripts call; the rest is imported when used.

Importing it, creating a node, opening or rendering a script touches no engine, no socket and no Qt.
"""

from __future__ import annotations

from typing import Any, Optional


def create() -> Any:
    """A new SparkVSR node behind the selected one."""
    from . import actions

    return actions.create()


def press(node: Any, action: str) -> None:
    """Do the action of a button of the node; whatever goes wrong is shown, never raised into Nuke."""
    from . import actions

    actions.press(node, action)


def knob_changed(node: Any, knob: Any) -> None:
    """A knob changed, or a panel was opened. Quiet while scripts load and in terminals; never raises."""
    import nuke

    if not nuke.GUI:
        return
    try:
        name = knob.name() if knob is not None else ""
        if name in ("showPanel", "inputChange"):
            from . import actions

            actions.show_route(node)
            if name == "showPanel":
                actions.follow_jobs(node)
    except Exception as error:
        nuke.tprint(f"SparkVSR: {error!r}")


def render(node: Any, revise: bool = False) -> str:
    """Send the node's job and wait for its end: for scripts run with `nuke -t`. Returns the files' pattern.

    revise: a version of the latest job. Raises RuntimeError with one sentence when it fails.
    """
    from . import terminal

    return terminal.render(node, revise)


def show_dock() -> Optional[Any]:
    """Open the dock."""
    from .panel import opening

    return opening.show()


def choose_engine() -> None:
    """Ask for the engine's program."""
    from .panel import opening

    opening.choose_engine()


def run_self_test() -> None:
    """Check everything between this Nuke and upscaled frames, and write a report."""
    from . import self_test

    self_test.run()
