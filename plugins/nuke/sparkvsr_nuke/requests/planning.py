"""Decides how a node's source and keyframes are read, before anything is rendered or sent. Main thread."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from pathlib import Path
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple

import nuke

from ..footage.branch_render import Branch, render_branch
from ..footage.colours import ScriptColour
from ..footage.numbered_files import is_picture
from ..footage.read_facts import (
    absolute,
    available_frames,
    colour_of,
    evaluated,
    facts_of,
    names_in_folders,
    picture_facts,
    read_before,
    refuse_deep,
    timing_of,
)
from ..footage.script_colours import path_colour, script_colour
from ..footage.sources import BadSource, NeedsRender, Source, numbers_of, plan_path, plan_render
from ..node.node_knobs import NodeSettings, settings_of_node
from ..node.quiet import quietly, render_state_kept
from ..refusals import Refused
from .shot_requests import KeyframePicture


@dataclasses.dataclass(frozen=True)
class Plan:
    """How a node's job will be made. source: None while its branch is still to be rendered, for `reason`."""

    settings: NodeSettings
    colour: ScriptColour
    views: Tuple[str, ...]
    source: Optional[Source]
    reason: str
    source_digest: str


def plan_of(node: Any) -> Plan:
    """Evaluate the node and decide; always at full size, whatever proxy mode shows. Raises Refused."""
    with quietly(), render_state_kept():
        return _plan_of(node)


def _plan_of(node: Any) -> Plan:
    settings = settings_of_node(node)
    colour = script_colour()
    branch = node.input(0)
    if branch is None:
        raise Refused("The node has no source; connect one.")
    refuse_deep(branch)
    views = _views(settings)
    try:
        read = read_before(branch)
        plan_colour = path_colour(settings.source_colour or colour_of(read), colour, read)
        facts = facts_of(read, settings.frames, views, plan_colour)
        source = plan_path(facts, settings.frames, picture_facts(branch), names_in_folders())
    except NeedsRender as reason:
        return Plan(settings, colour, views, None, str(reason), "")
    except BadSource as error:
        raise Refused(str(error)) from error
    return Plan(settings, colour, views, source, source.reason, read_digest(read))


def with_rendered_source(node: Any, plan: Plan, base: Path, context: int) -> Plan:
    """The plan once its source's files are there: the branch is rendered where it does not go by path.

    context: frames before and after the range that the model looks at. Raises Refused.
    """
    if plan.source is not None:
        return plan
    with quietly(), render_state_kept():
        return _with_rendered_source(node, plan, base, context)


def _with_rendered_source(node: Any, plan: Plan, base: Path, context: int) -> Plan:
    branch = node.input(0)
    available = available_frames(branch)
    frames = frames_with_context(plan.settings.frames, available, context)
    working = plan.colour.working
    folder = render_branch(Branch(branch, base, "source", working, plan.views), frames)
    patterns = {view: folder.pattern(view) for view in plan.views}
    try:
        source = plan_render(
            plan.reason, plan.settings.frames, available, patterns, working, picture_facts(branch)
        )
    except BadSource as error:
        raise Refused(str(error)) from error
    return dataclasses.replace(plan, source=source, source_digest=f"render {folder.path.as_posix()}")


def frames_with_context(frames: Sequence[int], available: Tuple[int, int], context: int) -> Tuple[int, ...]:
    """The frames to render: those asked for and their neighbours, as far as the branch and numbers go."""
    first = min(frames[0], max(frames[0] - context, available[0], 0))
    last = max(frames[-1], min(frames[-1] + context, available[1]))
    return tuple(range(first, last + 1))


def keyframe_pictures(node: Any, plan: Plan, base: Path) -> Dict[str, Mapping[int, KeyframePicture]]:
    """Per view, script frame -> the picture of the branch `keyframes`; none where it is not connected.

    Raises Refused.
    """
    branch = node.input(1)
    frames = [frame for frame in sorted(plan.settings.keyframes) if frame in plan.settings.frames]
    if branch is None or not frames or plan.settings.policy == "none":
        return {view: {} for view in plan.views}
    refuse_deep(branch)
    with contextlib.suppress(NeedsRender):
        return _pictures_by_path(branch, plan, frames)
    folder = render_branch(Branch(branch, base, "keyframes", plan.colour.working, plan.views), frames)
    colour = plan.settings.keyframe_colour or plan.colour.working
    return {
        view: {frame: _picture(folder.file(view, frame).as_posix(), colour) for frame in frames}
        for view in plan.views
    }


def read_digest(read: Any) -> str:
    """A short text that differs when the Read shows other files, or the same ones anew."""
    names = ("file", "colorspace", "raw", "premultiplied", "version")
    values = [str(read[name].value()) for name in names]
    text = "\n".join([*values, repr(timing_of(read))])
    return f"path {hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def _pictures_by_path(branch: Any, plan: Plan, frames: Sequence[int]) -> Dict[str, Any]:
    read = read_before(branch)
    numbers = numbers_of(timing_of(read), frames)
    colour = path_colour(plan.settings.keyframe_colour or colour_of(read), plan.colour, read)
    if colour is None:
        raise NeedsRender("the colour space of the keyframes is not known")
    if not is_picture(evaluated(read["file"], next(iter(numbers.values())), plan.views[0])):
        raise NeedsRender("keyframes are pictures, and this is none the engine reads")
    missing = [frame for frame in frames if frame not in numbers]
    if missing:
        raise Refused(f"{read.name()} shows nothing at keyframe {missing[0]}; remove it or correct the Read.")
    return {
        view: {
            frame: _picture(absolute(evaluated(read["file"], number, view)), colour or plan.colour.working)
            for frame, number in numbers.items()
        }
        for view in plan.views
    }


def _picture(path: str, colour: str) -> KeyframePicture:
    try:
        stamp = Path(path).stat().st_mtime_ns
    except OSError as error:
        raise Refused(f"The keyframe picture {path} cannot be read ({error.strerror}).") from error
    return KeyframePicture(path, colour, stamp)


def _views(settings: NodeSettings) -> Tuple[str, ...]:
    names = tuple(nuke.views())
    unknown = [view for view in settings.views if view not in names]
    if unknown:
        raise Refused(f"The script has no view '{unknown[0]}'; its views are {', '.join(names)}.")
    return settings.views or names
