"""Upscale, update, send to a farm, cancel, pause, resume."""

from typing import Any, Optional, Set

import bpy
from bpy.props import StringProperty

from .. import host, runtime
from ..keyframing import previewing
from ..sequencer import farm, job_submission, placing
from .base import StripOperator, refuse


class SPARKVSR_OT_upscale(StripOperator, bpy.types.Operator):
    """Upscale the strip; the result appears one channel up, frame by frame, while you go on working"""

    bl_idname = "sparkvsr.upscale"
    bl_label = "Upscale"
    bl_options = {"REGISTER", "UNDO"}

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """Order the job."""
        job_submission.upscale(scene, strip)
        previewing.clear()
        return f"Upscaling {strip.name}"


class SPARKVSR_OT_update(StripOperator, bpy.types.Operator):
    """Make a new version with keyframes, guidance and range as they are now; only what changed is rendered"""

    bl_idname = "sparkvsr.update"
    bl_label = "Update Result"
    bl_options = {"REGISTER", "UNDO"}

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """Order the version."""
        job_submission.update(scene, strip)
        previewing.clear()
        return f"Updating {strip.name}"


class SPARKVSR_OT_learn_again(StripOperator, bpy.types.Operator):
    """Make a new version learnt anew from the keyframes as they are; all frames of its shots are rendered"""

    bl_idname = "sparkvsr.learn_again"
    bl_label = "Learn Again"
    bl_options = {"REGISTER", "UNDO"}

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """Order the version."""
        job_submission.update(scene, strip, learns_again=True)
        previewing.clear()
        return f"Learning {strip.name} again"


class SPARKVSR_OT_farm(StripOperator, bpy.types.Operator):
    """Write a bundle that a render farm works through, beside the frames it will make"""

    bl_idname = "sparkvsr.farm"
    bl_label = "Send to Farm"

    def act(self, scene: Any, strip: Any, context: Any) -> Optional[str]:
        """Write it."""
        farm.write_bundle(scene, strip)
        return f"Writing the farm's bundle of {strip.name}"


class SPARKVSR_OT_cancel(bpy.types.Operator):
    """Stop this job for good; the frames that are finished stay"""

    bl_idname = "sparkvsr.cancel"
    bl_label = "Cancel Job"
    job: StringProperty(name="Job", options={"HIDDEN", "SKIP_SAVE"})
    token: StringProperty(name="Request", options={"HIDDEN", "SKIP_SAVE"})

    def execute(self, context: Any) -> Set[str]:
        """Cancel the job, or the request that has not become one yet."""
        if self.token:
            job_submission.forget_pending(self.token)
        else:
            job_submission.cancel(self.job)
        host.redraw()
        return {"FINISHED"}


class SPARKVSR_OT_pause(bpy.types.Operator):
    """Stop this job for now; resume it whenever you like"""

    bl_idname = "sparkvsr.pause"
    bl_label = "Pause Job"
    job: StringProperty(name="Job", options={"HIDDEN", "SKIP_SAVE"})

    def execute(self, context: Any) -> Set[str]:
        """Pause it."""
        job_submission.pause(self.job)
        return {"FINISHED"}


class SPARKVSR_OT_resume(bpy.types.Operator):
    """Go on with this job from its last finished frames"""

    bl_idname = "sparkvsr.resume"
    bl_label = "Resume Job"
    job: StringProperty(name="Job", options={"HIDDEN", "SKIP_SAVE"})

    def execute(self, context: Any) -> Set[str]:
        """Resume it."""
        job_submission.resume(self.job)
        return {"FINISHED"}


class SPARKVSR_OT_place(bpy.types.Operator):
    """Put the result of this job into the timeline again"""

    bl_idname = "sparkvsr.place"
    bl_label = "Place Result"
    bl_options = {"REGISTER", "UNDO"}
    job: StringProperty(name="Job", options={"HIDDEN", "SKIP_SAVE"})

    def execute(self, context: Any) -> Set[str]:
        """Forget that it was taken away, and let the next look place it."""
        entries = [entry for entry in runtime.job_list().entries.values() if entry.report.job == self.job]
        for entry in entries:
            if entry.record is not None and placing.find_result(entry)[1] is None:
                entry.was_placed = False
                runtime.job_list().mark(entry.key)
        if not entries:
            return refuse(self, "This Blender has no record of the job.")
        return {"FINISHED"}


class SPARKVSR_OT_dismiss(bpy.types.Operator):
    """Take this message away"""

    bl_idname = "sparkvsr.dismiss"
    bl_label = "Dismiss"

    def execute(self, context: Any) -> Set[str]:
        """Take it away."""
        runtime.get().notice = None
        host.redraw()
        return {"FINISHED"}


CLASSES = (
    SPARKVSR_OT_upscale,
    SPARKVSR_OT_update,
    SPARKVSR_OT_learn_again,
    SPARKVSR_OT_farm,
    SPARKVSR_OT_cancel,
    SPARKVSR_OT_pause,
    SPARKVSR_OT_resume,
    SPARKVSR_OT_place,
    SPARKVSR_OT_dismiss,
)
