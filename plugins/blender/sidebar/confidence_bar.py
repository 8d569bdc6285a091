"""Draws confidence along a result's strip in the timeline: red where keyframes were not trusted."""

from __future__ import annotations

import logging
from typing import Any, List, Tuple

import bpy

from .. import host
from ..bridge_link import TrustBar, trust_bars, unpacked

log = logging.getLogger(__name__)

# In channels above a strip's lower edge, inside the outline Blender draws around it.
_BOTTOM, _TOP = 0.07, 0.19
_handler: List[Any] = []


def attach() -> None:
    """Have it drawn with every timeline; not where there are no windows."""
    if not bpy.app.background and not _handler:
        space = bpy.types.SpaceSequenceEditor
        _handler.append(space.draw_handler_add(_draw, (), "WINDOW", "POST_PIXEL"))


def detach() -> None:
    """Not any more."""
    while _handler:
        bpy.types.SpaceSequenceEditor.draw_handler_remove(_handler.pop(), "WINDOW")


def bars_of(strip: Any, most: int) -> List[TrustBar]:
    """What is drawn along a strip; nothing for one that is no result."""
    text = strip.sparkvsr.trust
    if not text or strip.mute:
        return []
    timing = host.timing_of(strip)
    return trust_bars(unpacked(text), timing.timeline_of(0), timing.left, timing.right, most)


def _draw() -> None:
    context = bpy.context
    space = context.space_data
    if space is None or not getattr(space, "show_overlays", True):
        return
    try:
        for strip in _shown_strips(context):
            bars = bars_of(strip, context.region.width)
            if bars:
                _fill(context.region, strip.channel, bars)
    except Exception:
        log.exception("the confidence of strips cannot be drawn")
        detach()


def _shown_strips(context: Any) -> Any:
    scene = host.edited_scene(context)
    editor = scene.sequence_editor if scene else None
    if editor is None:
        return ()
    return host.strips_in(editor.meta_stack[-1] if len(editor.meta_stack) else editor)


def _fill(region: Any, channel: int, bars: List[TrustBar]) -> None:
    import gpu
    from gpu_extras.batch import batch_for_shader

    places: List[Tuple[float, float]] = []
    colours = []
    for bar in bars:
        x0, y0 = region.view2d.view_to_region(bar.start, channel + _BOTTOM, clip=False)
        x1, y1 = region.view2d.view_to_region(bar.stop, channel + _TOP, clip=False)
        places += [(x0, y0), (x1, y0), (x1, y1), (x0, y0), (x1, y1), (x0, y1)]
        colours += [bar.colour] * 6
    shader = gpu.shader.from_builtin("FLAT_COLOR")
    batch_for_shader(shader, "TRIS", {"pos": places, "color": colours}).draw(shader)
