"""Renders: `execute`, its limits and callbacks, and renders in the background."""

from __future__ import annotations

from typing import Any

from tests.fakes.nuke.application import current
from tests.fakes.nuke.callbacks import fire
from tests.fakes.nuke.formats import FrameRange, FrameRanges
from tests.fakes.nuke.pictures import RenderError
from tests.fakes.nuke.refusals import refused
from tests.fakes.nuke.writers import Write

WITHOUT_BACKGROUND = ("nc", "indie", "assist")


def execute(
    nameOrNode: Any,
    start: Any = None,
    end: Any = None,
    incr: Any = None,
    views: Any = None,
    continueOnError: bool = False,
) -> None:
    """Render frames of a Write. Raises: RuntimeError where a frame fails, at a cancel, at a limit."""
    node = _node(nameOrNode)
    if isinstance(start, (FrameRange, FrameRanges)):
        frames = list(start) if isinstance(start, FrameRange) else start.toFrameList()
        if end is not None:
            views = end
    else:
        frames = _frames(node, start, end, incr)
    _render([node], frames, views, continueOnError)


def executeMultiple(nodes: Any, ranges: Any = None, views: Any = None, continueOnError: bool = False) -> None:
    """Render several Writes; a range is [first, last, increment]."""
    frames = [
        frame
        for span in ranges or [(current().root.firstFrame(), current().root.lastFrame(), 1)]
        for frame in (span._list() if isinstance(span, FrameRange) else FrameRange(*span)._list())
    ]
    _render([_node(node) for node in nodes], frames, views, continueOnError)


def _node(named: Any) -> Write:
    from tests.fakes.nuke.creation import toNode

    node = toNode(named) if isinstance(named, str) else named
    if node is None:
        raise refused(RuntimeError(f"there is no node {named}"))
    node._alive()
    if not isinstance(node, Write):
        raise refused(RuntimeError(f"{node._full_name()} cannot be executed"))
    return node


def _frames(node: Any, start: Any, end: Any, incr: Any) -> list[int]:
    for value in (start, end, incr):
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise refused(TypeError(f"a frame is a number, not {value!r}"))
    root = current().root
    first = root.firstFrame() if start is None else int(start)
    last = root.lastFrame() if end is None and start is None else int(first if end is None else end)
    return list(range(first, last + 1, int(incr or 1)))


def _render(nodes: list[Write], frames: list[int], views: Any, goes_on: bool) -> None:
    running = current()
    if running.executing:
        raise refused(RuntimeError("I'm already executing something else"))
    for view in views or ():
        if view not in running.views:
            raise refused(RuntimeError(f"there is no view {view}"))
    running.executing = True
    try:
        for node in nodes:
            _render_node(node, frames, list(views or ()), goes_on)
    finally:
        running.executing = False


def _render_node(node: Write, frames: list[int], views: list[str], goes_on: bool) -> None:
    running = current()
    if node._knobs["disable"]._number(0):
        raise RuntimeError(f"{node._full_name()} is disabled")
    if node._knobs["use_limit"]._number(0):
        first, last = (node._knobs[name]._number(0) for name in ("first", "last"))
        frames = [frame for frame in frames if first <= frame <= last]
        if not frames:
            raise RuntimeError(
                f"{node._full_name()}: no frames to render within the limit {first:g}-{last:g}"
            )
    node_views = str(node._knobs["views"]._state).split()
    fire("BeforeRender", node)
    for count, frame in enumerate(frames):
        if running.cancel_at is not None and count >= running.cancel_at:
            raise RuntimeError("Cancelled")
        if running.fail_at == frame:
            raise RuntimeError(f"{node._full_name()}: failed at frame {frame}")
        fire("BeforeFrameRender", node)
        for view in views or node_views or running.views:
            try:
                node._write(frame, view)
            except RenderError as error:
                if not goes_on:
                    raise RuntimeError(str(error)) from None
        fire("AfterFrameRender", node)
    fire("AfterRender", node)


def executeBackgroundNuke(
    exe_path: str,
    nodes: Any,
    frameRange: Any,
    views: Any,
    limits: dict[str, Any],
    continueOnError: bool = False,
    flipbookToRun: str = "",
    flipbookOptions: Any = None,
) -> int:
    """Render a saved copy in another process: its number, or -1 without a licence for it."""
    running = current()
    if running.variant in WITHOUT_BACKGROUND or not running.has_render_licence:
        return -1
    if not isinstance(frameRange, FrameRanges):
        raise refused(TypeError(f"a background render takes FrameRanges, not {frameRange!r}"))
    for key in ("maxThreads", "maxCache"):
        if key not in limits:
            raise refused(ValueError(f"the limits of a background render need {key}"))
    from tests.fakes.nuke.scripts import script_text

    entry = {
        "nodes": [node._full_name() for node in nodes],
        "frames": frameRange.toFrameList(),
        "views": list(views),
        "script": script_text(running.root),
    }
    running.background.append(entry)
    return len(running.background)


def run_background() -> None:
    """Render what waits in the background, as the other process would; for tests to call."""
    import subprocess
    import sys
    import tempfile
    from pathlib import Path

    running = current()
    root = Path(__file__).resolve().parents[3]
    for entry in running.background:
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder) / "copy.nk"
            script.write_text(entry["script"], "utf-8")
            frames = ",".join(str(frame) for frame in entry["frames"])
            command = [sys.executable, "-m", "tests.fakes.nuke.program", "-x", "-F", frames]
            command += ["-V", ",".join(entry["views"]), "-X", ",".join(entry["nodes"]), str(script)]
            subprocess.run(command, cwd=root, check=True, timeout=300)
    running.background.clear()
