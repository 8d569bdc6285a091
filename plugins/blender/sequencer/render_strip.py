"""Run by a second Blender: render one strip alone to half-float EXR, untouched by the view transform.

EXR holds scene-linear values, which Blender writes before its view transform. What the result strip will do
itself (transform, crop, opacity, modifiers) is taken off here, so that it is not done twice.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, Iterator, Set

import bpy

_OWN_AFFAIRS = ("transform", "crop", "blend_alpha", "color_saturation", "color_multiply")


def main() -> None:
    """Render the plan after `--`."""
    plan = json.loads(sys.argv[sys.argv.index("--") + 1])
    if bpy.data.filepath != plan["blend"]:
        bpy.ops.wm.open_mainfile(filepath=plan["blend"])
    scene = bpy.data.scenes[plan["scene"]]
    all_strips = getattr(scene.sequence_editor, "strips_all", None)
    strips = all_strips if all_strips is not None else scene.sequence_editor.sequences_all
    strip = strips[plan["strip"]]
    rendered = set(_with_inputs(strip)) | set(_parents(strip))
    for member in strips:
        member.mute = member.name not in rendered and not _is_inside(member, strip)
    for name in {strip.name, *_parents(strip)}:
        _make_plain(strips[name])
        _silence(scene, strips[name])
    _set_output(scene, plan)
    for index, frame in enumerate(range(plan["first"], plan["last"] + 1)):
        scene.frame_set(frame)
        scene.render.filepath = str(Path(plan["folder"]) / f"{index:06d}.exr")
        bpy.ops.render.render(write_still=True, scene=scene.name)
        print(f"SPARKVSR-FRAME {index}", flush=True)  # noqa: T201 - how the first Blender follows


def _with_inputs(strip: Any) -> Iterator[str]:
    yield strip.name
    for name in ("input_1", "input_2"):
        source = getattr(strip, name, None)
        if source is not None:
            yield from _with_inputs(source)


def _parents(strip: Any) -> Set[str]:
    names: Set[str] = set()
    parent = strip.parent_meta()
    while parent is not None:
        names.add(parent.name)
        parent = parent.parent_meta()
    return names


def _is_inside(member: Any, strip: Any) -> bool:
    """Whether it is part of a meta strip that is rendered: its own mute then stays as it is."""
    return not member.mute and strip.name in _parents(member)


def _make_plain(strip: Any) -> None:
    strip.mute = False
    strip.blend_type, strip.blend_alpha = "REPLACE", 1.0
    if hasattr(strip, "transform"):
        move = strip.transform
        move.scale_x = move.scale_y = 1.0
        move.offset_x = move.offset_y = move.rotation = 0.0
    if hasattr(strip, "crop"):
        strip.crop.min_x = strip.crop.max_x = strip.crop.min_y = strip.crop.max_y = 0
    if hasattr(strip, "use_flip_x"):
        strip.use_flip_x = strip.use_flip_y = False
    strip.color_saturation = strip.color_multiply = 1.0
    for modifier in list(strip.modifiers):
        strip.modifiers.remove(modifier)


def _silence(scene: Any, strip: Any) -> None:
    """Mute the animation of what was made plain."""
    for curve in _curves(scene):
        begins = any(f'["{strip.name}"].{name}' in curve.data_path for name in _OWN_AFFAIRS)
        curve.mute = curve.mute or begins


def _curves(scene: Any) -> Iterator[Any]:
    data = scene.animation_data
    action = data.action if data else None
    if action is None:
        return
    if hasattr(action, "layers") and len(action.layers):
        for layer in action.layers:
            for part in layer.strips:
                bag = part.channelbag(data.action_slot)
                yield from bag.fcurves if bag else ()
    else:
        yield from action.fcurves


def _set_output(scene: Any, plan: Any) -> None:
    render = scene.render
    render.use_sequencer, render.use_compositing = True, False
    render.resolution_x, render.resolution_y = plan["width"], plan["height"]
    render.resolution_percentage = 100
    render.use_border = False
    image = render.image_settings
    if hasattr(image, "media_type"):
        image.media_type = "IMAGE"
    image.file_format = "OPEN_EXR"
    image.color_mode, image.color_depth, image.exr_codec = "RGBA", "16", "ZIP"


main()
# Leaving Blender as a module the usual way may hang while it clears up.
sys.stdout.flush()
if bpy.app.binary_path == "":
    os._exit(0)
