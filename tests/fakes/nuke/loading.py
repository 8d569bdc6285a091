"""Reads scripts through real Tcl in a safe interpreter: every command is a node, a wire or a group's end."""

from __future__ import annotations

import tkinter
from typing import Any

from tests.fakes.nuke import tables
from tests.fakes.nuke.application import current
from tests.fakes.nuke.callbacks import fire
from tests.fakes.nuke.creation import created, new_node
from tests.fakes.nuke.groups import Group
from tests.fakes.nuke.knob_making import user_knob_from
from tests.fakes.nuke.refusals import refused
from tests.fakes.nuke.tcl import interpreter, tcl_interpreter

IGNORED = ("version", "define_window_layout_xml", "add_layer", "cut_paste_input", "clone")
GROUPS = ("Group", "LiveGroup", "VariableGroup")


class Loader:
    """Makes the nodes of one text. stack: what the next node's inputs are taken from, last first."""

    def __init__(self, parent: Group, outside: Any) -> None:
        self.groups = [parent]
        self.stacks: list[list[Any]] = [[outside] if outside is not None else []]
        self.nodes_made: list[Any] = []
        self.numbers: dict[str, Any] = {}
        self.made_groups: list[Any] = []
        self._raised: list[Exception] = []
        self._count = 0

    def run(self, text: str, outside: Any) -> None:
        """Raises: RuntimeError in Tcl's words for what is no script."""
        tcl = interpreter()
        tcl.createcommand("python_command", self._guarded)
        tcl.eval("interp alias nk unknown {} python_command")
        for name in str(tcl.eval("nk eval {info commands}")).split():
            if name[:1].isupper():
                tcl.eval(f"nk eval {{rename {name} {{}}}}")
        for name in ("push", "stack"):
            tcl.eval(f"interp alias nk {name} {{}} python_command {name}")
        tcl.call("nk", "eval", f"set cut_paste_input {self._name(outside)}")
        body = "\n".join(line for line in text.splitlines() if not line.startswith("#!"))
        try:
            tcl.call("nk", "eval", body)
        except tkinter.TclError as error:
            if self._raised:
                raise self._raised[0] from None
            raise RuntimeError(str(error)) from None
        if len(self.groups) > 1:
            raise RuntimeError(f"{self.groups[-1]._full_name()} is not ended")

    def _guarded(self, *words: str) -> str:
        try:
            return self.command(*words)
        except Exception as error:
            self._raised.append(error)
            raise

    def command(self, *words: str) -> str:
        name, remainder = words[0], words[1:]
        if name in IGNORED:
            return ""
        if name == "push":
            self.stacks[-1].append(self.numbers.get(remainder[0]))
            return ""
        if name == "stack":
            stack, depth = self.stacks[-1], int(remainder[0])
            return self._name(stack[-1 - depth] if depth < len(stack) else None)
        if name == "end_group":
            self.groups.pop()
            self.stacks.pop()
            created(self.made_groups.pop())
            return ""
        self._node(name, remainder[0] if remainder else "")
        return ""

    def _name(self, node: Any) -> str:
        if node is None:
            return "0"
        for name, item in self.numbers.items():
            if item is node:
                return name
        self._count += 1
        self.numbers[f"node{self._count}"] = node
        return f"node{self._count}"

    def _node(self, node_class: str, body: str) -> None:
        if node_class == "Root":
            apply_knobs(current().root, body)
            return
        pairs = tcl_interpreter().split(body)
        count = next((word for key, word in zip(pairs[::2], pairs[1::2]) if key == "inputs"), None)
        node = new_node(node_class, self.groups[-1])
        stack = self.stacks[-1]
        expected = sum(int(part) for part in (count or "1").split("+"))
        if count is None and node_class not in GROUPS:
            expected = min(1, tables.inputs_of(node._class)[1])
        for index in range(expected):
            source = stack.pop() if stack else None
            if source is not None:
                node._plug(index, source)
        stack.append(node)
        apply_knobs(node, body)
        self.nodes_made.append(node)
        if node_class in GROUPS:
            self.groups.append(node)  # type: ignore[arg-type]
            self.stacks.append([])
            self.made_groups.append(node)
        else:
            created(node)


def apply_knobs(node: Any, text: str) -> None:
    """Set knobs of a text of pairs, `addUserKnob` lines too. Raises: RuntimeError for an unknown knob."""
    words = tcl_interpreter().split(text)
    for name, value in zip(words[::2], words[1::2]):
        if name == "inputs":
            continue
        if name == "addUserKnob":
            _add_user_knob(node, value)
        elif name == "name" and node._class != "Root":
            node._knobs["name"]._change(node._parent._free_name(value, node))
        elif name in node._knobs:
            node._knobs[name]._from_script(value)
        else:
            raise refused(RuntimeError(f"{node._full_name()}: no such knob {name}"))


def _add_user_knob(node: Any, text: str) -> None:
    knob = user_knob_from(text)
    if knob._name in node._knobs:
        if knob._code != 20:
            raise refused(RuntimeError(f"{node._full_name()} has a knob {knob._name} twice"))
        return
    node._attach(knob)


def load_text(text: str, parent: Group, outside: Any = None, is_script: bool = False) -> list[Any]:
    """Make the nodes of a text in a group: a script opened (`is_script`) or a text pasted."""
    running = current()
    loader = Loader(parent, outside)
    before = running.loading, running.reading
    running.loading, running.reading = is_script, True
    try:
        with running.undo.step("Paste"):
            loader.run(text, outside)
    finally:
        running.loading, running.reading = before
    return [node for node in loader.nodes_made if node._parent is parent]


def announce_script() -> None:
    fire("OnScriptLoad", current().root)
