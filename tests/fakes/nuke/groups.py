"""Groups, the root, viewers and backdrops."""

from __future__ import annotations

import re
from typing import Any

from tests.fakes.nuke.application import current
from tests.fakes.nuke.contract import held_to_the_table
from tests.fakes.nuke.formats import Format, parse_format
from tests.fakes.nuke.nodes import Node
from tests.fakes.nuke.refusals import refused


@held_to_the_table
class Group(Node):
    """A node with nodes inside: Input nodes are its inputs, an Output node its result."""

    def _setup(self, node_class: str, parent: Group | None) -> None:
        self._children: dict[str, Node] = {}
        super()._setup(node_class, parent)

    def nodes(self) -> list[Node]:
        return list(self._children.values())

    def numNodes(self) -> int:
        return len(self._children)

    def node(self, name: str) -> Node | None:
        return self._child(name)

    def findNode(self, name: str) -> Node | None:
        return self._child(name)

    def output(self) -> Node | None:
        return self._output()

    def begin(self) -> Group:
        current().groups.append(self)
        return self

    def end(self) -> None:
        if not current().groups or current().groups[-1] is not self:
            raise refused(RuntimeError(f"{self._full_name()} was ended without having been begun"))
        current().groups.pop()

    def __enter__(self) -> Group:
        current().groups.append(self)
        return self

    def __exit__(self, kind: Any, value: Any, traceback: Any) -> None:
        current().groups.pop()

    def run(self, call: Any) -> Any:
        current().groups.append(self)
        try:
            return call()
        finally:
            current().groups.pop()

    def selectedNodes(self) -> list[Node]:
        return [node for node in self._children.values() if node._knobs["selected"]._number(0)]

    def maxInputs(self) -> int:
        return len(self._input_nodes())

    def maximumInputs(self) -> int:
        return len(self._input_nodes())

    # --- for the rest of the stand-in -------------------------------------------------------------------
    def _takes(self, index: int) -> bool:
        return 0 <= index < len(self._input_nodes()) or (current().loading and index >= 0)

    def _child(self, name: str) -> Node | None:
        here: Any = self
        for part in name.split("."):
            here = getattr(here, "_children", {}).get(part)
        return here

    def _output(self) -> Node | None:
        return next((node for node in self._children.values() if node._class == "Output"), None)

    def _input_nodes(self) -> list[Node]:
        inputs = [node for node in self._children.values() if node._class == "Input"]
        return sorted(inputs, key=lambda node: node._knobs["number"]._number(0))

    def _free_name(self, name: str, node: Node | None = None) -> str:
        """`name`, or it with the first number nobody has."""
        holder = self._children.get(name)
        if holder is None or holder is node:
            return name
        stem = re.sub(r"\d+$", "", name)
        number = 1
        while f"{stem}{number}" in self._children:
            number += 1
        return f"{stem}{number}"

    def _renamed(self, node: Node) -> None:
        if node in self._children.values():
            self._children = {str(item._knobs["name"]._state): item for item in self._children.values()}

    def _insert(self, node: Node) -> None:
        node._is_there = True
        self._children[str(node._knobs["name"]._state)] = node

    def _drop(self, node: Node) -> None:
        node._is_there = False
        self._children.pop(str(node._knobs["name"]._state), None)


class Gizmo(Group):
    """A group of a file."""


class LiveGroup(Group):
    """A group that lives in a file of its own."""


@held_to_the_table
class Root(Group):
    """The script as a whole: its settings, and the group all others lie in."""

    def modified(self) -> bool:
        return current().modified

    def setModified(self, modified: bool) -> None:
        current().modified = bool(modified)

    def proxy(self) -> bool:
        return bool(self._knobs["proxy"]._number(0))

    def setProxy(self, is_on: bool) -> None:
        self._knobs["proxy"]._from_script("true" if is_on else "false")

    def firstFrame(self) -> int:
        return int(self._knobs["first_frame"]._number(0))

    def lastFrame(self) -> int:
        return int(self._knobs["last_frame"]._number(0))

    def fps(self) -> int:
        return int(self._knobs["fps"]._number(0))

    def realFps(self) -> float:
        return float(self._knobs["fps"]._number(0))

    def setFrame(self, frame: float) -> None:
        self._knobs["frame"]._from_script(repr(float(frame)))

    def setView(self, view: str) -> None:
        if view not in current().views:
            raise refused(ValueError(f"there is no view {view}"))
        current().view = view

    def addView(self, name: str, color: str = "") -> None:
        add_view(name)

    def deleteView(self, name: str) -> None:
        current().views.remove(name)
        _write_views(self)

    def channels(self) -> list[str]:
        return ["rgba.red", "rgba.green", "rgba.blue", "rgba.alpha"]

    def format(self) -> Format:
        return self._root_format()

    def _full_name(self) -> str:
        return "root"

    def _root_format(self) -> Format:
        text = self._knobs["format"]._state
        return parse_format(text) if text else parse_format("2048 1556 0 0 2048 1556 1 2K_Super_35(full-ap)")

    def _react(self, knob: Any) -> None:
        if knob._name in ("colorManagement", "OCIO_config", "customOCIOConfigPath", "OCIOConfigPath"):
            from tests.fakes.nuke.colours import offer_values

            for node in self._children.values():
                offer_values(node)
        if knob._name == "views":
            views = [line.split()[0] for line in str(knob._state).splitlines() if line.strip()]
            current().views[:] = views or ["main"]
            if current().view not in current().views:
                current().view = current().views[0]


def add_view(name: str) -> None:
    running = current()
    if name not in running.views:
        running.views.append(name)
    _write_views(running.root)


def _write_views(root: Root) -> None:
    root._knobs["views"]._from_script("\n".join(f"{view} #ffffff" for view in current().views))


@held_to_the_table
class Viewer(Node):
    """A viewer; without a window (`-t`) it has no region."""

    def roi(self) -> dict[str, float] | None:
        """x, y, r, t in source pixels, origin at the bottom left; None without a window."""
        return self._extra.get("roi") if current().gui else None

    def roiEnabled(self) -> bool:
        return bool(self._extra.get("roi_enabled", False))

    def setRoi(self, box: dict[str, float]) -> None:
        current().need_interface("Viewer.setRoi")
        self._extra["roi"] = {side: float(box[side]) for side in ("x", "y", "r", "t")}
        self._extra["roi_enabled"] = True


@held_to_the_table
class BackdropNode(Node):
    """A coloured area behind nodes."""

    def getNodes(self) -> list[Node]:
        current().need_interface("BackdropNode.getNodes")
        x, y = self.xpos(), self.ypos()
        r = x + self._knobs["bdwidth"]._number(0)
        t = y + self._knobs["bdheight"]._number(0)
        siblings = self._parent._children.values() if self._parent else ()
        return [n for n in siblings if n is not self and x <= n.xpos() < r and y <= n.ypos() < t]


@held_to_the_table
class ViewerWindow:
    """The window of a viewer: what input it shows."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._active = 0

    def node(self) -> Viewer:
        return self._viewer

    def view(self) -> str:
        return current().view

    def setView(self, view: str) -> None:
        current().root.setView(view)

    def activeInput(self, secondary: bool = False) -> int | None:
        return self._active if self._viewer._input(self._active) is not None else None

    def activateInput(self, index: int, secondary: bool = False) -> None:
        self._active = index


CLASSES: dict[str, type[Node]] = {
    "Group": Group,
    "LiveGroup": LiveGroup,
    "VariableGroup": Group,
    "Root": Root,
    "Viewer": Viewer,
    "BackdropNode": BackdropNode,
}
