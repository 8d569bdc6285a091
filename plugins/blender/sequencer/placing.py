"""Brings the timeline in line with the job list: result strips appear, fill up, take over from their source.

Strips are found anew by their tokens every time; a reference kept across ticks would be dead after an undo.
"""

from __future__ import annotations

import base64
import dataclasses
import time
from pathlib import Path
from typing import Any, Iterable, List, Optional, Tuple

import bpy

from .. import host
from ..bridge_link import JobEntry, TimelineRecord, packed
from . import copying
from .result_files import RESULT_NAME
from .strips import placed_over

# Frames that are not there yet show this transparent picture, so that the original below is seen.
WAITING_NAME = "waiting.png"
_WAITING_PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR4nGNgAAIAAAUAAXpeqz8AAAAASUVORK5CYII="
)
_TAGS = {
    "queued": "COLOR_03",
    "running": "COLOR_03",
    "paused": "COLOR_03",
    "finished": "COLOR_04",
    "failed": "COLOR_01",
    "cancelled": "COLOR_01",
}
# An element's name is a call into Blender that clears caches: this many of them fit between two frames drawn.
_ELEMENTS_AT_ONCE = 200
# Every picture added moves all that are there, a second in all for 5000: a long strip takes several ticks.
_GROW_SECONDS = 0.01


def sync_result_strip(entry: JobEntry) -> bool:
    """Make the timeline show what an entry has; False while some of it is left for the next tick."""
    order = entry.record
    if order is None or not entry.landed:
        return True
    _, strip = find_result(entry)
    if strip is None:
        if entry.was_placed:
            return True
        _, strip = place(entry)
        if strip is None:
            return True
    if strip.sparkvsr.is_growing and not _grow(strip, entry, order):
        return False
    is_whole = _fill(strip, entry, order)
    entry.shown_at = time.monotonic()
    _note_trust(strip, entry, order)
    if strip.sparkvsr.state != entry.report.state and is_whole:
        _settle(strip, entry, order)
    return is_whole


def find_result(entry: JobEntry) -> Tuple[Optional[Any], Optional[Any]]:
    """(scene, strip) that shows a job's version, if there is one."""
    if entry.record is None:
        return None, None
    for scene, strip in host.results_of(entry.record.origin):
        if (strip.sparkvsr.job, strip.sparkvsr.version) == entry.key:
            return scene, strip
    return None, None


def place(entry: JobEntry) -> Tuple[Optional[Any], Optional[Any]]:
    """Make the result strip of an entry, one picture long; (None, None) when its scene is gone."""
    order = entry.record
    if order is None:
        return None, None
    scene, source = host.find_source(order)
    scene = scene or bpy.data.scenes.get(order.scene)
    if scene is None:
        return None, None
    editor = scene.sequence_editor or scene.sequence_editor_create()
    siblings = host.siblings_of(scene, source) if source else host.strips_in(editor)
    strip = _new_strip(entry, order, source, siblings)
    _describe(strip, entry, order, source)
    if source is not None:
        note_order(source, "", 0, None)
    entry.was_placed = True
    return scene, strip


def note_order(source: Any, job: str, version: int, order: Optional[TimelineRecord]) -> None:
    """Keep with the source strip what it waits for, until there is a result strip that does."""
    data = source.sparkvsr
    data.job, data.version, data.order = job, version, order.to_json() if order else ""


def _new_strip(entry: JobEntry, order: TimelineRecord, source: Optional[Any], siblings: Any) -> Any:
    where = placed_over(order, source)
    folder = _folder(entry)
    _write_waiting(folder)
    below = source.channel if source else 0
    channel = host.free_channel(siblings, below, where.left, where.right)
    first_there = min(entry.landed)
    # Blender reads the pictures' size from the file it is given, so that must be one that is there.
    strip = siblings.new_image(
        name=_name_of(entry, order),
        filepath=str(folder / _file_name(order, first_there)),
        channel=channel,
        frame_start=where.start,
        fit_method="ORIGINAL",
    )
    strip.elements[0].filename = _shown_name(entry, order, 0)
    strip.directory = _relative(folder)
    strip.sparkvsr.is_growing = True
    return strip


def _grow(strip: Any, entry: JobEntry, order: TimelineRecord) -> bool:
    """Give a new strip its other pictures, then its handles; False while there are more to come."""
    until = time.monotonic() + _GROW_SECONDS
    for index in range(len(strip.elements), order.frames):
        strip.elements.append(_shown_name(entry, order, index))
        if time.monotonic() > until:
            return False
    _, source = host.find_source(order)
    where = placed_over(order, source)
    host.set_handles(strip, where.left, where.right)
    strip.sparkvsr.is_growing = False
    host.remember_undo("Add Upscaled Strip")
    return True


def _describe(strip: Any, entry: JobEntry, order: TimelineRecord, source: Optional[Any]) -> None:
    """Everything about a new result strip but its frames."""
    data = strip.sparkvsr
    data.origin, data.job, data.version = order.origin, entry.report.job, entry.report.version
    data.order, data.state = order.to_json(), ""
    strip.color_tag = _TAGS["running"]
    size = strip.elements[0].orig_width, strip.elements[0].orig_height
    if source is not None:
        copying.copy_look(source, strip, (order.width, order.height), size)
    if strip.blend_type == "REPLACE":
        # Frames that are still to come must let the original through.
        strip.blend_type = "ALPHA_OVER"
    strip.alpha_mode = "PREMUL" if order.extension == ".exr" else "STRAIGHT"
    copying.set_colour(strip, order.colour)


def _fill(strip: Any, entry: JobEntry, order: TimelineRecord) -> bool:
    """Name the files of frames that landed; False when there are more than one tick should take."""
    budget = _ELEMENTS_AT_ONCE
    for index, element in enumerate(strip.elements):
        filename = _shown_name(entry, order, index)
        if element.filename != filename:
            element.filename = filename
            budget -= 1
            if not budget:
                return False
    return True


def _note_trust(strip: Any, entry: JobEntry, order: TimelineRecord) -> None:
    """Keep the trust of the frames with the strip, which draws it."""
    text = packed(entry.trust, order.request.first, order.frames) if entry.trust else ""
    if text and text != strip.sparkvsr.trust:
        strip.sparkvsr.trust = text
        host.redraw_timelines()


def _settle(strip: Any, entry: JobEntry, order: TimelineRecord) -> None:
    """What a change of state means for the timeline."""
    state = strip.sparkvsr.state = entry.report.state
    strip.color_tag = _TAGS.get(state, "NONE")
    if state != "finished":
        return
    strip.invalidate_cache("RAW")
    if entry.was_settled:
        return
    entry.was_settled = True
    _, source = host.find_source(order)
    if source is not None and order.mute_source:
        show_only(source, strip)
    host.remember_undo("Finish Upscaled Strip")


def show_only(source: Any, visible: Any) -> None:
    """Mute a source and all its results but the one that is to be seen."""
    source.mute = visible != source
    for _, strip in host.results_of(source.sparkvsr.token):
        strip.mute = strip != visible


def versions_of(source: Any) -> List[Any]:
    """The result strips of a source, oldest first."""
    results = [strip for _, strip in host.results_of(source.sparkvsr.token)]
    return sorted(results, key=lambda strip: (_folder_name(strip), strip.sparkvsr.version))


@dataclasses.dataclass(frozen=True)
class StripJob:
    """What a strip of an opened file holds of a job."""

    job: str
    version: int
    order: TimelineRecord
    was_placed: bool
    state: str


def restore_entries(strips: Iterable[Any]) -> List[StripJob]:
    """Every job that these strips name: results, and sources whose result is not placed yet."""
    jobs = []
    for strip in strips:
        data = strip.sparkvsr
        order = TimelineRecord.from_json(data.order) if data.order and data.job else None
        if order is not None:
            jobs.append(StripJob(data.job, data.version, order, data.is_result, data.state))
    return jobs


def _name_of(entry: JobEntry, order: TimelineRecord) -> str:
    version = entry.report.version
    return order.label if version == 1 else f"{order.label} v{version}"


def _folder(entry: JobEntry) -> Path:
    return Path(entry.report.target).parent


def _folder_name(strip: Any) -> str:
    return Path(strip.directory).name.partition("_v")[0]


def _relative(folder: Path) -> str:
    """The folder as a .blend keeps it: relative to the file where Blender is set so, and can."""
    if not bpy.data.filepath or not bpy.context.preferences.filepaths.use_relative_paths:
        return str(folder) + "/"
    try:
        return bpy.path.relpath(str(folder)) + "/"
    except ValueError:
        return str(folder) + "/"


def _file_name(order: TimelineRecord, number: int) -> str:
    return RESULT_NAME % number + order.extension


def _shown_name(entry: JobEntry, order: TimelineRecord, index: int) -> str:
    number = order.request.first + index
    return _file_name(order, number) if number in entry.landed else WAITING_NAME


def _write_waiting(folder: Path) -> None:
    path = folder / WAITING_NAME
    if not path.exists():
        path.write_bytes(_WAITING_PICTURE)
