"""Asks a graph for a picture: who is asked for which frame and view, and in which order."""

from __future__ import annotations

from typing import Any

from tests.fakes.nuke.application import current
from tests.fakes.nuke.formats import Format
from tests.fakes.nuke.pictures import Picture, RenderError, black
from tests.fakes.nuke.refusals import StandInGap

PASSING = (
    "Dot",
    "NoOp",
    "Viewer",
    "Output",
    "Input",
    "Write",
    "Group",
    "LiveGroup",
    "VariableGroup",
    "Precomp",
)
PASSING_FIRST = ("FrameRange", "BlackOutside", "ViewMetaData", "Roto", "RotoPaint", "StickyNote")
PictureRequest = "tuple[Any, float, str]"


def picture_of(node: Any, frame: float, view: str) -> Picture:
    """The picture a node gives at a frame, in a view. Raises: RenderError, as a render in Nuke would end."""
    from tests.fakes.nuke.operations import OPERATIONS

    request = inputs_of(node, frame, view)
    if passes_through(node) or is_disabled(node, frame, view):
        if not request:
            if node._class in ("Read", "Constant", "CheckerBoard2", "Input"):
                return black(_root_format())
            raise RenderError(node, "has no input")
        return _ask(node, request[0])
    if node._class not in OPERATIONS:
        raise StandInGap(f"nodes of the class {node._class} are not rendered")
    return OPERATIONS[node._class](
        node, [lambda item=item: _ask(node, item) for item in request], frame, view
    )


def _ask(node: Any, request_item: tuple[Any, float, str]) -> Picture:
    source, frame, view = request_item
    return black(_root_format()) if source is None else picture_of(source, frame, view)


def _root_format() -> Format:
    return current().root._root_format()


def passes_through(node: Any) -> bool:
    """Whether a node gives its first input untouched, always."""
    return node._class in PASSING or node._class in PASSING_FIRST


def is_disabled(node: Any, frame: float, view: str) -> bool:
    knob = node._knobs.get("disable")
    return knob is not None and bool(knob._number_at(0, frame, view))


def inputs_of(node: Any, frame: float, view: str) -> list[tuple[Any, float, str]]:
    """(node or None, frame, view) of everything a node looks at to make one picture."""
    if is_disabled(node, frame, view):
        first = node._input(0)
        return [] if first is None and node._class != "Input" else [(first, frame, view)]
    rule = RULES.get(node._class)
    if rule is not None:
        return rule(node, frame, view)
    if passes_through(node):
        return [(node._input(0), frame, view)] if node._input(0) is not None else []
    return [(source, frame, view) for source in node._inputs]


def _inside(node: Any, frame: float, view: str) -> list[tuple[Any, float, str]]:
    output = node._output()
    if output is None:
        raise RenderError(node, "has no Output inside")
    return [(output, frame, view)]


def _outside(node: Any, frame: float, view: str) -> list[tuple[Any, float, str]]:
    group = node._parent
    source = group._input(group._input_nodes().index(node)) if group._parent is not None else None
    return [(source, frame, view)] if source is not None else []


def _switched(node: Any, frame: float, view: str) -> list[tuple[Any, float, str]]:
    which = int(node._knobs["which"]._number_at(0, frame, view))
    index = min(max(which, 0), max(len(node._inputs) - 1, 0))
    return [(node._input(index), frame, view)]


def _frame_held(node: Any, frame: float, view: str) -> list[tuple[Any, float, str]]:
    first = node._knobs["firstFrame"]._number_at(0, frame, view)
    step = node._knobs["increment"]._number_at(0, frame, view)
    at = first if not step else first + ((frame - first) // step) * step
    return [(node._input(0), at, view)]


def _offset(node: Any, frame: float, view: str) -> list[tuple[Any, float, str]]:
    return [(node._input(0), frame - node._knobs["time_offset"]._number_at(0, frame, view), view)]


def _one_view(node: Any, frame: float, view: str) -> list[tuple[Any, float, str]]:
    return [(node._input(0), frame, node._knobs["view"]._word(frame) or current().views[0])]


def _joined(node: Any, frame: float, view: str) -> list[tuple[Any, float, str]]:
    return [(node._input(current().views.index(view)), frame, view)]


RULES = {
    "Group": _inside,
    "LiveGroup": _inside,
    "VariableGroup": _inside,
    "Input": _outside,
    "Switch": _switched,
    "FrameHold": _frame_held,
    "TimeOffset": _offset,
    "OneView": _one_view,
    "JoinViews": _joined,
}


def format_of(node: Any, frame: float, view: str) -> Format:
    """The format of a node's picture; where it has none, of its file knob or the root."""
    if node._class == "Root":
        return _root_format()
    try:
        return picture_of(node, frame, view).format
    except RenderError:
        shape = node._knobs.get("format")
        return shape.value() if shape is not None else _root_format()


def range_of(node: Any, depth: int = 0) -> tuple[int, int]:
    """First and last frame of the script at which a node has something new to show."""
    root = current().root
    whole = root.firstFrame(), root.lastFrame()
    if node is None or depth > 200 or node._class == "Root":
        return whole
    if node._class in ("Read", "DeepRead", "Constant"):
        return _read_range(node)
    sources = _ranged_inputs(node)
    if not sources:
        return whole
    ranges = [range_of(source, depth + 1) for source in sources]
    first, last = min(span[0] for span in ranges), max(span[1] for span in ranges)
    if node._class == "TimeOffset":
        shift = int(node._knobs["time_offset"]._number(0))
        return first + shift, last + shift
    if node._class == "FrameRange" and node._knobs["first_frame"]._state != node._knobs["last_frame"]._state:
        return int(node._knobs["first_frame"]._number(0)), int(node._knobs["last_frame"]._number(0))
    return first, last


def _ranged_inputs(node: Any) -> list[Any]:
    """The inputs whose range is the node's: of a Merge or Copy B's alone, unless a knob differs."""
    request = inputs_of(node, current().frame, current().view)
    if "rangeinput" in node._knobs:
        request = {"B": request[:1], "A": request[1:2]}.get(node._knobs["rangeinput"]._word(0), request)
    return [item[0] for item in request if item[0] is not None]


def _read_range(node: Any) -> tuple[int, int]:
    first, last = (int(node._knobs[name]._number(0)) for name in ("first", "last"))
    if "frame_mode" not in node._knobs:
        return first, last
    mode, text = node._knobs["frame_mode"]._word(0), node._knobs["frame"]._state.strip()
    if text and mode == "start at":
        return int(float(text)), int(float(text)) + last - first
    if text and mode == "offset":
        return first + int(float(text)), last + int(float(text))
    return first, last
