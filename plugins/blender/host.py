"""Blender calls that more than one file needs: strips, scenes, folders, redraws, in Blender 4.2 to 5.2."""

from __future__ import annotations

import datetime
import uuid
from pathlib import Path
from typing import Any, Iterator, Optional, Tuple

import bpy

from .bridge_link import StripTiming, errors

MEDIA_TYPES = ("MOVIE", "IMAGE")
HIGHEST_CHANNEL = 128
RELATIVE_RESULTS = "//SparkVSR"


def strip_type() -> Any:
    """Blender's type of all strips."""
    return getattr(bpy.types, "Strip", None) or bpy.types.Sequence


def strips_in(owner: Any) -> Any:
    """The strips of a sequence editor or of a meta strip."""
    strips = getattr(owner, "strips", None)
    # An empty collection is falsy, so that `or` would ask for a name that newer versions lack.
    return strips if strips is not None else owner.sequences


def all_strips(scene: Any) -> Any:
    """Every strip of a scene, those inside meta strips too; none without a sequence editor."""
    editor = scene.sequence_editor
    if editor is None:
        return ()
    strips = getattr(editor, "strips_all", None)
    return strips if strips is not None else editor.sequences_all


def edited_scene(context: Any) -> Any:
    """The scene the sequencer shows, which newer versions keep apart from the active one."""
    return getattr(context, "sequencer_scene", None) or context.scene


def active_strip(context: Any) -> Optional[Any]:
    """The strip the artist works on."""
    scene = edited_scene(context)
    editor = scene.sequence_editor if scene else None
    return editor.active_strip if editor else None


def timing_of(strip: Any) -> StripTiming:
    """Where a strip lies and what it leaves out."""
    if hasattr(strip, "left_handle"):
        return StripTiming(
            int(strip.content_start),
            max(1, int(strip.content_duration)),
            int(strip.left_handle),
            int(strip.right_handle),
            int(getattr(strip, "content_trim_start", 0)),
        )
    return StripTiming(
        int(strip.frame_start),
        max(1, int(strip.frame_duration)),
        int(strip.frame_final_start),
        int(strip.frame_final_end),
        int(getattr(strip, "animation_offset_start", 0)),
    )


def set_handles(strip: Any, left: int, right: int) -> None:
    """Make a strip visible from `left` to before `right`."""
    if hasattr(strip, "left_handle"):
        strip.left_handle, strip.right_handle = left, right
    else:
        strip.frame_final_start, strip.frame_final_end = left, right


def plays_at_normal_speed(strip: Any) -> bool:
    """Whether every timeline frame shows the next content frame."""
    if len(getattr(strip, "retiming_keys", ())) > 0:
        return False
    if getattr(strip, "use_reverse_frames", False) or getattr(strip, "strobe", 1.0) > 1.0:
        return False
    if hasattr(strip, "left_handle"):
        visible, offsets = strip.duration, strip.left_handle_offset + strip.right_handle_offset
        content = strip.content_duration
    else:
        visible, offsets = strip.frame_final_duration, strip.frame_offset_start + strip.frame_offset_end
        content = strip.frame_duration
    # A movie added with another rate than the scene's is stretched without any retiming keys.
    return abs(content - offsets - visible) < 0.5


def find_strip(token: str) -> Tuple[Optional[Any], Optional[Any]]:
    """(scene, strip) of a token; the first where copies of a strip share it."""
    if token:
        for scene in bpy.data.scenes:
            for strip in all_strips(scene):
                if strip.sparkvsr.token == token:
                    return scene, strip
    return None, None


def find_source(order: Any) -> Tuple[Optional[Any], Optional[Any]]:
    """(scene, strip) an order was made from, by its token; by its name where an undo took the token back."""
    scene, strip = find_strip(order.origin)
    if strip is not None:
        return scene, strip
    scene = bpy.data.scenes.get(order.scene)
    for strip in all_strips(scene) if scene else ():
        if strip.name == order.strip and not strip.sparkvsr.token:
            strip.sparkvsr.token = order.origin
            return scene, strip
    return None, None


def results_of(token: str) -> Iterator[Tuple[Any, Any]]:
    """(scene, strip) of every result made from the strip of a token."""
    if not token:
        return
    for scene in bpy.data.scenes:
        for strip in all_strips(scene):
            if strip.sparkvsr.origin == token:
                yield scene, strip


def siblings_of(scene: Any, strip: Any) -> Any:
    """The collection a strip lies in: its meta strip's or the editor's."""
    meta = strip.parent_meta()
    return strips_in(meta if meta is not None else scene.sequence_editor)


def free_channel(siblings: Any, above: int, left: int, right: int) -> int:
    """The lowest channel above `above` that is empty from `left` to before `right`.

    Raises InvalidSettings when there is none.
    """
    used = set()
    for strip in siblings:
        timing = timing_of(strip)
        if timing.left < right and left < timing.right:
            used.add(strip.channel)
    for channel in range(above + 1, HIGHEST_CHANNEL + 1):
        if channel not in used:
            return channel
    raise errors.InvalidSettings("No channel above the strip is free; move some strips down.")


def token_of(strip: Any) -> str:
    """The strip's own name in the extension's books, given now where it has none.

    A copy of a strip carries its original's token; it gets one of its own as soon as it is worked on.
    """
    data = strip.sparkvsr
    _, holder = find_strip(data.token)
    if not data.token or (holder is not None and holder.name != strip.name):
        data.token = uuid.uuid4().hex[:12]
    return str(data.token)


def preferences() -> Any:
    """The extension's preferences."""
    return bpy.context.preferences.addons[__package__].preferences


def may_go_online() -> bool:
    """Whether Blender allows talking to other machines."""
    return bool(getattr(bpy.app, "online_access", True))


def results_folder() -> Path:
    """Where results go, as set in the preferences.

    Raises InvalidSettings for a folder relative to a file that was never saved.
    """
    named = preferences().results_folder or RELATIVE_RESULTS
    if named.startswith("//") and not bpy.data.filepath:
        raise errors.InvalidSettings(
            "Save the .blend file first: results go beside it. Or set a results folder with a full path in"
            " the extension's preferences."
        )
    return Path(bpy.path.abspath(named)).absolute()


def absolute_file(path: str) -> Path:
    """A path of Blender as a full path.

    Raises InvalidSettings when it is relative to a file that was never saved.
    """
    if path.startswith("//") and not bpy.data.filepath:
        raise errors.InvalidSettings(
            f"{path} is relative to a .blend file that was never saved; save it first."
        )
    return Path(bpy.path.abspath(path)).absolute()


def moment() -> str:
    """Now, as part of a folder's name: to the millisecond, two small jobs of a strip fit into a second."""
    return datetime.datetime.now().strftime("%Y%m%d-%H%M%S-%f")[:-3]


def redraw() -> None:
    """Have the sequencers' sidebars drawn again; strips that change have Blender draw the rest."""
    manager = bpy.context.window_manager
    for window in manager.windows if manager else ():
        for area in window.screen.areas:
            for region in area.regions if area.type == "SEQUENCE_EDITOR" else ():
                if region.type == "UI":
                    region.tag_redraw()


def redraw_timelines() -> None:
    """Have what lies along the strips drawn again."""
    manager = bpy.context.window_manager
    for window in manager.windows if manager else ():
        for area in window.screen.areas:
            if area.type == "SEQUENCE_EDITOR" and area.spaces.active.view_type != "PREVIEW":
                area.tag_redraw()


def remember_undo(message: str) -> None:
    """Make what was done outside an operator a step of its own."""
    if bpy.ops.ed.undo_push.poll():
        bpy.ops.ed.undo_push(message=message)
