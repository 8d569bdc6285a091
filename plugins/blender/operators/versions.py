"""Which version of a strip is seen: the original or one of its results."""

from typing import Any, Optional

import bpy
from bpy.props import StringProperty

from .. import host
from ..bridge_link import errors
from ..keyframing import keyframe_list, previewing
from ..sequencer import job_submission, placing
from .base import StripOperator


class SPARKVSR_OT_show_version(StripOperator, bpy.types.Operator):
    """Show this version and mute the others"""

    bl_idname = "sparkvsr.show_version"
    bl_label = "Show Version"
    bl_options = {"REGISTER", "UNDO"}
    strip_name: StringProperty(name="Strip", options={"HIDDEN", "SKIP_SAVE"})

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """Mute all but the one."""
        version = next((strip for strip in host.all_strips(scene) if strip.name == self.strip_name), None)
        if version is None:
            raise errors.StateConflict("That version's strip is gone.")
        placing.show_only(strip, version)
        return None


class SPARKVSR_OT_toggle(StripOperator, bpy.types.Operator):
    """Switch between the original and its latest result, for comparing"""

    bl_idname = "sparkvsr.toggle"
    bl_label = "A/B"
    bl_options = {"REGISTER", "UNDO"}

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """Show the original when a result is seen, else the result that was seen last."""
        versions = placing.versions_of(strip)
        if not versions:
            raise errors.StateConflict("There is no result to compare with yet.")
        if not all(version.mute for version in versions):
            visible = next(version for version in reversed(versions) if not version.mute)
            strip.sparkvsr.seen = visible.name
            placing.show_only(strip, strip)
            return "Original"
        last = next((version for version in versions if version.name == strip.sparkvsr.seen), versions[-1])
        placing.show_only(strip, last)
        return str(last.name)


class SPARKVSR_OT_remove_version(StripOperator, bpy.types.Operator):
    """Take this version out of the timeline; its files stay"""

    bl_idname = "sparkvsr.remove_version"
    bl_label = "Remove Version"
    bl_options = {"REGISTER", "UNDO"}
    strip_name: StringProperty(name="Strip", options={"HIDDEN", "SKIP_SAVE"})

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """Remove its strip; the original is seen again when nothing else is."""
        gone = next(
            (version for version in placing.versions_of(strip) if version.name == self.strip_name), None
        )
        if gone is None:
            raise errors.StateConflict("That version's strip is gone.")
        host.siblings_of(scene, gone).remove(gone)
        if all(version.mute for version in placing.versions_of(strip)):
            strip.mute = False
        return None


class SPARKVSR_OT_suggest_next(StripOperator, bpy.types.Operator):
    """Add a keyframe where the latest result would gain most by one; update the result afterwards"""

    bl_idname = "sparkvsr.suggest_next"
    bl_label = "Suggest Next Keyframe"

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """Ask the engine."""
        latest = job_submission.latest_result(strip)
        if latest is None:
            raise errors.StateConflict("There is no result yet; upscale the strip first.")
        keyframe_list.suggest_next(strip, latest.job)
        return None


class SPARKVSR_OT_heat_map(StripOperator, bpy.types.Operator):
    """Show where the result trusted its keyframes in the frame at the playhead: green, and where not: red"""

    bl_idname = "sparkvsr.heat_map"
    bl_label = "Heat Map"

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """Ask for it; it is shown like a preview."""
        versions = placing.versions_of(strip)
        if not versions:
            raise errors.StateConflict("There is no result yet; upscale the strip first.")
        if not host.timing_of(strip).shows(scene.frame_current):
            raise errors.InvalidSettings("The playhead is not over the strip; move it there.")
        version = next((candidate for candidate in reversed(versions) if not candidate.mute), versions[-1])
        previewing.show_heat_map(strip, version, scene.frame_current)
        return None


CLASSES = (
    SPARKVSR_OT_show_version,
    SPARKVSR_OT_toggle,
    SPARKVSR_OT_remove_version,
    SPARKVSR_OT_suggest_next,
    SPARKVSR_OT_heat_map,
)
