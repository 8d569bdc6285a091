"""Builds the node's knobs and evaluates them when a job is sent. Main thread."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Tuple

import nuke

from ..frame_text import BadFrames, parse_frames, parse_range
from ..refusals import Refused
from .knob_specs import EVALUATED, KNOBS, KnobSpec
from .quiet import quietly

_FRAME_LIMITS = "Connect a source or set the range to 'custom'."


@dataclasses.dataclass(frozen=True)
class NodeSettings:
    """The node's knobs as they are now, every expression evaluated.

    keyframes: frame of the script -> strength. width, height: 0 where the scale counts.
    damage: None where it is estimated. learns: whether the shot is learnt from its keyframes. views: names,
    empty for all.
    """

    first: int
    last: int
    keyframes: Dict[int, float]
    policy: str
    scale: float
    width: int
    height: int
    guidance: float
    look: str
    damage: Any
    learns: bool
    model: str
    keyframe_model: str
    seed: int
    source_colour: str
    keyframe_colour: str
    views: Tuple[str, ...]

    @property
    def frames(self) -> Tuple[int, ...]:
        """The script frames of the range."""
        return tuple(range(self.first, self.last + 1))


def add_knobs(node: Any) -> None:
    """Give a new Group its knobs."""
    for spec in KNOBS:
        node.addKnob(_knob(spec))


def update_choices(node: Any) -> None:
    """Give a node of an earlier version the entries that choices have now; what is chosen stays."""
    for spec in KNOBS:
        if spec.kind == "Enumeration" and list(node[spec.name].values()) != list(spec.items):
            chosen = node[spec.name].value()
            if chosen in spec.items:
                with quietly():
                    node[spec.name].setValues(list(spec.items))
                    node[spec.name].setValue(chosen)


def settings_of_node(node: Any) -> NodeSettings:
    """Evaluate every knob. Raises Refused with what to correct."""
    first, last = frame_range(node)
    strengths = {frame: float(node["keyframe_strength"].getValueAt(frame)) for frame in keyframe_frames(node)}
    width, height = _size(node)
    views = tuple(text_of(node, "output_views").replace(",", " ").split())
    return NodeSettings(
        first,
        last,
        strengths,
        node["keyframe_policy"].value(),
        float(node["scale"].value()),
        width,
        height,
        float(node["guidance"].value()),
        node["look"].value(),
        None if node["judge_damage"].value() else float(node["damage"].value()),
        _is_on(node, "learn"),
        text_of(node, "model") or "lite",
        text_of(node, "keyframe_model"),
        int(node["seed"].value()),
        text_of(node, "source_colour"),
        text_of(node, "keyframe_colour"),
        views,
    )


def _is_on(node: Any, name: str) -> bool:
    """Whether a box is ticked; a node of an earlier version has none."""
    knob = node.knob(name)
    return knob is not None and bool(knob.value())


def frame_range(node: Any) -> Tuple[int, int]:
    """First and last frame of the script that are asked for. Raises Refused."""
    mode = node["range_mode"].value()
    if mode == "project":
        return int(nuke.root().firstFrame()), int(nuke.root().lastFrame())
    if mode == "input":
        source = node.input(0)
        if source is None:
            raise Refused(f"The node has no source. {_FRAME_LIMITS}")
        return int(source.firstFrame()), int(source.lastFrame())
    try:
        return parse_range(text_of(node, "range_text"))
    except BadFrames as error:
        raise Refused(f"Range: {error}") from error


def keyframe_frames(node: Any) -> Tuple[int, ...]:
    """The keyframes' frames of the script. Raises Refused."""
    try:
        return parse_frames(text_of(node, "keyframe_frames"))
    except BadFrames as error:
        raise Refused(f"Keyframes: {error}") from error


def text_of(node: Any, name: str) -> str:
    """A text knob with its expressions evaluated."""
    value = node[name].evaluate()
    return (value or "").strip()


def evaluated_path(node: Any, text: str) -> str:
    """A path with its Tcl evaluated in the node, its `#` and `%` left as they are.

    Nuke puts the frame in place of `####` while it evaluates; letters stand in for them meanwhile.
    """
    safe = text.replace("#", "(hash)").replace("%", "(percent)")
    knob = node[EVALUATED]
    knob.setValue(safe)
    try:
        value = knob.evaluate() or ""
    finally:
        knob.setValue("")
    return value.replace("(hash)", "#").replace("(percent)", "%")


def _size(node: Any) -> Tuple[int, int]:
    if node["size_mode"].value() == "scale":
        return 0, 0
    width, height = int(node["output_width"].value()), int(node["output_height"].value())
    if min(width, height) < 1:
        raise Refused(f"The size is {width}x{height}; set both sides to 1 pixel or more.")
    return width, height


def _knob(spec: KnobSpec) -> Any:
    if spec.kind == "Enumeration":
        knob: Any = nuke.Enumeration_Knob(spec.name, spec.label, list(spec.items))
        knob.setValue(spec.default)
    elif spec.kind in ("PyScript", "Text"):
        make = nuke.PyScript_Knob if spec.kind == "PyScript" else nuke.Text_Knob
        knob = make(spec.name, spec.label, spec.default or "")
    else:
        knob = _MAKERS[spec.kind](spec.name, spec.label)
        if spec.default not in (None, ""):
            knob.setValue(spec.default)
    if spec.kind == "Double":
        knob.setRange(*spec.limits)
    if spec.help:
        knob.setTooltip(spec.help)
    if spec.is_hidden:
        knob.setFlag(nuke.INVISIBLE)
    if spec.is_fixed:
        knob.setFlag(nuke.DISABLED)
    if spec.begins_line:
        knob.setFlag(nuke.STARTLINE)
    else:
        knob.clearFlag(nuke.STARTLINE)
    return knob


_MAKERS = {
    "Tab": nuke.Tab_Knob,
    "Int": nuke.Int_Knob,
    "Double": nuke.Double_Knob,
    "Boolean": nuke.Boolean_Knob,
    "EvalString": nuke.EvalString_Knob,
    "String": nuke.String_Knob,
    "File": nuke.File_Knob,
}
