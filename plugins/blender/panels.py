"""The sidebar tab: drawing only. What it shows is in the strip's settings and in the book."""

import textwrap
from typing import Any, Optional

import bpy

from . import host, keyframe_list, ordering, placing, previewing, runtime
from .book import Entry, progress_text

CATEGORY = "SparkVSR"
_STATE_ICONS = {
    "running": "RENDER_ANIMATION",
    "queued": "TIME",
    "paused": "PAUSE",
    "finished": "CHECKMARK",
    "cancelled": "X",
    "failed": "ERROR",
}
_CHARACTERS_PER_LINE = 44


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
        strip = ordering.source_of(host.active_strip(context))
        return strip is not None and strip.type != "SOUND" and not strip.sparkvsr.is_preview


class SPARKVSR_PT_main(_SequencerPanel, bpy.types.Panel):
    """Strip, main settings, the big button, progress."""

    bl_label = "SparkVSR"

    def draw_header_preset(self, _context: Any) -> None:
        """The connection light."""
        state = runtime.book().engine.kind
        icon = {"ready": "LINKED", "starting": "TIME", "lost": "ERROR"}.get(state, "UNLINKED")
        self.layout.operator("sparkvsr.preferences", text="", icon=icon, emboss=False)

    def draw(self, context: Any) -> None:
        """From top to bottom in the order of work."""
        layout = self.layout
        _draw_notice(layout)
        active = host.active_strip(context)
        strip = ordering.source_of(active)
        if strip is None or strip.type == "SOUND" or strip.sparkvsr.is_preview:
            _draw_hint(layout, active)
        else:
            _draw_settings(layout, active, strip)
            _draw_actions(layout, strip)
        _draw_progress(layout, strip)


class SPARKVSR_PT_keyframes(_StripPanel, bpy.types.Panel):
    """The keyframe list and the selected keyframe."""

    bl_label = "Keyframes"
    bl_parent_id = "SPARKVSR_PT_main"

    def draw(self, context: Any) -> None:
        """List, sources, then the selected one."""
        layout = self.layout
        strip = ordering.source_of(host.active_strip(context))
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
            _draw_keyframe(layout, data.keyframes[data.active_keyframe])
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
        strip = ordering.source_of(host.active_strip(context))
        return strip is not None and bool(placing.versions_of(strip))

    def draw(self, context: Any) -> None:
        """The original, then its results, the newest last."""
        layout = self.layout
        strip = ordering.source_of(host.active_strip(context))
        layout.operator("sparkvsr.toggle", text="A/B: Original or Result", icon="ARROW_LEFTRIGHT")
        box = layout.box().column(align=True)
        _draw_version(box, strip, "Original", strip)
        for result in placing.versions_of(strip):
            _draw_version(box, strip, result.name, result)


class SPARKVSR_PT_queue(_SequencerPanel, bpy.types.Panel):
    """Every job that runs, waits or stopped."""

    bl_label = "Queue"
    bl_parent_id = "SPARKVSR_PT_main"

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """Only where there are some."""
        return any(entry.order is not None for entry in runtime.book().entries.values())

    def draw(self, _context: Any) -> None:
        """Active ones first, then the latest that ended."""
        book = runtime.book()
        shown = [entry for entry in book.active() if entry.order is not None]
        ended = [one for one in book.entries.values() if one.order is not None and not one.is_active]
        ended.sort(key=lambda entry: entry.report.ended, reverse=True)
        for entry in [*shown, *ended[:5]]:
            _draw_job(self.layout, entry)


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
        data = ordering.source_of(host.active_strip(context)).sparkvsr
        layout.prop(data, "format")
        layout.prop(data, "mute_source")
        layout.prop(data, "isr", placeholder="engine's choice")
        layout.prop(data, "seed")
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
        strip = ordering.source_of(host.active_strip(context))
        frame = keyframe_list.timeline_frame(strip, item)
        row = layout.row(align=True)
        jump = row.operator(
            "sparkvsr.keyframe_jump", text=str(frame), emboss=False, icon="KEYTYPE_KEYFRAME_VEC"
        )
        jump.index = index
        if item.image:
            row.label(text=bpy.path.basename(item.image), icon="IMAGE_DATA")
        else:
            row.label(text="made by the engine", icon="SHADERFX")
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


def _draw_notice(layout: Any) -> None:
    notice = runtime.get().notice
    if notice is None:
        return
    box = layout.box()
    row = box.row()
    column = row.column(align=True)
    lines = wrapped(notice.text, _CHARACTERS_PER_LINE)
    for index, line in enumerate(lines):
        column.label(text=line, icon=notice.kind if index == 0 else "BLANK1")
    row.operator("sparkvsr.dismiss", text="", icon="X", emboss=False)


def _draw_hint(layout: Any, active: Optional[Any]) -> None:
    column = layout.column(align=True)
    if active is not None and active.sparkvsr.is_result:
        column.label(text="The original of this result", icon="INFO")
        column.label(text="is gone; select another strip.", icon="BLANK1")
    else:
        column.label(text="Select a movie or image strip", icon="INFO")


def _draw_settings(layout: Any, active: Any, strip: Any) -> None:
    from . import strips

    data = strip.sparkvsr
    row = layout.row()
    row.label(text=strip.name, icon="FILE_MOVIE" if strip.type == "MOVIE" else "FILE_IMAGE")
    if active != strip:
        row.label(text="result selected", icon="CHECKMARK")
    width, height = strips.media_size(strip)
    out_width, out_height = round(width * data.scale), round(height * data.scale)
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    column.prop(data, "scale")
    size = column.row()
    size.alignment = "RIGHT"
    size.enabled = False
    size.label(text=f"{width} x {height}  →  {out_width} x {out_height}")
    column.prop(data, "model")
    if data.model == "FOLDER":
        column.prop(data, "model_folder")
    column.prop(data, "guidance", slider=True)
    column.prop(data, "look")
    detour = strips.detour_of(strip)
    if detour and strip.type not in ("TEXT", "COLOR", "MASK"):
        for index, line in enumerate(wrapped(f"Rendered first, because {detour}.", _CHARACTERS_PER_LINE)):
            column.label(text=line, icon="INFO" if index == 0 else "BLANK1")


def _draw_actions(layout: Any, strip: Any) -> None:
    has_result = ordering.latest_order(strip) is not None
    column = layout.column(align=True)
    column.scale_y = 1.4
    if has_result:
        column.operator("sparkvsr.update", icon="FILE_REFRESH")
    column.operator(
        "sparkvsr.upscale", text="Upscale Anew" if has_result else "Upscale", icon="FULLSCREEN_ENTER"
    )
    row = layout.row(align=True)
    waiting = next((one for slot, one in runtime.get().previews.items() if slot != "suggest"), None)
    row.operator("sparkvsr.preview", text=waiting.text if waiting else "Preview Frame", icon="HIDE_OFF")
    if previewing.current() is not None:
        row.operator("sparkvsr.clear_preview", text="", icon="X")


def _draw_progress(layout: Any, strip: Optional[Any]) -> None:
    """How the jobs of this strip are, requests on their way included; without a strip, of all."""
    book = runtime.book()
    token = strip.sparkvsr.token if strip is not None else ""
    for pending in book.pending.values():
        if not token or pending.origin == token:
            text = book.engine.text if book.engine.kind == "starting" else pending.text
            _draw_bar(layout, pending.fraction, text).token = pending.token
    for entry in book.active():
        if entry.order is not None and (not token or entry.order.origin == token):
            text = book.engine.text if book.engine.kind == "lost" else progress_text(entry)
            _draw_bar(layout, entry.fraction, text).job = entry.report.job


def _draw_bar(layout: Any, fraction: float, text: str) -> Any:
    """A bar with a cancel button; returns the button for its job."""
    row = layout.row(align=True)
    row.progress(factor=fraction, text=text)
    return row.operator("sparkvsr.cancel", text="", icon="CANCEL")


def _draw_keyframe(layout: Any, keyframe: Any) -> None:
    box = layout.box().column()
    box.prop(keyframe, "image", text="", placeholder="made by the engine")
    row = box.row(align=True)
    row.operator("sparkvsr.keyframe_paint", text="Paint", icon="BRUSH_DATA").external = False
    row.operator("sparkvsr.keyframe_paint", text="Edit Outside", icon="WINDOW").external = True
    if keyframe.image:
        row.operator("sparkvsr.keyframe_clear", text="", icon="X")
    for index, line in enumerate(wrapped(keyframe.reason, _CHARACTERS_PER_LINE)):
        box.label(text=line, icon="LIGHT" if index == 0 else "BLANK1")


def _draw_version(layout: Any, source: Any, text: str, strip: Any) -> None:
    row = layout.row(align=True)
    icon = "RADIOBUT_OFF" if strip.mute else "RADIOBUT_ON"
    row.operator("sparkvsr.show_version", text=text, icon=icon, emboss=False).strip_name = strip.name
    if strip != source:
        state = strip.sparkvsr.state
        if state not in ("finished", ""):
            row.label(text="", icon=_STATE_ICONS.get(state, "BLANK1"))
        row.operator("sparkvsr.remove_version", text="", icon="X", emboss=False).strip_name = strip.name


def _draw_job(layout: Any, entry: Entry) -> None:
    report, order = entry.report, entry.order
    column = layout.column(align=True)
    row = column.row(align=True)
    name = order.label if report.version == 1 else f"{order.label} v{report.version}"
    row.label(text=name, icon=_STATE_ICONS.get(report.state, "BLANK1"))
    if report.state in ("running", "queued"):
        row.operator("sparkvsr.pause", text="", icon="PAUSE").job = report.job
    if report.state in ("paused", "failed", "cancelled"):
        row.operator("sparkvsr.resume", text="", icon="PLAY").job = report.job
    if entry.is_active:
        row.operator("sparkvsr.cancel", text="", icon="CANCEL").job = report.job
    elif entry.landed and entry.was_placed and placing.find_result(entry)[1] is None:
        row.operator("sparkvsr.place", text="", icon="IMPORT").job = report.job
    if report.state != "finished":
        for line in wrapped(progress_text(entry), _CHARACTERS_PER_LINE):
            column.label(text=line, icon="BLANK1")
    for warning in entry.warnings[-2:]:
        for index, line in enumerate(wrapped(warning, _CHARACTERS_PER_LINE)):
            column.label(text=line, icon="ERROR" if index == 0 else "BLANK1")


def wrapped(text: str, width: int) -> Any:
    """The text in lines of at most `width` characters, broken between words where it can be."""
    return textwrap.wrap(text, width)


CLASSES = (
    SPARKVSR_UL_keyframes,
    SPARKVSR_MT_keyframe_sources,
    SPARKVSR_PT_main,
    SPARKVSR_PT_keyframes,
    SPARKVSR_PT_versions,
    SPARKVSR_PT_queue,
    SPARKVSR_PT_advanced,
)
