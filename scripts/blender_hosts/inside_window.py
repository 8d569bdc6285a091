"""Runs inside a Blender with windows: sets a scene up, reports when it stands, measures how the interface
flows.

`blender --python inside_window.py -- PLAN.json`. It and `window_run` talk through files in the plan's folder:
this side writes `step-NAME.json` when it has done what `window_run` waits for, and reads `go-NAME`.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import bpy

EXTENSION = "bl_ext.user_default.sparkvsr"
PLAN = json.loads(Path(sys.argv[sys.argv.index("--") + 1]).read_text("utf-8"))
FOLDER = Path(PLAN["folder"])
MAGENTA = (1.0, 0.0, 1.0, 1.0)
TICK_SECONDS = 0.005
REDRAW_SECONDS = 0.3

state: dict[str, Any] = {"step": 0, "gaps": [], "polls": [], "last": 0.0, "work": 0.0, "measuring": False}


class Gap(NamedTuple):
    """Time between two ticks. at, seconds: by the clock. work: processor time of the interface's own thread.

    Where `seconds` is far more than `work`, the thread waited: for the software renderer, or for a processor.
    """

    at: float
    seconds: float
    work: float


def module(name: str) -> Any:
    """A module of the extension."""
    return importlib.import_module(f"{EXTENSION}.{name}")


def report_step(name: str, **values: Any) -> None:
    """Report that a step is done."""
    partial = FOLDER / f"{name}.partial"
    partial.write_text(json.dumps(values), "utf-8")
    partial.rename(FOLDER / f"step-{name}.json")


def may_go_on(name: str) -> bool:
    """Whether the other side has asked to go on."""
    return (FOLDER / f"go-{name}").exists()


def areas(kind: str) -> Any:
    """Areas of one kind in the first window."""
    screen = bpy.context.window_manager.windows[0].screen
    return [area for area in screen.areas if area.type == kind]


def set_up() -> None:
    """A movie, a marker, the sidebar open."""
    # A template has preferences of its own, in which nothing that was installed is enabled.
    bpy.ops.preferences.addon_enable(module=EXTENSION)
    chosen = bpy.context.preferences.addons[EXTENSION].preferences
    chosen.program, chosen.engine_home = PLAN["engine"], PLAN["home"]
    bpy.context.preferences.view.show_splash = False
    bpy.context.preferences.filepaths.use_auto_save_temporary_files = False
    bpy.ops.wm.save_as_mainfile(filepath=str(FOLDER / "edit.blend"))
    scene = bpy.context.window_manager.windows[0].workspace.sequencer_scene or bpy.context.scene
    editor = scene.sequence_editor or scene.sequence_editor_create()
    info = PLAN["size"]
    scene.render.resolution_x, scene.render.resolution_y = info[0], info[1]
    editor.use_prefetch = PLAN["prefetch"]
    strips = module("host").strips_in(editor)
    strip = strips.new_movie("street", PLAN["movie"], 1, 1)
    editor.active_strip = strip
    strip.select = True
    scene.frame_end = PLAN["frames"]
    scene.frame_current = PLAN["frames"] // 3
    scene.timeline_markers.new("KEY wall", frame=PLAN["frames"] // 3)
    scene.timeline_markers.new("KEY end", frame=PLAN["frames"] - 4)
    strip.sparkvsr.policy = "manual"
    for area in areas("SEQUENCE_EDITOR"):
        area.spaces.active.show_region_ui = area.spaces.active.view_type != "PREVIEW"


def show_tab() -> None:
    """Bring the extension's tab to the front, in a sidebar wide enough to read."""
    for area in areas("SEQUENCE_EDITOR"):
        for region in area.regions:
            if region.type == "UI" and area.spaces.active.show_region_ui:
                region.active_panel_category = "SparkVSR"
        area.tag_redraw()


def frame_all() -> None:
    """Show the whole strip in the timeline and the preview."""
    window = bpy.context.window_manager.windows[0]
    for area in areas("SEQUENCE_EDITOR"):
        kind = area.spaces.active.view_type
        region = next(
            region for region in area.regions if region.type == ("PREVIEW" if kind == "PREVIEW" else "WINDOW")
        )
        with bpy.context.temp_override(window=window, area=area, region=region):
            if kind == "PREVIEW":
                bpy.ops.sequencer.view_all_preview()
            else:
                bpy.ops.sequencer.view_all()


def paint_buttons(is_on: bool) -> None:
    """Make buttons magenta, so that the other side finds the big one in its screenshot."""
    style = bpy.context.preferences.themes[0].user_interface.wcol_tool
    if is_on:
        state["inner"] = tuple(style.inner)
        style.inner = MAGENTA
    else:
        style.inner = state["inner"]
    for area in areas("SEQUENCE_EDITOR"):
        area.tag_redraw()


def measure() -> float:
    """Called all the time: how long the interface kept us waiting."""
    now, work = time.perf_counter(), time.thread_time()
    if state["measuring"]:
        gap = Gap(
            round(now - state["begun"], 3), round(now - state["last"], 4), round(work - state["work"], 4)
        )
        state["gaps"].append(gap)
    state["last"], state["work"] = now, work
    return TICK_SECONDS


def watch_polls() -> None:
    """Take the time of the extension's own part of the interface's thread."""
    polling = module("polling")
    real = polling.poll

    def timed() -> float:
        began = time.perf_counter()
        try:
            return float(real())
        finally:
            if state["measuring"]:
                state["polls"].append(round(time.perf_counter() - began, 5))

    polling.poll = timed


def result_of() -> Any:
    """The first finished result whose confidence is there, if there is one."""
    for scene in bpy.data.scenes:
        for strip in module("host").all_strips(scene):
            if strip.sparkvsr.is_result and strip.sparkvsr.state == "finished" and strip.sparkvsr.trust:
                return strip
    return None


def is_rendering() -> bool:
    """Whether a third of the frames have landed and more are to come."""
    entries = module("runtime").job_list().entries.values()
    return any(3 * len(entry.landed) > PLAN["frames"] and entry.is_active for entry in entries)


def begin_measuring() -> None:
    """From now on."""
    now = time.perf_counter()
    state.update(measuring=True, begun=now, last=now, work=time.thread_time(), gaps=[], polls=[])


def go_on_measuring() -> None:
    """After a pause."""
    state.update(measuring=True, last=time.perf_counter(), work=time.thread_time())


def begin_idle() -> None:
    """Without a job the editors are drawn now and then: what one drawing costs by itself."""
    begin_measuring()
    bpy.app.timers.register(draw_again, first_interval=REDRAW_SECONDS)


def draw_again() -> float | None:
    """Have the sequencer's editors drawn, until the job begins."""
    if may_go_on("click"):
        return None
    for area in areas("SEQUENCE_EDITOR"):
        area.tag_redraw()
    return REDRAW_SECONDS


def summary() -> dict[str, Any]:
    """What was measured."""
    state["measuring"] = False
    gaps = sorted(gap.seconds for gap in state["gaps"])
    worst = sorted(state["gaps"], key=lambda gap: -gap.seconds)[:8]
    return {
        "ticks": len(gaps),
        "seconds": state["gaps"][-1].at if state["gaps"] else 0,
        "longest_gap": gaps[-1] if gaps else 0,
        "p99": gaps[int(0.99 * (len(gaps) - 1))] if gaps else 0,
        "median": gaps[len(gaps) // 2] if gaps else 0,
        "most_work": max((gap.work for gap in state["gaps"]), default=0),
        "worst": [gap._asdict() for gap in worst],
        "longest_poll": max(state["polls"], default=0),
        "polls": len(state["polls"]),
    }


def add_keyframes() -> dict[str, int]:
    """Keyframes from the markers, through the operator; where the timeline's upper edge is, from the top."""
    window = bpy.context.window_manager.windows[0]
    area = next(candidate for candidate in areas("SEQUENCE_EDITOR") if candidate.spaces.active.show_region_ui)
    with bpy.context.temp_override(window=window, area=area, region=area.regions[0]):
        bpy.ops.sparkvsr.keyframes_from_markers()
    return {"border": window.height - area.y - area.height}


def stand() -> None:
    """Everything is drawn: let the other side look for the button."""
    frame_all()
    paint_buttons(True)


STEPS = (
    (set_up, None, None),
    (show_tab, None, None),
    (add_keyframes, None, "stands"),
    (stand, lambda: may_go_on("stands"), "buttons"),
    (lambda: paint_buttons(False), lambda: may_go_on("buttons"), "before"),
    (watch_polls, lambda: may_go_on("idle"), None),
    (begin_idle, None, "measuring-idle"),
    (lambda: state.update(idle=summary()), lambda: may_go_on("click"), None),
    (begin_measuring, None, "click"),
    # A screenshot holds the display up: that is not the extension's doing.
    (lambda: state.update(measuring=False), is_rendering, "during"),
    (go_on_measuring, lambda: may_go_on("pictured"), None),
    (lambda: None, lambda: result_of() is not None, None),
    (lambda: state.update(job=summary()), None, "after"),
)


def steps() -> float:
    """One step after another, each when its condition holds."""
    index = state["step"]
    if index >= len(STEPS):
        report_step("end", idle=state["idle"], job=state["job"], blender=bpy.app.version_string)
        return close()
    act, condition, name = STEPS[index]
    if condition is not None and not condition():
        return 0.05
    values = act()
    if name:
        report_step(name, **(values or {}))
    state["step"] += 1
    return 0.8 if index < 5 else 0.05


def close() -> Any:
    """Leave Blender when the other side has its last picture."""
    if not may_go_on("end"):
        return 0.2
    bpy.ops.wm.quit_blender()
    return None


bpy.app.timers.register(measure, first_interval=0.1, persistent=True)
bpy.app.timers.register(steps, first_interval=1.5, persistent=True)
