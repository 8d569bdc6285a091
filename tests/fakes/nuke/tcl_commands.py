"""Nuke's own Tcl commands: `value`, `knob`, `python`, `frame`, `metadata`, and what names stand for."""

from __future__ import annotations

import posixpath
from typing import Any

from tests.fakes.nuke.application import current
from tests.fakes.nuke.tcl import Place, TclInterpreter

NUMBERS = {"pi": 3.141592653589793, "e": 2.718281828459045, "true": 1.0, "false": 0.0}
COMPONENTS = {"x": 0, "y": 1, "z": 2, "w": 0, "h": 1, "r": 0, "g": 1, "b": 2, "a": 3, "t": 3}


def add_commands(tcl: TclInterpreter) -> None:
    def place() -> Place:
        if tcl.places:
            return tcl.places[-1]
        this = current().this
        return Place(this[-1][0] if this else current().root, current().frame, current().view)

    def value(path: str, *_: str) -> str:
        knob = find_knob(path, place().node)
        return str(knob._text_at(place().frame, place().view))

    def knob_command(path: str, *words: str) -> str:
        knob = find_knob(path, place().node)
        if words:
            knob._from_script(words[0])
            return ""
        return str(knob._to_words())

    def python(*words: str) -> str:
        import nuke  # type: ignore[import-not-found]

        code = words[-1]
        names: dict[str, Any] = {"nuke": nuke}
        current().this.append((place().node, None))
        try:
            if words[0] == "-execlocal":
                exec(code, names)
                return str(names.get("ret", ""))
            return str(eval(code, names))
        finally:
            current().this.pop()

    def frame(*_: str) -> str:
        picture = place().frame
        return str(int(picture)) if picture == int(picture) else str(picture)

    def file(action: str, *words: str) -> str:
        actions = {
            "dirname": lambda: posixpath.dirname(words[0]),
            "tail": lambda: posixpath.basename(words[0]),
            "rootname": lambda: posixpath.splitext(words[0])[0],
            "extension": lambda: posixpath.splitext(words[0])[1],
            "join": lambda: posixpath.join(*words),
        }
        return actions[action]()

    def metadata(key: str) -> str:
        from tests.fakes.nuke.evaluation import picture_of

        return str(picture_of(place().node, place().frame, place().view).metadata.get(key, ""))

    def exists(path: str) -> str:
        try:
            find_knob(path, place().node)
        except RuntimeError:
            return "1" if find_node(path.split("."), place().node) is not None else "0"
        return "1"

    def class_of(path: str) -> str:
        node = find_node(path.split("."), place().node)
        return node._class if node is not None else ""

    for name, command in {
        "value": value,
        "knob": knob_command,
        "python": python,
        "frame": frame,
        "file": file,
        "metadata": metadata,
        "exists": exists,
        "class": class_of,
        "view": lambda *_: place().view,
        "expression": lambda *words: str(tcl.number(" ".join(words), place(), number_of)),
    }.items():
        tcl.add(name, command)


def number_of(name: str, place: Place) -> float:
    """What a name in an expression stands for. Raises: RuntimeError where it stands for nothing."""
    if name in ("frame", "t", "x") and not (name == "x" and "x" in place.node._knobs):
        return float(place.frame)
    if name == "$gui":
        return 1.0 if current().gui else 0.0
    if name in NUMBERS:
        return NUMBERS[name]
    *path, last = name.split(".")
    if last in ("width", "height", "pixel_aspect", "w", "h") and (last not in place.node._knobs or path):
        measured = _measure([part for part in path if part != "format"], last, place)
        if measured is not None:
            return measured
    knob, component = _knob_and_component(name, place.node)
    return float(knob._number_at(component, place.frame, place.view))


def _measure(path: list[str], last: str, place: Place) -> float | None:
    from tests.fakes.nuke.evaluation import format_of

    node = find_node(path, place.node) if path else place.node
    if node is None or last in node._knobs:
        return None
    shape = format_of(node, place.frame, place.view)
    return {"w": shape._width, "h": shape._height, "pixel_aspect": shape._aspect}.get(
        {"width": "w", "height": "h"}.get(last, last)
    )


def _knob_and_component(name: str, node: Any) -> tuple[Any, int]:
    try:
        return find_knob(name, node), 0
    except RuntimeError:
        path, _, last = name.rpartition(".")
        if not path or last not in COMPONENTS:
            raise
        knob = find_knob(path, node)
        component = int(last) if last.isdigit() else COMPONENTS[last]
        return knob, component


def find_knob(path: str, node: Any) -> Any:
    """The knob a dotted name stands for, seen from `node`. Raises: RuntimeError."""
    *names, last = path.split(".")
    owner = find_node(names, node) if names else node
    if owner is None or last not in owner._knobs:
        raise RuntimeError(f"{path}: nothing is named {path!r}")
    return owner._knobs[last]._linked()


def find_node(names: list[str], node: Any) -> Any:
    """The node a dotted name stands for, seen from `node`; None where there is none."""
    here = node
    for index, name in enumerate(names):
        here = _step(here, name, is_first=index == 0)
        if here is None:
            return None
    return here


def _step(here: Any, name: str, is_first: bool) -> Any:
    if name == "this":
        return here
    if name == "parent":
        return here._parent
    if name == "root":
        return current().root
    if name == "preferences":
        return current().preferences
    if name.startswith("input") and (name[5:].isdigit() or name == "input"):
        return here._input(int(name[5:] or 0))
    children = getattr(here, "_children", {})
    siblings = getattr(here._parent, "_children", {}) if is_first and here._parent is not None else {}
    return siblings.get(name) or children.get(name)
