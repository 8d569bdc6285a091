"""The keyframe list: add, remove, choose pictures, paint, let the engine suggest."""

from pathlib import Path
from typing import Any, Optional, Set

import bpy
from bpy.props import BoolProperty, CollectionProperty, IntProperty, StringProperty

from .. import host
from ..bridge_link import errors
from ..keyframing import keyframe_list, painting
from ..keyframing.keyframe_list import KeyframeCandidate
from .base import StripOperator


def active_keyframe(strip: Any) -> Any:
    """The keyframe selected in the list; raises StateConflict without one."""
    data = strip.sparkvsr
    if not 0 <= data.active_keyframe < len(data.keyframes):
        raise errors.StateConflict("Select a keyframe in the list first.")
    return data.keyframes[data.active_keyframe]


def _summary(fresh: int, outside: int, of_what: str) -> str:
    if not fresh and not outside:
        return f"No new keyframe from {of_what}"
    text = f"{fresh} new {'keyframe' if fresh == 1 else 'keyframes'} from {of_what}"
    return f"{text}, {outside} outside the strip left out" if outside else text


class SPARKVSR_OT_keyframe_add(StripOperator, bpy.types.Operator):
    """Make the frame at the playhead a keyframe"""

    bl_idname = "sparkvsr.keyframe_add"
    bl_label = "Add Keyframe"
    bl_options = {"REGISTER", "UNDO"}

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """Add it."""
        frame = scene.frame_current
        if not host.timing_of(strip).shows(frame):
            raise errors.InvalidSettings("The playhead is not over the strip; move it there.")
        fresh, _ = keyframe_list.add(strip, [KeyframeCandidate(frame)])
        for index, keyframe in enumerate(strip.sparkvsr.keyframes):
            if keyframe_list.timeline_frame(strip, keyframe) == frame:
                strip.sparkvsr.active_keyframe = index
        return None if fresh else "This frame is a keyframe already"


class SPARKVSR_OT_keyframe_remove(StripOperator, bpy.types.Operator):
    """Take the selected keyframe out of the list; its picture file stays"""

    bl_idname = "sparkvsr.keyframe_remove"
    bl_label = "Remove Keyframe"
    bl_options = {"REGISTER", "UNDO"}

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """Remove it."""
        active_keyframe(strip)
        data = strip.sparkvsr
        data.keyframes.remove(data.active_keyframe)
        data.active_keyframe = max(0, min(data.active_keyframe, len(data.keyframes) - 1))
        return None


class SPARKVSR_OT_keyframe_jump(StripOperator, bpy.types.Operator):
    """Move the playhead to this keyframe"""

    bl_idname = "sparkvsr.keyframe_jump"
    bl_label = "Go to Keyframe"
    index: IntProperty(name="Index", options={"HIDDEN", "SKIP_SAVE"})

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """Move it."""
        data = strip.sparkvsr
        if self.index < len(data.keyframes):
            data.active_keyframe = self.index
            scene.frame_current = keyframe_list.timeline_frame(strip, data.keyframes[self.index])
        return None


class SPARKVSR_OT_keyframes_from_markers(StripOperator, bpy.types.Operator):
    """Make frames with markers keyframes: those whose name begins with KEY, or the selected ones"""

    bl_idname = "sparkvsr.keyframes_from_markers"
    bl_label = "From Markers"
    bl_options = {"REGISTER", "UNDO"}
    only_selected: BoolProperty(
        name="Selected Markers", description="The selected markers, whatever their names", default=False
    )

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """Add them."""
        candidates = keyframe_list.from_markers(scene, self.only_selected)
        if not candidates:
            raise errors.InvalidSettings(
                "No marker is selected."
                if self.only_selected
                else "No marker's name begins with KEY; press M to add one."
            )
        return _summary(*keyframe_list.add(strip, candidates), "markers")


class SPARKVSR_OT_keyframes_from_strips(StripOperator, bpy.types.Operator):
    """Take single pictures in the channels above as keyframes of the frames they begin at"""

    bl_idname = "sparkvsr.keyframes_from_strips"
    bl_label = "From Pictures Above"
    bl_options = {"REGISTER", "UNDO"}

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """Add them."""
        candidates = keyframe_list.from_strips(scene, strip)
        if not candidates:
            raise errors.InvalidSettings("There is no image strip with a single picture above this strip.")
        return _summary(*keyframe_list.add(strip, candidates), "pictures above")


class SPARKVSR_OT_keyframes_from_files(StripOperator, bpy.types.Operator):
    """Choose picture files; the number in each name is its frame, one file alone goes to the playhead"""

    bl_idname = "sparkvsr.keyframes_from_files"
    bl_label = "From Files"
    bl_options = {"REGISTER", "UNDO"}
    files: CollectionProperty(type=bpy.types.OperatorFileListElement, options={"HIDDEN", "SKIP_SAVE"})
    directory: StringProperty(subtype="DIR_PATH", options={"HIDDEN", "SKIP_SAVE"})
    filter_image: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_folder: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    def invoke(self, context: Any, _event: Any) -> Set[str]:
        """Open the file browser."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """Add them."""
        paths = [str(Path(self.directory) / file.name) for file in self.files if file.name]
        if not paths:
            raise errors.InvalidSettings("No file was chosen.")
        candidates = keyframe_list.from_files(strip, paths, scene.frame_current)
        return _summary(*keyframe_list.add(strip, candidates), "files")


class SPARKVSR_OT_keyframes_from_stream(StripOperator, bpy.types.Operator):
    """Take the keyframes that a small stream brings, and the scale of its full size"""

    bl_idname = "sparkvsr.keyframes_from_stream"
    bl_label = "From Small Stream"

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """Ask the engine for them."""
        keyframe_list.from_stream(strip)
        return None


class SPARKVSR_OT_keyframe_paint(StripOperator, bpy.types.Operator):
    """Open this keyframe's picture for painting, made first where there is none; saving it is noticed"""

    bl_idname = "sparkvsr.keyframe_paint"
    bl_label = "Paint Keyframe"
    external: BoolProperty(
        name="External Editor",
        description="Open in the image editor set in Preferences > File Paths instead of in Blender",
        default=False,
        options={"SKIP_SAVE"},
    )

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """Open it, made first where there is none."""
        keyframe = active_keyframe(strip)
        path = painting.picture_of(keyframe)
        if path is None:
            painting.make_and_open(strip, keyframe, self.external)
            return "Making the picture"
        painting.open_picture(path, self.external)
        return None


class SPARKVSR_OT_keyframe_clear(StripOperator, bpy.types.Operator):
    """Let the engine make this keyframe's picture again; the file stays"""

    bl_idname = "sparkvsr.keyframe_clear"
    bl_label = "Clear Picture"
    bl_options = {"REGISTER", "UNDO"}

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """Forget the file."""
        active_keyframe(strip).image = ""
        return None


class SPARKVSR_OT_suggest(StripOperator, bpy.types.Operator):
    """Let the engine look through the strip and propose keyframes where they help most"""

    bl_idname = "sparkvsr.suggest"
    bl_label = "Suggest"

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """Ask it."""
        keyframe_list.suggest(strip)
        return None


CLASSES = (
    SPARKVSR_OT_keyframe_add,
    SPARKVSR_OT_keyframe_remove,
    SPARKVSR_OT_keyframe_jump,
    SPARKVSR_OT_keyframes_from_markers,
    SPARKVSR_OT_keyframes_from_strips,
    SPARKVSR_OT_keyframes_from_files,
    SPARKVSR_OT_keyframes_from_stream,
    SPARKVSR_OT_keyframe_paint,
    SPARKVSR_OT_keyframe_clear,
    SPARKVSR_OT_suggest,
)
