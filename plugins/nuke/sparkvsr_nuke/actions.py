"""What buttons and menus do. Main thread; every error becomes a sentence for the artist."""

from __future__ import annotations

import logging
from typing import Any, Callable, Dict

import nuke

from .following import jobs
from .footage.read_facts import route_text
from .frame_text import format_frames
from .node.graph import create as create_node
from .node.node_knobs import keyframe_frames, update_choices
from .node.quiet import one_undo
from .node.script_nodes import state_of, write_route
from .refusals import Refused

log = logging.getLogger(__name__)


def create() -> Any:
    """A new node behind the first selected one, below it, its panel open; None in Nuke Assist."""
    if nuke.env["assist"]:
        jobs.show_error(
            Refused("Nuke Assist makes no Groups, and a SparkVSR node is one; make it in Nuke or NukeX.")
        )
        return None
    selection = nuke.selectedNodes()
    with one_undo("SparkVSR node"):
        node = create_node()
        if selection:
            node.setInput(0, selection[0])
            node.setXYpos(int(selection[0].xpos()), int(selection[0].ypos()) + 80)
        for selected in selection:
            selected.setSelected(False)
        node.setSelected(True)
    if nuke.GUI:
        node.showControlPanel()
    return node


def press(node: Any, action: str) -> None:
    """Do one action; see `sparkvsr_nuke.press`."""
    try:
        _ACTIONS[action](node)
    except Exception as error:
        if not isinstance(error, Refused):
            log.exception("%s failed", action)
        jobs.show_error(error)


def show_route(node: Any) -> None:
    """Show how the node's source will be read."""
    write_route(node, route_text(node))


def follow_jobs(node: Any) -> None:
    """Go on watching the jobs that the node has sent; a panel was opened."""
    update_choices(node)
    if state_of(node).versions:
        from .following import results

        results.follow_open_jobs(node)
        results.update_label(node)


def _upscale(node: Any) -> None:
    from .requests import submission

    _wait_in_terminal(submission.upscale(node))


def _revise(node: Any) -> None:
    from .requests import submission

    _wait_in_terminal(submission.revise(node))


def _cancel(node: Any) -> None:
    from . import commands

    commands.cancel_node(node)


def _resume(node: Any) -> None:
    from . import commands

    commands.resume_node(node)


def _add_keyframe(node: Any) -> None:
    _set_keyframes(node, (*keyframe_frames(node), int(nuke.frame())))


def _take_keyframes(node: Any) -> None:
    from .footage.branch_keyframes import branch_frames

    _set_keyframes(node, branch_frames(node))


def _take_stream_keyframes(node: Any) -> None:
    from .following import stream_keyframes

    _wait_in_terminal(stream_keyframes.take(node))


def _suggest(node: Any) -> None:
    from .following import suggestions

    _wait_in_terminal(suggestions.suggest(node))


def _clear_keyframes(node: Any) -> None:
    _set_keyframes(node, ())


def _set_keyframes(node: Any, frames: Any) -> None:
    with one_undo("SparkVSR keyframes"):
        node["keyframe_frames"].setValue(format_frames(frames))


def _list_models(node: Any) -> None:
    from .following import model_lists

    model_lists.choose(node, "model")


def _list_keyframe_models(node: Any) -> None:
    from .following import model_lists

    model_lists.choose(node, "keyframe_model")


def _make_read(node: Any) -> None:
    from .following import results

    results.make_read(node)


def _reload(node: Any) -> None:
    from .following import results

    results.reload_version(node, int(node["result_version"].value()))
    results.update_label(node)


def _farm(node: Any) -> None:
    from .requests import farm

    _wait_in_terminal(farm.copy_command(node))


def _preview(node: Any) -> None:
    from .following import previews

    _wait_in_terminal(previews.preview_frame(node))


def _preview_region(node: Any) -> None:
    from .following import previews

    _wait_in_terminal(previews.preview_region(node))


def _wait_in_terminal(token: str) -> None:
    """Without an interface no timer ticks: a pressed button waits until its request has arrived."""
    if not nuke.GUI:
        jobs.wait(lambda: token not in jobs.runtime().steps)


_ACTIONS: Dict[str, Callable[[Any], None]] = {
    "upscale": _upscale,
    "revise": _revise,
    "cancel": _cancel,
    "resume": _resume,
    "add_keyframe": _add_keyframe,
    "take_keyframes": _take_keyframes,
    "take_stream_keyframes": _take_stream_keyframes,
    "suggest_keyframes": _suggest,
    "clear_keyframes": _clear_keyframes,
    "list_models": _list_models,
    "list_keyframe_models": _list_keyframe_models,
    "make_read": _make_read,
    "reload": _reload,
    "farm": _farm,
    "preview": _preview,
    "preview_region": _preview_region,
}
