"""One frame shown over its strip before the whole is upscaled: a strip of one frame, gone once it served."""

from __future__ import annotations

import dataclasses
import uuid
from pathlib import Path
from typing import Any, Callable, Optional

import bpy

from .. import host, runtime
from ..bridge_link import ShotRequest, TimelineRecord, errors, media, messages
from ..sequencer import copying
from ..sequencer.result_files import DISPLAY, result_colour, result_extension
from ..sequencer.strips import StripSource, describe, request_of, timing_for

PREVIEW_NAME = "SparkVSR Preview"
FOLDER = "previews"


@dataclasses.dataclass
class PictureTask:
    """A picture that is on its way. use: what happens to it on the main thread."""

    use: Callable[[Path], None]
    text: str


def show_frame(strip: Any, frame: int) -> None:
    """Have the frame at the playhead upscaled and shown over the strip.

    frame: timeline frame. Raises InvalidSettings, MediaUnreadable.
    """
    source = _direct(strip)
    content = source.timing.content_at(frame)
    shot_request = request_of(source, strip.sparkvsr)
    extension = result_extension(source.path, "AUTO")
    target = host.results_folder() / FOLDER / f"{uuid.uuid4().hex[:10]}{extension}"
    place = _PreviewPlace(
        host.token_of(strip),
        content,
        (source.width, source.height),
        result_colour(source.path, source.colour, extension),
    )
    task = PictureTask(lambda path: _show(place, path), f"Previewing frame {frame}")
    order(shot_request, source.number_of(content), target, "preview", task)


def show_heat_map(strip: Any, result: Any, frame: int) -> None:
    """Show over the strip where keyframes were trusted in a result's frame: green, and where not: red.

    frame: timeline frame. Raises InvalidSettings, StateConflict.
    """
    order = TimelineRecord.from_json(result.sparkvsr.order)
    if order is None:
        raise errors.StateConflict("This result has no record of its settings; upscale the strip again.")
    content = timing_for(strip).content_at(frame)
    number = content - order.first_content + order.request.first
    target = host.results_folder() / FOLDER / f"{uuid.uuid4().hex[:10]}.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    data = result.sparkvsr
    request = messages.ConfidenceRequest(data.job, data.version, number, str(target))
    place = _PreviewPlace(host.token_of(strip), content, (order.width, order.height), DISPLAY)
    previews = runtime.get().previews
    previews["heat map"] = runtime.Waiting("Drawing the heat map")

    def answered(_: Any, error: Optional[Exception]) -> None:
        previews.pop("heat map", None)
        if error is not None:
            runtime.show_error(error)
        else:
            _show(place, target)

    runtime.run_task(
        lambda client: client.request(request, messages.ConfidenceReply, timeout_seconds=60.0), answered
    )


def order(shot_request: ShotRequest, frame: int, target: Path, slot: str, task: PictureTask) -> None:
    """Ask for one upscaled frame as a file. frame: in the source's own numbers."""
    request = messages.PreviewRequest(
        # The frame alone is the output; its surroundings and keyframes are found from it.
        source=media.SourceMedia(shot_request.path, frame, frame),
        frame=frame,
        settings=shot_request.settings(),
        keyframes=shot_request.engine_keyframes(),
        slot=slot,
        target=str(target),
        quick_first=slot == "preview",
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    previews = runtime.get().previews
    previews[slot] = task

    def answered(value: Any, error: Optional[Exception]) -> None:
        if error is not None:
            if previews.get(slot) is task:
                del previews[slot]
            runtime.show_error(error)
        elif previews.get(slot) is task:
            # Its events name it; they may have come first, and then nobody waits for it under its slot.
            previews[value.preview] = previews.pop(slot)
            _catch_up(value.preview)

    runtime.run_task(lambda client: client.request(request, messages.PreviewAccepted), answered)


def take_in(news: Any) -> None:
    """A preview's picture, or why there is none."""
    state = runtime.get()
    task = state.previews.get(news.preview)
    if task is None:
        state.early_previews[news.preview] = news
        return
    if isinstance(news, messages.PreviewFailed):
        del state.previews[news.preview]
        if news.error.code != errors.StateConflict.code:
            runtime.show_notice(news.error.message, "ERROR")
        return
    if news.stage == "full":
        del state.previews[news.preview]
        if news.warnings:
            runtime.show_notice(" ".join(news.warnings))
    task.use(Path(news.image.path))


def _catch_up(preview: str) -> None:
    news = runtime.get().early_previews.pop(preview, None)
    if news is not None:
        take_in(news)


def clear() -> None:
    """Take the preview away, strip and file."""
    for scene in bpy.data.scenes:
        _remove_from(scene)


def remove_leftovers() -> None:
    """Previews that were saved with a file by mistake."""
    clear()


def current() -> Optional[Any]:
    """The strip that shows a preview, if there is one."""
    for scene in bpy.data.scenes:
        for strip in host.all_strips(scene):
            if strip.sparkvsr.is_preview:
                return strip
    return None


@dataclasses.dataclass(frozen=True)
class _PreviewPlace:
    """What a preview strip needs: the token of its source, the content frame, size and colour space."""

    origin: str
    content: int
    size: Any
    colour: str


def _show(target: _PreviewPlace, path: Path) -> None:
    scene, source = host.find_strip(target.origin)
    if scene is None or source is None or not path.is_file():
        return
    # The full version comes as the very file that the quick one, still shown, is read from.
    _remove_from(scene, keep=path)
    frame = timing_for(source).timeline_of(target.content)
    siblings = host.siblings_of(scene, source)
    highest = max((strip.channel for strip in siblings), default=0)
    channel = min(highest + 1, host.HIGHEST_CHANNEL)
    strip = siblings.new_image(
        name=PREVIEW_NAME, filepath=str(path), channel=channel, frame_start=frame, fit_method="ORIGINAL"
    )
    host.set_handles(strip, frame, frame + 1)
    strip.sparkvsr.is_preview = True
    element = strip.elements[0]
    copying.copy_look(source, strip, target.size, (element.orig_width, element.orig_height))
    strip.blend_type, strip.blend_alpha = "ALPHA_OVER", 1.0
    strip.color_tag = "COLOR_05"
    copying.set_colour(strip, target.colour)


def _remove_from(scene: Any, keep: Optional[Path] = None) -> None:
    for strip in [candidate for candidate in host.all_strips(scene) if candidate.sparkvsr.is_preview]:
        picture = Path(bpy.path.abspath(strip.directory)) / strip.elements[0].filename
        host.siblings_of(scene, strip).remove(strip)
        if picture.parent.name == FOLDER and (keep is None or picture.name != keep.name):
            picture.unlink(missing_ok=True)


def _direct(strip: Any) -> StripSource:
    source = describe(strip)
    if source.prerender_reason:
        raise errors.InvalidSettings(
            f"There is no preview of this strip: {source.prerender_reason}, so it must be rendered first."
            " Upscale it."
        )
    return source
