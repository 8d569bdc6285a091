"""The parts of panels. Drawing only: their contents are in the strip's settings and the job list."""

import textwrap
from typing import Any, Optional

from .. import host, runtime
from ..bridge_link import JobEntry, progress_text, unpacked, weakest
from ..keyframing import previewing
from ..sequencer import job_submission, placing, strips

_STATE_ICONS = {
    "running": "RENDER_ANIMATION",
    "queued": "TIME",
    "paused": "PAUSE",
    "finished": "CHECKMARK",
    "cancelled": "X",
    "failed": "ERROR",
}
_CHARACTERS_PER_LINE = 44


def draw_notice(layout: Any) -> None:
    """The line for the artist, until it is taken away."""
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


def draw_hint(layout: Any, active: Optional[Any]) -> None:
    """What to select."""
    column = layout.column(align=True)
    if active is not None and active.sparkvsr.is_result:
        column.label(text="The original of this result", icon="INFO")
        column.label(text="is gone; select another strip.", icon="BLANK1")
    else:
        column.label(text="Select a movie or image strip", icon="INFO")


def draw_settings(layout: Any, active: Any, strip: Any) -> None:
    """The strip's name and main settings, sizes worked out."""
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
    reason = strips.prerender_reason_of(strip)
    if reason and strip.type not in ("TEXT", "COLOR", "MASK"):
        for index, line in enumerate(wrapped(f"Rendered first, because {reason}.", _CHARACTERS_PER_LINE)):
            column.label(text=line, icon="INFO" if index == 0 else "BLANK1")


def draw_actions(layout: Any, strip: Any) -> None:
    """The big button, and the preview's."""
    has_result = job_submission.latest_result(strip) is not None
    column = layout.column(align=True)
    column.scale_y = 1.4
    if has_result:
        column.operator("sparkvsr.update", icon="FILE_REFRESH")
    column.operator(
        "sparkvsr.upscale", text="Upscale Anew" if has_result else "Upscale", icon="FULLSCREEN_ENTER"
    )
    row = layout.row(align=True)
    waiting = next((preview for slot, preview in runtime.get().previews.items() if slot != "suggest"), None)
    row.operator("sparkvsr.preview", text=waiting.text if waiting else "Preview Frame", icon="HIDE_OFF")
    if previewing.current() is not None:
        row.operator("sparkvsr.clear_preview", text="", icon="X")


def draw_progress(layout: Any, strip: Optional[Any]) -> None:
    """How the jobs of this strip are, requests on their way included; without a strip, of all."""
    job_list = runtime.job_list()
    token = strip.sparkvsr.token if strip is not None else ""
    for pending in job_list.pending.values():
        if not token or pending.origin == token:
            text = job_list.engine.text if job_list.engine.kind == "starting" else pending.text
            draw_bar(layout, pending.fraction, text).token = pending.token
    for entry in job_list.active():
        if entry.record is not None and (not token or entry.record.origin == token):
            text = job_list.engine.text if job_list.engine.kind == "lost" else progress_text(entry)
            draw_bar(layout, entry.fraction, text).job = entry.report.job


def draw_bar(layout: Any, fraction: float, text: str) -> Any:
    """A bar with a cancel button; returns the button for its job."""
    row = layout.row(align=True)
    row.progress(factor=fraction, text=text)
    return row.operator("sparkvsr.cancel", text="", icon="CANCEL")


def draw_keyframe(layout: Any, keyframe: Any) -> None:
    """The keyframe that is selected in the list."""
    box = layout.box().column()
    box.prop(keyframe, "image", text="", placeholder="made by the engine")
    row = box.row(align=True)
    row.operator("sparkvsr.keyframe_paint", text="Paint", icon="BRUSH_DATA").external = False
    row.operator("sparkvsr.keyframe_paint", text="Edit Outside", icon="WINDOW").external = True
    if keyframe.image:
        row.operator("sparkvsr.keyframe_clear", text="", icon="X")
    for index, line in enumerate(wrapped(keyframe.reason, _CHARACTERS_PER_LINE)):
        box.label(text=line, icon="LIGHT" if index == 0 else "BLANK1")


def draw_learning(layout: Any, data: Any, latest: Optional[Any]) -> None:
    """Whether the shot is learnt, and for a result that was, to learn it again."""
    layout.prop(data, "learns")
    if data.learns and latest is not None and latest.record.request.options.get("learn", "off") != "off":
        layout.operator("sparkvsr.learn_again", icon="FILE_REFRESH")


def draw_version(layout: Any, source: Any, text: str, strip: Any) -> None:
    """One version: its light, its state, a cross."""
    row = layout.row(align=True)
    icon = "HIDE_ON" if strip.mute else "HIDE_OFF"
    name = row.row()
    name.alignment = "LEFT"
    name.operator("sparkvsr.show_version", text=text, icon=icon, emboss=False).strip_name = strip.name
    if strip != source:
        row.label(text="")
        state = strip.sparkvsr.state
        if state not in ("finished", ""):
            row.label(text="", icon=_STATE_ICONS.get(state, "BLANK1"))
        row.operator("sparkvsr.remove_version", text="", icon="X", emboss=False).strip_name = strip.name


def draw_confidence(layout: Any, strip: Any) -> None:
    """How far the result that is seen trusted its keyframes, and what to do about the weakest frame."""
    version = next((version for version in reversed(placing.versions_of(strip)) if not version.mute), None)
    weakest_frame = weakest(unpacked(version.sparkvsr.trust)) if version is not None else None
    if version is None or weakest_frame is None:
        return
    column = layout.column(align=True)
    frame = host.timing_of(version).timeline_of(weakest_frame.index)
    column.label(text=f"Keyframes trusted {weakest_frame.mean:.0%}", icon="KEYFRAME_HLT")
    column.label(text=f"least, {weakest_frame.least:.0%}, at frame {frame}", icon="BLANK1")
    row = column.row(align=True)
    row.operator("sparkvsr.suggest_next", text="Suggest Next", icon="LIGHT")
    row.operator("sparkvsr.heat_map", icon="OVERLAY")


def draw_job(layout: Any, entry: JobEntry) -> None:
    """One job of the queue: how it stands, what can be done."""
    report, order = entry.report, entry.record
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
    warnings = entry.warnings[-2:]
    # What learning a shot came to is a note, and where it gained nothing a warning too.
    notes = [note for note in report.run_notes[-2:] if note not in warnings]
    for text, icon in (*((note, "INFO") for note in notes), *((warning, "ERROR") for warning in warnings)):
        for index, line in enumerate(wrapped(text, _CHARACTERS_PER_LINE)):
            column.label(text=line, icon=icon if index == 0 else "BLANK1")


def wrapped(text: str, width: int) -> Any:
    """The text in lines of at most `width` characters, broken between words where it can be."""
    return textwrap.wrap(text, width)
