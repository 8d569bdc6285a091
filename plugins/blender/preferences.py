"""The extension's preferences: where the engine is, where results go."""

from typing import Any

import bpy
from bpy.props import EnumProperty, StringProperty

from . import host, runtime

_LOCATIONS = (
    ("LOCAL", "This Computer", "The engine runs here and is started when needed"),
    ("REMOTE", "Another Computer", "The engine runs on another machine that sees the same files"),
)


class SPARKVSR_AP_preferences(bpy.types.AddonPreferences):
    """Drawn by Blender where the extension is enabled."""

    bl_idname = __package__

    location: EnumProperty(name="Engine", description="Where the engine runs", items=_LOCATIONS)
    program: StringProperty(
        name="Engine's Python",
        description="The Python the engine is installed in, or its sparkvsr program."
        " Empty: the sparkvsr program on the search path",
        subtype="FILE_PATH",
    )
    engine_home: StringProperty(
        name="Engine's Folder",
        description="Where the engine keeps jobs, cache and models. Empty: its usual place",
        subtype="DIR_PATH",
    )
    connection_file: StringProperty(
        name="Connection File",
        description="file that 'sparkvsr keys add' made on the other computer: its address and your key",
        subtype="FILE_PATH",
    )
    remote_host: StringProperty(
        name="Address",
        description="Name or address of the other computer, where the file's own is not reached from here",
    )
    results_folder: StringProperty(
        name="Results Folder",
        description="Where upscaled frames, keyframe pictures and previews go; // is the .blend's folder",
        default=host.RELATIVE_RESULTS,
        subtype="DIR_PATH",
    )

    def draw(self, _context: Any) -> None:
        """Fields, and how the engine is."""
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "location", expand=True)
        if self.location == "REMOTE":
            layout.prop(self, "connection_file")
            layout.prop(self, "remote_host", placeholder="as in the file")
            if not host.may_go_online():
                layout.label(
                    text="Online access is off: System > Network > Allow Online Access", icon="ERROR"
                )
        else:
            layout.prop(self, "program", placeholder="sparkvsr on the search path")
            layout.prop(self, "engine_home", placeholder="the engine's usual place")
        layout.separator()
        layout.prop(self, "results_folder")
        layout.separator()
        row = layout.row()
        row.operator("sparkvsr.test_connection", icon="LINKED")
        row.operator("sparkvsr.self_test", icon="CHECKMARK")
        row.operator("sparkvsr.stop_engine", icon="CANCEL")
        notice = runtime.get().notice
        state = runtime.job_list().engine
        text = notice.text if notice else state.text
        if text:
            layout.label(text=text, icon=notice.kind if notice else "INFO")


CLASSES = (SPARKVSR_AP_preferences,)
