"""The knobs of the node as data: kind, name, label, default and help. No Nuke.

Texts are Tcl-evaluated and numbers may be animated or linked; `settings_of_node` evaluates them when a job is
sent. Buttons hold one guarded call, so that a script opens and renders without the plugin.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Tuple

from ..bridge_link import policies

STATE, STATUS, EVALUATED = "sparkvsr_state", "sparkvsr_status", "sparkvsr_evaluated"
ROUTE = "sparkvsr_route"
VIEW_NAMES = ("source", "result", "difference", "preview")
RANGE_NAMES = ("input", "project", "custom")
SIZE_NAMES = ("scale", "pixels")
LOOK_NAMES = ("lock", "propagate")
POLICY_NAMES = tuple(policy.name for policy in policies.POLICIES)

_PRESS = """try:
    import sparkvsr_nuke
except ImportError:
    nuke.message("The SparkVSR plugin is not installed here; the node still shows and renders its results.")
else:
    sparkvsr_nuke.press(nuke.thisNode(), "{action}")
"""
KNOB_CHANGED = """try:
    import sparkvsr_nuke
except ImportError:
    pass
else:
    sparkvsr_nuke.knob_changed(nuke.thisNode(), nuke.thisKnob())
"""


@dataclasses.dataclass(frozen=True)
class KnobSpec:
    """One knob. kind: class of Nuke without `_Knob`. items: of an enumeration.

    limits: of a slider. is_fixed: shown, not for the artist to change.
    """

    kind: str
    name: str
    label: str = ""
    default: Any = None
    help: str = ""
    items: Tuple[str, ...] = ()
    limits: Tuple[float, float] = (0.0, 1.0)
    is_hidden: bool = False
    is_fixed: bool = False
    begins_line: bool = True


def _button(action: str, label: str, text: str, begins_line: bool = False) -> KnobSpec:
    return KnobSpec(
        "PyScript", f"sparkvsr_{action}", label, _PRESS.format(action=action), text, begins_line=begins_line
    )


def _choice(name: str, label: str, items: Tuple[str, ...], text: str) -> KnobSpec:
    return KnobSpec("Enumeration", name, label, items[0], text, items)


KNOBS: Tuple[KnobSpec, ...] = (
    KnobSpec("Tab", "sparkvsr_tab", "SparkVSR"),
    KnobSpec("Enumeration", "view", "view", "result", "What the node shows.", VIEW_NAMES),
    KnobSpec("Int", "result_version", "version", 0, "Version shown; 0 before the first result."),
    _button("upscale", "Upscale", "Send a new job; its frames appear as they are finished.", True),
    _button("revise", "Revise", "A new version in which only changed frames are rendered."),
    _button("cancel", "Cancel", "Stop this node's jobs; finished frames stay."),
    _button("resume", "Resume", "Go on with this node's stopped jobs."),
    KnobSpec("Text", "range_line", ""),
    _choice("range_mode", "range", RANGE_NAMES, "Frames of the input, of the project, or the ones written."),
    KnobSpec("EvalString", "range_text", "frames", "", "One range, such as 1001-1048, for 'custom'."),
    KnobSpec("Text", "keyframe_line", ""),
    KnobSpec(
        "EvalString", "keyframe_frames", "keyframes", "",
        "Frames whose look is carried through the shot: 1001 1020-1040x10. Pictures come from the input"
        " 'keyframes'; without it the keyframe model makes them.",
    ),
    _button("add_keyframe", "Add current", "Add the current frame.", True),
    _button("take_keyframes", "Take the branch's", "Take the frames that are painted or read in the branch."),
    _button("take_stream_keyframes", "Take the stream's", "Take the keyframes that a small stream brings."),
    _button("suggest_keyframes", "Suggest", "Ask the engine where keyframes help most."),
    _button("clear_keyframes", "Clear", "Remove all keyframes."),
    KnobSpec(
        "Double", "keyframe_strength", "strength", 1.0,
        "0 ignores a keyframe, 1 follows it, up to 2. A curve is read at each keyframe's frame.",
        limits=(0.0, 2.0),
    ),
    _choice(
        "keyframe_policy", "further keyframes", POLICY_NAMES,
        "\n".join(f"{policy.name}: {policy.summary}" for policy in policies.POLICIES),
    ),
    KnobSpec("Text", "size_line", ""),
    _choice("size_mode", "size", SIZE_NAMES, "By scale, or to a width and height."),
    KnobSpec("Double", "scale", "scale", 2.0, "Output size over source size, 1 to 16.", limits=(1.0, 16.0)),
    KnobSpec("Int", "output_width", "width", 3840, "In pixels, for 'pixels'."),
    KnobSpec("Int", "output_height", "height", 2160, "In pixels, for 'pixels'.", begins_line=False),
    KnobSpec(
        "Double", "guidance", "guidance", 1.0, "0 without keyframes, 1 trained, up to 2.", limits=(0.0, 2.0)
    ),
    _choice("look", "look", LOOK_NAMES, "lock keeps the source's colour; propagate carries the keyframes'."),
    KnobSpec("Boolean", "judge_damage", "estimate damage", True, "Estimate how damaged each frame is."),
    KnobSpec("Double", "damage", "damage", 0.0, "0 clean (grain is kept), 1 damaged, where not estimated."),
    KnobSpec("Boolean", "learn", "learn the shot", False, "Teach lite its keyframes first, where it pays."),
    KnobSpec(
        "EvalString",
        "model",
        "model",
        "lite",
        "A restorer of the engine's list, or a checkpoint folder.",
    ),
    _button("list_models", "List", "Choose one of the engine's restorers."),
    KnobSpec("EvalString", "keyframe_model", "keyframe model", "", "Empty is the engine's own."),
    _button("list_keyframe_models", "List", "Choose one of the engine's models that make keyframes."),
    KnobSpec("Int", "seed", "seed", 0, "For models and policies that draw lots."),
    KnobSpec("Text", "output_line", ""),
    KnobSpec("EvalString", "source_colour", "source colour", "", "Empty is the input's own."),
    KnobSpec("EvalString", "keyframe_colour", "keyframe colour", "", "Empty is the branch's own."),
    KnobSpec(
        "EvalString", "output_views", "views", "", "Views to upscale, separated by spaces; empty is all."
    ),
    KnobSpec(
        "File", "output_path", "output", "",
        "EXR files with _v### for the version and %V for the view; empty is a folder beside the script.",
    ),
    _button("make_read", "Make Read", "Place an ordinary Read of the version shown.", True),
    _button("reload", "Reload", "Look for frames that others wrote, such as a farm."),
    _button("farm", "Send to farm", "A new version for a farm: writes its bundle, copies its command."),
    _button("preview", "Preview frame", "Upscale the current frame only.", True),
    _button("preview_region", "Preview region", "Upscale the Viewer's region of interest only."),
    KnobSpec(
        "String", ROUTE, "source", "", "Whether the input goes by path or is rendered.", is_fixed=True
    ),
    KnobSpec("String", STATUS, "", "", is_hidden=True),
    KnobSpec("String", STATE, "", "", is_hidden=True),
    KnobSpec("File", EVALUATED, "", "", is_hidden=True),
)  # fmt: skip
