"""Keyframe pictures under the artist's brush: made, opened in Blender or elsewhere, noticed when saved."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Optional

import bpy

from .. import host, runtime
from ..bridge_link import errors
from ..sequencer.result_files import result_extension
from ..sequencer.strips import describe, request_of
from . import previewing

FOLDER = "keyframes"
_LOOK_SECONDS = 1.0


def picture_of(keyframe: Any) -> Optional[Path]:
    """The keyframe's own picture; None when the engine is to make it.

    Raises MediaUnreadable when it has one that is missing.
    """
    if not keyframe.image:
        return None
    path = host.absolute_file(keyframe.image)
    if not path.is_file():
        raise errors.MediaUnreadable(f"The keyframe's picture {path} is missing; choose it again.")
    return path


def make_and_open(strip: Any, keyframe: Any, is_external: bool) -> None:
    """Have the engine make the keyframe's picture, put it into the list, open it.

    Raises InvalidSettings, MediaUnreadable.
    """
    source = describe(strip)
    if source.prerender_reason:
        raise errors.InvalidSettings(
            f"The picture cannot be made: {source.prerender_reason}."
            " Export the frame yourself and choose it here."
        )
    number = source.number_of(keyframe.content)
    name = f"{Path(strip.name).stem}_{number:06d}_{host.moment()}{result_extension(source.path, 'AUTO')}"
    target = host.results_folder() / FOLDER / name
    token, content = host.token_of(strip), keyframe.content

    def use(path: Path) -> None:
        adopt(token, content, path)
        open_picture(path, is_external)

    request = request_of(source, strip.sparkvsr)
    task = previewing.PictureTask(use, "Making the keyframe's picture")
    previewing.order(request, number, target, "keyframe", task)


def adopt(token: str, content: int, path: Path) -> None:
    """Put a picture into the list of the strip of a token."""
    _, strip = host.find_strip(token)
    keyframes = (
        [keyframe for keyframe in strip.sparkvsr.keyframes if keyframe.content == content] if strip else []
    )
    for keyframe in keyframes:
        keyframe.image = _as_kept(path)
    host.remember_undo("Add Keyframe Picture")


def open_picture(path: Path, is_external: bool) -> None:
    """Open a picture for painting and watch it from now on."""
    runtime.get().edited_pictures[str(path)] = path.stat().st_mtime_ns
    if is_external:
        bpy.ops.image.external_edit(filepath=str(path))
    elif bpy.app.background:
        bpy.data.images.load(str(path), check_existing=True)
    else:
        _show_in_editor(bpy.data.images.load(str(path), check_existing=True))


def look_for_edits() -> bool:
    """Whether a watched picture was saved since; told to the artist, and shown anew."""
    state = runtime.get()
    now = time.monotonic()
    if not state.edited_pictures or now - state.looked_at_pictures < _LOOK_SECONDS:
        return False
    state.looked_at_pictures = now
    edited = []
    for name, stamp in list(state.edited_pictures.items()):
        path = Path(name)
        fresh = path.stat().st_mtime_ns if path.is_file() else stamp
        if fresh != stamp:
            state.edited_pictures[name] = fresh
            edited.append(path)
    for path in edited:
        _reload(path)
        runtime.show_notice(f"{path.name} was saved; update the result to see it.")
    return bool(edited)


def _reload(path: Path) -> None:
    for image in bpy.data.images:
        is_it = image.filepath and Path(bpy.path.abspath(image.filepath)).absolute() == path
        if is_it and not image.is_dirty:
            image.reload()


def _show_in_editor(image: Any) -> None:
    """In an Image editor that is open, else in a window of its own. A timer has no window in its context."""
    windows = bpy.context.window_manager.windows
    areas = [area for window in windows for area in window.screen.areas if area.type == "IMAGE_EDITOR"]
    if not areas:
        with bpy.context.temp_override(window=windows[0]):
            bpy.ops.wm.window_new()
        areas = [windows[-1].screen.areas[0]]
        areas[0].type = "IMAGE_EDITOR"
    space = areas[0].spaces.active
    space.image = image
    space.ui_mode = "PAINT"


def _as_kept(path: Path) -> str:
    if bpy.data.filepath and bpy.context.preferences.filepaths.use_relative_paths:
        try:
            return str(bpy.path.relpath(str(path)))
        except ValueError:
            return str(path)
    return str(path)
