"""The sidebar tab: drawing only. What it shows is in the strip's settings and in the job list."""

from typing import Any

import bpy

from .. import host, runtime
from ..keyframing import keyframe_list
from ..sequencer import job_submission, placing
from . import drawing

CATEGORY = "SparkVSR"


class _SequencerPanel:
    """Where all panels are."""

    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = CATEGORY


class _StripPanel(_SequencerPanel):
    """For panels about the strip's settings."""

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only with a strip that has pictures."""
        strip = job_submission.source_of(host.active_strip(context))
        return strip is not None and strip.type != "SOUND" and not strip.sparkvsr.is_preview


class SPARKVSR_PT_main(_SequencerPanel, bpy.types.Panel):
    """Strip, main settings, the big button, progress."""

    bl_label = "SparkVSR"

    def draw_header_preset(self, _context: Any) -> None:
        """The connection light."""
        state = runtime.job_list().engine.kind
        icon = {"ready": "LINKED", "starting": "TIME", "lost": "ERROR"}.get(state, "UNLINKED")
        self.layout.operator("sparkvsr.preferences", text="", icon=icon, emboss=False)

    def draw(self, context: Any) -> None:
        """From top to bottom in the order of work."""
        layout = self.layout
        drawing.draw_notice(layout)
        active = host.active_strip(context)
        strip = job_submission.source_of(active)
        if strip is None or strip.type == "SOUND" or strip.sparkvsr.is_preview:
            drawing.draw_hint(layout, active)
        else:
            drawing.draw_settings(layout, active, strip)
            drawing.draw_actions(layout, strip)
        drawing.draw_progress(layout, strip)


class SPARKVSR_PT_keyframes(_StripPanel, bpy.types.Panel):
    """The keyframe list and the selected keyframe."""

    bl_label = "Keyframes"
    bl_parent_id = "SPARKVSR_PT_main"

    def draw(self, context: Any) -> None:
        """List, sources, then the selected one."""
        layout = self.layout
        strip = job_submission.source_of(host.active_strip(context))
        data = strip.sparkvsr
        row = layout.row()
        rows = 4 if len(data.keyframes) else 2
        row.template_list("SPARKVSR_UL_keyframes", "", data, "keyframes", data, "active_keyframe", rows=rows)
        side = row.column(align=True)
        side.operator("sparkvsr.keyframe_add", text="", icon="ADD")
        side.operator("sparkvsr.keyframe_remove", text="", icon="REMOVE")
        side.separator()
        side.menu("SPARKVSR_MT_keyframe_sources", text="", icon="DOWNARROW_HLT")
        waiting = runtime.get().previews.get("suggest")
        row = layout.row()
        row.enabled = waiting is None
        text = waiting.text if waiting else "Suggest Keyframes"
        row.operator("sparkvsr.suggest", text=text, icon="LIGHT")
        if 0 <= data.active_keyframe < len(data.keyframes):
            drawing.draw_keyframe(layout, data.keyframes[data.active_keyframe])
        column = layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
        column.prop(data, "policy")
        if data.policy not in ("manual", "none"):
            column.prop(data, "budget")


class SPARKVSR_PT_versions(_StripPanel, bpy.types.Panel):
    """The results of the strip."""

    bl_label = "Versions"
    bl_parent_id = "SPARKVSR_PT_main"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only where there are some."""
        strip = job_submission.source_of(host.active_strip(context))
        return strip is not None and bool(placing.versions_of(strip))

    def draw(self, context: Any) -> None:
        """The original, then its results, the newest last."""
        layout = self.layout
        strip = job_submission.source_of(host.active_strip(context))
        layout.operator("sparkvsr.toggle", text="A/B: Original or Result", icon="ARROW_LEFTRIGHT")
        box = layout.box().column(align=True)
        drawing.draw_version(box, strip, "Original", strip)
        for result in placing.versions_of(strip):
            drawing.draw_version(box, strip, result.name, result)
        drawing.draw_confidence(layout, strip)


class SPARKVSR_PT_queue(_SequencerPanel, bpy.types.Panel):
    """Every job that runs, waits or stopped."""

    bl_label = "Queue"
    bl_parent_id = "SPARKVSR_PT_main"

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """Only where there are some."""
        return any(entry.record is not None for entry in runtime.job_list().entries.values())

    def draw(self, _context: Any) -> None:
        """Active ones first, then the latest that ended."""
        job_list = runtime.job_list()
        active = [entry for entry in job_list.active() if entry.record is not None]
        ended = [
            entry for entry in job_list.entries.values() if entry.record is not None and not entry.is_active
        ]
        ended.sort(key=lambda entry: entry.report.ended, reverse=True)
        for entry in [*active, *ended[:5]]:
            drawing.draw_job(self.layout, entry)


class SPARKVSR_PT_advanced(_StripPanel, bpy.types.Panel):
    """What most strips leave as it is."""

    bl_label = "Advanced"
    bl_parent_id = "SPARKVSR_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Any) -> None:
        """Settings, then the tools."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        source = job_submission.source_of(host.active_strip(context))
        data = source.sparkvsr
        layout.prop(data, "format")
        layout.prop(data, "mute_source")
        layout.prop(data, "isr", placeholder="engine's choice")
        layout.prop(data, "judges_damage")
        if not data.judges_damage:
            layout.prop(data, "damage")
        drawing.draw_learning(layout, data, job_submission.latest_result(source))
        layout.prop(data, "seed")
        layout.operator("sparkvsr.farm", icon="NETWORK_DRIVE")
        row = layout.row(align=True)
        row.operator("sparkvsr.test_connection")
        row.operator("sparkvsr.self_test")


class SPARKVSR_UL_keyframes(bpy.types.UIList):
    """One line per keyframe: frame, where its picture is from, strength."""

    def draw_item(
        self,
        context: Any,
        layout: Any,
        _data: Any,
        item: Any,
        _icon: Any,
        _active: Any,
        _name: Any,
        index: int,
    ) -> None:
        """Draw it."""
        strip = job_submission.source_of(host.active_strip(context))
        frame = keyframe_list.timeline_frame(strip, item)
        row = layout.row(align=True)
        jump = row.operator(
            "sparkvsr.keyframe_jump", text=str(frame), emboss=False, icon="KEYTYPE_KEYFRAME_VEC"
        )
        jump.index = index
        if item.image:
            row.label(text=bpy.path.basename(item.image), icon="IMAGE_DATA")
        else:
            row.label(text="by the engine", icon="SHADERFX")
        part = row.row()
        part.scale_x = 0.6
        part.prop(item, "strength", text="")


class SPARKVSR_MT_keyframe_sources(bpy.types.Menu):
    """Where keyframes come from."""

    bl_label = "Add Keyframes"

    def draw(self, _context: Any) -> None:
        """The ways."""
        layout = self.layout
        layout.operator("sparkvsr.keyframes_from_markers", text="From Markers Named KEY", icon="MARKER_HLT")
        layout.operator(
            "sparkvsr.keyframes_from_markers", text="From Selected Markers", icon="MARKER"
        ).only_selected = True
        layout.operator("sparkvsr.keyframes_from_strips", icon="SEQ_SEQUENCER")
        layout.operator("sparkvsr.keyframes_from_files", text="From Files...", icon="FILE_IMAGE")
        layout.operator("sparkvsr.keyframes_from_stream", icon="FILE_MOVIE")


CLASSES = (
    SPARKVSR_UL_keyframes,
    SPARKVSR_MT_keyframe_sources,
    SPARKVSR_PT_main,
    SPARKVSR_PT_keyframes,
    SPARKVSR_PT_versions,
    SPARKVSR_PT_queue,
    SPARKVSR_PT_advanced,
)
