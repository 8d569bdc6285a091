"""What an artist does: presses a button, sets a knob in the panel, moves to a frame. Each is one event."""

from __future__ import annotations

from typing import Any

from tests.fakes.nuke.application import current
from tests.fakes.nuke.refusals import refused


def open_panel(node: Any) -> None:
    """Open a node's panel: only then `knobChanged` runs."""
    node.showControlPanel()


def click(node: Any, name: str) -> None:
    """Press a button. Raises what its Python raises; AssertionError with an undo group left open."""
    knob = node._knobs[name]
    if not knob.enabled() or not knob.visible():
        raise refused(AssertionError(f"{name} cannot be pressed: it is hidden or greyed out"))
    knob._run()
    current().check_idle()


def set_in_panel(node: Any, name: str, value: Any) -> None:
    """Change a knob by hand: the panel is open, callbacks run."""
    was_open = node._panel_open
    node._panel_open = current().gui
    try:
        node._knobs[name].setValue(value)
    finally:
        node._panel_open = was_open
    current().check_idle()


def choose_menu(menu: str, path: str) -> None:
    """Choose an entry of a menu."""
    item = current().menus[menu].findItem(path)
    if item is None:
        raise AssertionError(f"there is no {path} in the menu {menu}")
    item.invoke()
    current().check_idle()


def select(*nodes: Any) -> None:
    for node in current().root._children.values():
        node._knobs["selected"]._from_script("true" if node in nodes else "false")
