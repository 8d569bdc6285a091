"""Making, deleting, finding and wiring nodes; the `nuke` functions about them."""

from __future__ import annotations

from typing import Any

from tests.fakes.nuke import tables
from tests.fakes.nuke.application import current
from tests.fakes.nuke.callbacks import fire
from tests.fakes.nuke.colours import offer_values
from tests.fakes.nuke.groups import CLASSES, Group
from tests.fakes.nuke.knobs import Knob
from tests.fakes.nuke.nodes import Node
from tests.fakes.nuke.readers import Read
from tests.fakes.nuke.refusals import refused
from tests.fakes.nuke.tcl import tcl_interpreter
from tests.fakes.nuke.writers import Write

ALIASES = {"Merge": "Merge2", "Shuffle": "Shuffle2", "CheckerBoard": "CheckerBoard2", "Text": "Text2"}
LIMITED = ("Group", "LiveGroup")


def new_node(node_class: str, parent: Group, name: str | None = None) -> Node:
    """A node of the table, in a group. Raises: RuntimeError for a class that is not there."""
    node_class = ALIASES.get(node_class, node_class)
    if node_class not in tables.node_table() or node_class in ("Root", "Preferences"):
        raise refused(RuntimeError(f"{node_class}: Unknown command"))
    running = current()
    if running.variant == "assist" and node_class in LIMITED and not running.loading:
        raise refused(RuntimeError(f"{node_class} cannot be made in Nuke Assist"))
    cls = {**CLASSES, "Read": Read, "DeepRead": Read, "Write": Write}.get(node_class, Node)
    node = cls.__new__(cls)
    node._setup(node_class, parent)
    stem = node_class[:-1] if node_class in ("Merge2", "Shuffle2", "CheckerBoard2", "Text2") else node_class
    name = name or f"{stem}1"
    node._knobs["name"]._state = parent._free_name(name)
    if node_class == "Input":
        _number(node, parent)
    offer_values(node)
    for key, value in running.knob_defaults.items():
        class_name, _, knob = key.partition(".")
        if class_name == node_class and knob in node._knobs:
            node._knobs[knob]._state = _parsed(node._knobs[knob], value)
    parent._insert(node)
    running.undo.record(f"Create {node_class}", lambda: parent._drop(node), lambda: parent._insert(node))
    running.touch()
    return node


def _parsed(knob: Knob, text: str) -> Any:
    before, node = knob._state, knob._node
    knob._node = None
    knob._from_script(text)
    state = knob._state
    knob._state, knob._node = before, node
    return state


def _number(node: Node, parent: Group) -> None:
    from tests.fakes.nuke.curves import Component

    count = sum(1 for item in parent._children.values() if item._class == "Input")
    node._knobs["number"]._state = (Component(float(count)),)


def created(node: Node, is_user: bool = False) -> None:
    """Run what waits for a new node."""
    if is_user:
        fire("OnUserCreate", node)
    fire("OnCreate", node)


class Nodes:
    """`nuke.nodes.Blur(...)`: makes a node without wiring it to the selection."""

    def __getattr__(self, node_class: str) -> Any:
        if node_class.startswith("__"):
            raise AttributeError(node_class)

        def make(**knobs: Any) -> Node:
            from tests.fakes.nuke.contract import check_thread

            check_thread(f"nuke.nodes.{node_class}")
            node = new_node(node_class, current().group, knobs.pop("name", None))
            inputs = knobs.pop("inputs", ())
            for index, source in enumerate(inputs):
                node._connect(index, source)
            for name, value in knobs.items():
                set_knob(node, name, value)
            created(node)
            return node

        return make


def set_knob(node: Node, name: str, value: Any) -> None:
    """A knob of a constructor: values of Python, or a text as scripts have it."""
    if name not in node._knobs or name in node._absent():
        raise refused(NameError(f"knob {name} does not exist in {node._class}"))
    knob = node._knobs[name]
    from tests.fakes.nuke.text_knobs import String_Knob

    if (isinstance(value, str) and not isinstance(knob, String_Knob)) or isinstance(knob, String_Knob):
        knob._from_script(value)
    else:
        knob.setValue(value)


def createNode(node: str, args: str = "", inpanel: bool = True) -> Node:
    """As the artist does it: wired to the selection, selected, its panel opened."""
    running = current()
    group = running.group
    if not isinstance(args, str):
        raise refused(TypeError(f"knobs are a text, not {args!r}"))
    with running.undo.step(f"Create {node}"):
        node_made = _created_by_artist(node, args, group)
    if inpanel and running.gui:
        node_made._panel_open = True
    return node_made


def _created_by_artist(node_class: str, args: str, group: Group) -> Node:
    from tests.fakes.nuke.loading import apply_knobs

    chosen = [item for item in group._children.values() if item._knobs["selected"]._number(0)]
    node_made = new_node(node_class, group)
    apply_knobs(node_made, args)
    for index, source in enumerate(reversed(chosen)):
        if index < node_made.maxInputs():
            node_made._connect(index, source)
    for item in chosen:
        item._knobs["selected"]._from_script("false")
    node_made._knobs["selected"]._from_script("true")
    created(node_made, is_user=True)
    return node_made


def delete(n: Node) -> None:
    """Delete a node; what hung on it hangs on its first input."""
    n._alive()
    group = n._parent
    if group is None:
        raise refused(ValueError("the root cannot be deleted"))
    fire("OnDestroy", n)
    source = n._input(0)
    with current().undo.step(f"Delete {n._class}"):
        for node in list(group._children.values()):
            for index, item in enumerate(node._inputs):
                if item is n:
                    node._connect(index, source)
        group._drop(n)
        current().undo.record(f"Delete {n._class}", lambda: group._insert(n), lambda: group._drop(n))
    current().touch()


def toNode(s: str) -> Node | None:
    if not isinstance(s, str):
        raise refused(TypeError(f"a node's name is a text, not {s!r}"))
    if s in ("root", "preferences"):
        return getattr(current(), s)
    return current().group._child(s) or current().root._child(s.replace("root.", "", 1))


def allNodes(filter: str | None = None, group: Group | None = None) -> list[Node]:
    nodes = (group or current().group)._children.values()
    return [node for node in nodes if filter in (None, node._class)]


def exists(s: str) -> bool:
    from tests.fakes.nuke.tcl_commands import find_knob

    if toNode(s) is not None:
        return True
    try:
        find_knob(s, current().root)
    except RuntimeError:
        return False
    return True


def selectedNodes(filter: str | None = None) -> list[Node]:
    nodes = [node for node in current().group._children.values() if node._knobs["selected"]._number(0)]
    return [node for node in reversed(nodes) if filter in (None, node._class)]


def selectedNode() -> Node:
    nodes = selectedNodes()
    if not nodes:
        raise ValueError("no node selected")
    return nodes[0]


def selectAll() -> None:
    for node in current().group._children.values():
        node._knobs["selected"]._from_script("true")


def dependencies(nodes: Any, what: int = 3) -> list[Node]:
    listed = nodes if isinstance(nodes, (list, tuple)) else [nodes]
    return list(dict.fromkeys(source for node in listed for source in node._inputs if source is not None))


def dependentNodes(what: int = 3, nodes: Any = None, evaluateAll: bool = True) -> dict[Node, list[Node]]:
    listed = nodes if isinstance(nodes, (list, tuple)) else [nodes or selectedNode()]
    return {node: node.dependent() for node in listed}


def inputs(n: Node, i: int | None = None) -> int:
    return n.inputs()


def makeGroup(show: bool = True) -> Group:
    node_made = new_node("Group", current().group)
    assert isinstance(node_made, Group)
    return node_made


def tcl(*words: Any) -> str:
    """A Tcl command: all words as they are, or one text as a script."""
    texts = [str(word) for word in words]
    if texts[0] == "node_for_sequence":
        from tests.fakes.nuke.readers import class_for

        return class_for(texts[1])
    script = texts[0] if len(texts) == 1 else " ".join(tcl_interpreter().quote(text) for text in texts)
    return tcl_interpreter().run(script)
