"""Writes scripts: nodes as Tcl, each after what it hangs on."""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.fakes.nuke.application import current
from tests.fakes.nuke.knob_making import user_knob_words
from tests.fakes.nuke.tcl import tcl_interpreter

LAST = ("name", "selected", "xpos", "ypos")
UNSAVED = ("indicators", "executing", "reading", "selected", "frame", "localizationProgress")


def knob_lines(node: Any) -> list[str]:
    """The lines of a node's knobs, as they stand between its braces."""
    lines = []
    names = [name for name in node._knobs if name not in LAST] + [
        name for name in LAST if name in node._knobs
    ]
    users = [name for name in names if node._knobs[name]._is_user]
    for name in [name for name in names if name not in users and name not in LAST] + list(LAST[:1]) + users:
        knob = node._knobs.get(name)
        if knob is None or name in UNSAVED:
            continue
        if knob._is_user:
            lines.append(f" addUserKnob {tcl_interpreter().quote(user_knob_words(knob))}")
            if knob._is_saved() and _has_line(knob):
                lines.append(f" {tcl_interpreter().quote(name)} {knob._quoted()}")
        elif knob._is_saved() and not (name == "name" and node._class == "Root" and not knob._state):
            lines.append(f" {tcl_interpreter().quote(name)} {knob._quoted()}")
    lines += [
        f" {name} {node._knobs[name]._quoted()}"
        for name in ("xpos", "ypos")
        if name in node._knobs and node._class != "Root"
    ]
    return lines


def _has_line(knob: Any) -> bool:
    from tests.fakes.nuke.choice_knobs import Link_Knob
    from tests.fakes.nuke.knobs import Tab_Knob, Text_Knob
    from tests.fakes.nuke.text_knobs import PyScript_Knob

    return not isinstance(knob, (Tab_Knob, Text_Knob, PyScript_Knob, Link_Knob))


def script_text(root: Any) -> str:
    """The whole script."""
    running = current()
    major, _, minor = running.version.partition("v")
    head = ["#! nuke -nx", f"version {major} v{minor}"]
    return (
        "\n".join([*head, *_node_lines(root, "Root", 0), *graph_lines(list(root._children.values()))]) + "\n"
    )


def _node_lines(node: Any, node_class: str, count: int) -> list[str]:
    return [f"{node_class} {{", f" inputs {count}", *knob_lines(node), "}"]


def graph_lines(nodes: list[Any], outside: str = "0", counter: Any = None) -> list[str]:
    """Lines of these nodes with their wires. outside: what a wire to a node left out becomes."""
    lines: list[str] = []
    counter = counter or count(1)
    numbers = {node: f"N{next(counter):x}" for node in _in_order(nodes)}
    for node, number in numbers.items():
        inputs = _inputs(node)
        for source in reversed([node._input(index) for index in range(inputs)]):
            name = f"${numbers[source]}" if source in numbers else outside
            lines.append(f"push {'0' if source is None else name}")
        lines += _node_lines(node, node._class, inputs)
        if node._class in ("Group", "LiveGroup", "VariableGroup"):
            lines += graph_lines(list(node._children.values()), "0", counter)
            lines.append("end_group")
        lines.append(f"set {number} [stack 0]")
    return lines


def _inputs(node: Any) -> int:
    return max((index + 1 for index in range(len(node._inputs)) if node._input(index) is not None), default=0)


def _in_order(nodes: list[Any]) -> list[Any]:
    """Nodes after their inputs, otherwise in the order they were made."""
    ordered: list[Any] = []
    pending: list[tuple[Any, bool]] = []
    for start in nodes:
        pending.append((start, False))
        while pending:
            node, is_ready = pending.pop()
            if node in ordered:
                continue
            if is_ready:
                ordered.append(node)
                continue
            pending.append((node, True))
            sources = [node._input(index) for index in range(len(node._inputs))]
            pending += [(item, False) for item in reversed(sources) if item in nodes and item not in ordered]
    return ordered
