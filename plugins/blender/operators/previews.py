"""Preview the frame at the playhead, and take the preview away."""

from typing import Any, Optional, Set

import bpy

from .. import host
from ..bridge_link import errors
from ..keyframing import previewing
from .base import StripOperator


class SPARKVSR_OT_preview(StripOperator, bpy.types.Operator):
    """Upscale the frame at the playhead alone, at full quality, and show it over the strip"""

    bl_idname = "sparkvsr.preview"
    bl_label = "Preview Frame"

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """Order the preview."""
        frame = scene.frame_current
        if not host.timing_of(strip).shows(frame):
            raise errors.InvalidSettings("The playhead is not over the strip; move it there.")
        previewing.show_frame(strip, frame)
        return None


class SPARKVSR_OT_clear_preview(bpy.types.Operator):
    """Take the preview away"""

    bl_idname = "sparkvsr.clear_preview"
    bl_label = "Clear Preview"

    def execute(self, context: Any) -> Set[str]:
        """Remove its strip and file."""
        previewing.clear()
        host.redraw()
        return {"FINISHED"}


CLASSES = (SPARKVSR_OT_preview, SPARKVSR_OT_clear_preview)
