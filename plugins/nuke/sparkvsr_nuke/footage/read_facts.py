"""Facts about the nodes before an input, gathered for `sources`. Main thread; nothing is changed."""

from __future__ import annotations

import os
from typing import Any, Dict, FrozenSet, Optional, Sequence, Tuple

import nuke

from ..node.quiet import quietly, render_state_kept
from ..refusals import Refused
from .colours import UnknownColour, resolved
from .frame_mapping import ReadTiming
from .sources import NeedsRender, PictureFacts, ReadFacts, numbers_of

_PASSING = ("Dot", "NoOp")
_FLAT_FROM_DEEP = ("DeepToImage", "DeepHoldout2", "DeepHoldout")


def refuse_deep(node: Any) -> None:
    """Raise Refused for deep pictures, which the engine does not read."""
    kind = node.Class()
    if kind.startswith("Deep") and kind not in _FLAT_FROM_DEEP:
        raise Refused(
            f"{node.name()} gives deep pictures, which cannot be upscaled; put a DeepToImage before the node."
        )


def read_before(node: Any) -> Any:
    """The Read that an input shows unchanged: behind Dots, NoOps and disabled nodes.

    Raises NeedsRender with what stands in the way, Refused for deep pictures or an open input.
    """
    seen = set()
    while node is not None and node.fullName() not in seen:
        seen.add(node.fullName())
        refuse_deep(node)
        if node.Class() == "Read":
            if is_disabled(node):
                raise NeedsRender(f"{node.name()} is disabled and shows black")
            return node
        if node.Class() not in _PASSING and not is_disabled(node):
            raise NeedsRender(f"{node.name()} changes the picture")
        node = node.input(0)
    raise Refused("The branch ends without a source; connect a Read.")


def route_text(node: Any) -> str:
    """How a node's source would be read now, in one sentence for its panel."""
    source = node.input(0)
    if source is None:
        return "Connect a source."
    try:
        return f"Read by path from {read_before(source).name()}."
    except NeedsRender as reason:
        return f"Rendered first, because {reason}."
    except Refused as error:
        return str(error)


def is_disabled(node: Any) -> bool:
    """Whether a node is switched off at every frame. Raises NeedsRender where it depends on the frame."""
    knob = node.knob("disable")
    if knob is None:
        return False
    if knob.isAnimated() or knob.hasExpression():
        raise NeedsRender(f"{node.name()} is switched on and off by an animation")
    return bool(knob.value())


def facts_of(read: Any, frames: Sequence[int], views: Sequence[str], colour: Optional[str]) -> ReadFacts:
    """The Read as the script evaluates it. colour: of its files; None where only Nuke knows it.

    Proxy files and localised copies are never named: the `file` knob alone is evaluated.
    Raises NeedsRender, Refused.
    """
    timing = timing_of(read)
    numbers = sorted(set(numbers_of(timing, frames).values()))
    knob = read["file"]
    return ReadFacts(
        read.name(),
        timing,
        {view: {number: absolute(evaluated(knob, number, view)) for number in numbers} for view in views},
        colour,
        bool(read["premultiplied"].value()),
        bool(read["auto_alpha"].value()),
    )


def timing_of(read: Any) -> ReadTiming:
    """A Read's frame mapping."""
    return ReadTiming(
        int(read["first"].value()),
        int(read["last"].value()),
        read["frame_mode"].value(),
        read["frame"].value() or "",
        read["before"].value(),
        read["after"].value(),
    )


def colour_of(read: Any) -> Optional[str]:
    """The colour space a Read reads its files as; empty for raw ones; None where only Nuke knows.

    Raises Refused for a name that the script's configuration does not have.
    """
    if read["raw"].value():
        return ""
    knob = read["colorspace"]
    entries = nuke.getColorspaceList(knob)  # type: ignore[no-untyped-call]
    try:
        return resolved(knob.value(), tuple(entries))
    except UnknownColour as error:
        raise Refused(f"{read.name()}: {error}") from error


def evaluated(knob: Any, number: int, view: str) -> str:
    """A file knob at a file frame and view, Tcl and Python evaluated."""
    context = nuke.OutputContext()
    context.setFrame(number)
    context.setView(context.viewFromName(view))
    return (knob.getEvaluatedValue(context) or "").replace("\\", "/")


def absolute(path: str) -> str:
    """A path joined to the project's folder where it is relative. Raises Refused without a folder."""
    if not path:
        raise Refused("The Read names no file; choose one.")
    if path.startswith("/") or path[1:3] == ":/":
        return path
    root: Any = nuke.root()
    folder = (root["project_directory"].evaluate() or "").replace("\\", "/")
    if not folder:
        raise Refused(
            f"The Read's path {path} is relative and the script has no project directory; set one in the"
            " project settings."
        )
    return os.path.normpath(f"{folder}/{path}").replace("\\", "/")


def picture_facts(node: Any) -> PictureFacts:
    """Format and overscan of a node, at the current frame; of the full picture in proxy mode too."""
    with quietly(), render_state_kept():
        chosen, box = node.format(), node.bbox()
    width, height = int(chosen.width()), int(chosen.height())
    overscan = max(-box.x(), -box.y(), box.x() + box.w() - width, box.y() + box.h() - height, 0)
    return PictureFacts(width, height, float(chosen.pixelAspect()), int(overscan))


def names_in_folders() -> Any:
    """A function that lists the file names of a folder, each folder once."""
    lists: Dict[str, FrozenSet[str]] = {}

    def names_in(folder: str) -> FrozenSet[str]:
        if folder not in lists:
            try:
                lists[folder] = frozenset(entry.name for entry in os.scandir(folder or "."))
            except OSError:
                lists[folder] = frozenset()
        return lists[folder]

    return names_in


def available_frames(node: Any) -> Tuple[int, int]:
    """First and last frame of a branch."""
    return int(node.firstFrame()), int(node.lastFrame())
