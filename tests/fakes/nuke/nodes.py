"""Nodes: their knobs, inputs and names, and what Python may ask of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.nuke import tables
from tests.fakes.nuke.additions import ENDINGS
from tests.fakes.nuke.application import current
from tests.fakes.nuke.callbacks import fire
from tests.fakes.nuke.contract import held_to_the_table
from tests.fakes.nuke.knob_making import make_knobs
from tests.fakes.nuke.knobs import Knob
from tests.fakes.nuke.refusals import refused
from tests.fakes.nuke.reports_of_nodes import NodeReports

if TYPE_CHECKING:
    from tests.fakes.nuke.groups import Group


@held_to_the_table
class Node(NodeReports):
    """A node. `_inputs` holds what is connected, None for nothing; `_parent` the group it lies in."""

    _class: str

    def _setup(self, node_class: str, parent: Group | None) -> None:
        self._class, self._parent = node_class, parent
        self._inputs: list[Node | None] = []
        self._is_there = True
        self._panel_open = False
        self._extra: dict[str, Any] = {}
        self._knobs: dict[str, Knob] = make_knobs(node_class)
        for knob in self._knobs.values():
            knob._node = self

    # --- identity ---------------------------------------------------------------------------------------
    def Class(self) -> str:
        return self._class

    def name(self) -> str:
        self._alive()
        return str(self._knobs["name"]._state)

    def fullName(self) -> str:
        return self._full_name()

    def setName(self, name: str, uncollide: bool = True, updateExpressions: bool = False) -> None:
        if self._parent is not None:
            name = self._parent._free_name(name, self)
        self._knobs["name"]._change(name)

    def parent(self) -> Any:
        return self._parent

    def rootNode(self) -> Any:
        return current().root

    # --- knobs ------------------------------------------------------------------------------------------
    def __getitem__(self, key: str) -> Knob:
        self._alive()
        if key not in self._knobs or key in self._absent():
            raise refused(NameError(f"knob {key} does not exist in {self._class} {self._full_name()}"))
        return self._knobs[key]

    def knob(self, key: Any, follow_link: bool = True) -> Knob | None:
        self._alive()
        knob = list(self._knobs.values())[key] if isinstance(key, int) else self._knobs.get(key)
        if knob is not None and knob._name in self._absent():
            return None
        return knob._linked() if knob is not None and follow_link else knob

    def knobs(self) -> dict[str, Knob]:
        return dict(self._knobs)

    def allKnobs(self) -> list[Knob]:
        return list(self._knobs.values())

    def numKnobs(self) -> int:
        return len(self._knobs)

    def addKnob(self, knob: Knob) -> None:
        name = knob._name
        if not name:
            raise refused(ValueError(f"a user knob of {self._full_name()} has no name"))
        if name in self._knobs:
            raise refused(ValueError(f"{self._full_name()} has a knob {name} already"))
        knob._is_user = True
        self._attach(knob)
        current().undo.record(f"Add {name}", lambda: self._detach(knob), lambda: self._attach(knob))
        current().touch()

    def removeKnob(self, knob: Knob) -> None:
        if self._knobs.get(knob._name) is not knob or not knob._is_user:
            raise refused(ValueError(f"{knob._name} is no user knob of {self._full_name()}"))
        self._detach(knob)
        current().undo.record(f"Remove {knob._name}", lambda: self._attach(knob), lambda: self._detach(knob))
        current().touch()

    def writeKnobs(self, flags: int = 0) -> str:
        from tests.fakes.nuke.scripts import knob_lines

        return "\n".join(knob_lines(self))

    def readKnobs(self, text: str) -> None:
        from tests.fakes.nuke.loading import apply_knobs

        apply_knobs(self, text)

    def resetKnobsToDefault(self) -> None:
        for knob in self._knobs.values():
            if not knob._is_user and knob._name not in ("name", "xpos", "ypos"):
                knob._change(knob._start)

    # --- inputs -----------------------------------------------------------------------------------------
    def inputs(self) -> int:
        return max((index + 1 for index, node in enumerate(self._inputs) if node is not None), default=0)

    def input(self, index: int) -> Node | None:
        return self._input(index)

    def setInput(self, index: int, node: Node | None) -> bool:
        if not self._takes(index):
            return False
        if node is not None and node._parent is not self._parent:
            raise refused(ValueError(f"{node._full_name()} lies in another group than {self._full_name()}"))
        self._connect(index, node)
        return True

    def connectInput(self, index: int, node: Node) -> bool:
        free = next((slot for slot in range(index, self.maxInputs()) if self._input(slot) is None), index)
        return self.setInput(free, node)

    def canSetInput(self, index: int, node: Node | None) -> bool:
        return self._takes(index)

    def maxInputs(self) -> int:
        return tables.inputs_of(self._class)[1]

    def minInputs(self) -> int:
        return tables.inputs_of(self._class)[0]

    def maximumInputs(self) -> int:
        return self.maxInputs()

    def minimumInputs(self) -> int:
        return self.minInputs()

    def optionalInput(self) -> int:
        return 0

    # --- the node graph ---------------------------------------------------------------------------------
    def xpos(self) -> int:
        return int(self._knobs["xpos"]._number(0))

    def ypos(self) -> int:
        return int(self._knobs["ypos"]._number(0))

    def setXpos(self, x: int) -> None:
        self._knobs["xpos"]._from_script(str(int(x)))

    def setYpos(self, y: int) -> None:
        self._knobs["ypos"]._from_script(str(int(y)))

    def setXYpos(self, x: int, y: int) -> None:
        self._knobs["xpos"]._from_script(str(int(x)))
        self._knobs["ypos"]._from_script(str(int(y)))

    def screenWidth(self) -> int:
        return 80 if current().gui else 0

    def screenHeight(self) -> int:
        return 18 if current().gui else 0

    def setSelected(self, selected: bool) -> None:
        self._knobs["selected"]._from_script("true" if selected else "false")

    def isSelected(self) -> bool:
        return bool(self._knobs["selected"]._number(0))

    def selectOnly(self) -> None:
        for node in self._parent._children.values() if self._parent else ():
            node._knobs["selected"]._from_script("true" if node is self else "false")

    def autoplace(self) -> None:
        """Nothing moves here."""

    def redraw(self) -> None:
        current().need_interface("Node.redraw")

    def shown(self) -> bool:
        return self._panel_open

    def showControlPanel(self, forceFloat: bool = False) -> None:
        current().need_interface("Node.showControlPanel")
        self._panel_open = True
        self._knob_changed(_dummy("showPanel", self))

    def hideControlPanel(self) -> None:
        current().need_interface("Node.hideControlPanel")
        self._knob_changed(_dummy("hidePanel", self))
        self._panel_open = False

    def setTab(self, index: int) -> None:
        current().need_interface("Node.setTab")

    # --- for the rest of the stand-in -------------------------------------------------------------------
    def _alive(self) -> None:
        if not self._is_there:
            raise refused(ValueError("A PythonObject is not attached to a node"))

    def _full_name(self) -> str:
        name = str(self._knobs["name"]._state)
        above = self._parent
        return name if above is None or above._parent is None else f"{above._full_name()}.{name}"

    def _input(self, index: int) -> Node | None:
        node = self._inputs[index] if 0 <= index < len(self._inputs) else None
        return node if node is None or node._is_there else None

    def _takes(self, index: int) -> bool:
        return 0 <= index < self.maxInputs()

    def _connect(self, index: int, node: Node | None) -> None:
        before = self._input(index)
        if before is node:
            return
        self._plug(index, node)
        current().undo.record(
            f"Connect {self._full_name()}", lambda: self._plug(index, before), lambda: self._plug(index, node)
        )
        current().touch()
        self._knob_changed(_dummy("inputChange", self))

    def _plug(self, index: int, node: Node | None) -> None:
        self._inputs += [None] * (index + 1 - len(self._inputs))
        self._inputs[index] = node

    def _attach(self, knob: Knob) -> None:
        self._knobs[knob._name] = knob
        knob._node = self

    def _detach(self, knob: Knob) -> None:
        self._knobs.pop(knob._name, None)

    def _rename_knob(self, knob: Knob, name: str) -> None:
        self._knobs = {name if item is knob else key: item for key, item in self._knobs.items()}

    def _knob_changed(self, knob: Knob) -> None:
        """What follows a change: the name in the group, what a Read learns, and callbacks."""
        if knob._name == "name" and self._parent is not None:
            self._parent._renamed(self)
        self._react(knob)
        running = current()
        if self._panel_open or (running.loading and not running.gui):
            fire("KnobChanged", self, knob)

    def _absent(self) -> set[str]:
        """Knobs that come with another file type than the one chosen."""
        if "file_type" not in self._knobs:
            return set()
        named = self._knobs["file_type"]._word(0).strip()
        ending = str(self._knobs["file"]._state).rpartition(".")[2].lower()
        return tables.absent_knobs(self._class, named or ENDINGS.get(ending, ""))

    def _react(self, knob: Knob) -> None:
        """For classes that change other knobs with one."""


def _dummy(name: str, node: Node) -> Knob:
    knob = Knob.__new__(Knob)
    knob._setup(name, name)
    knob._node = node
    return knob
