"""From a strip to what the engine reads: its file and exact frames, or why it must be rendered first."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Optional, Tuple

import bpy

from .. import host
from ..bridge_link import ShotRequest, StripTiming, TimelineRecord, errors, numbered_run, placement_of
from .result_files import LINEAR, result_colour, result_extension

_REFUSED = {
    "SOUND": "A sound strip has no picture; select a movie or image strip.",
    "TEXT": "A text strip is drawn at any size as it is; raise the scene's resolution instead.",
    "COLOR": "A colour strip has nothing to upscale; select a movie or image strip.",
    "MASK": "A mask strip is drawn at any size as it is; select a movie or image strip.",
}


@dataclasses.dataclass(frozen=True)
class StripSource:
    """What the engine reads of a strip.

    path: movie, numbered pattern or single picture; empty when the strip must be rendered first.
    first_number: the source's own number of content frame 0.
    timing: where the strip lies. width, height: of its media in pixels, 0 when Blender does not know.
    colour: colour space of its pictures as Blender names it.
    prerender_reason: why it must be rendered first; empty when its file is read directly.
    """

    path: str
    first_number: int
    timing: StripTiming
    width: int
    height: int
    colour: str
    prerender_reason: str = ""

    @property
    def number_range(self) -> Tuple[int, int]:
        """First and last frame that is visible, in the source's own numbers."""
        first, last = self.timing.shown_content()
        return first + self.first_number, last + self.first_number

    def number_of(self, content: int) -> int:
        """The source's own number of a content frame."""
        return content + self.first_number

    def rendered(self, path: str, colour: str) -> StripSource:
        """The same strip once it was rendered to numbered pictures that count from 0."""
        return dataclasses.replace(self, path=path, colour=colour, prerender_reason="")


def describe(strip: Any) -> StripSource:
    """How a strip's pictures get to the engine.

    Raises InvalidSettings for strips without pictures and unsaved files, MediaUnreadable for missing files.
    """
    if strip.type in _REFUSED:
        raise errors.InvalidSettings(_REFUSED[strip.type])
    if strip.sparkvsr.is_preview:
        raise errors.InvalidSettings("This is a preview; select the strip it was made from.")
    prerender_reason = prerender_reason_of(strip)
    if prerender_reason:
        return _to_be_rendered(strip, prerender_reason)
    return _movie(strip) if strip.type == "MOVIE" else _pictures(strip)


def prerender_reason_of(strip: Any) -> str:
    """Why a strip cannot be read from its file; empty when it can."""
    if strip.type not in host.MEDIA_TYPES:
        return f"it is a {strip.type.replace('_', ' ').lower()} strip"
    if not host.plays_at_normal_speed(strip):
        return "its speed or direction is changed"
    if getattr(strip, "use_multiview", False) and strip.id_data.render.use_multiview:
        return "it is stereoscopic"
    if strip.type == "MOVIE" and strip.use_deinterlace:
        return "it is deinterlaced by Blender"
    if strip.type == "IMAGE" and numbered_run(_shown_names(strip)) is None:
        return "its pictures are not one numbered run"
    return ""


def request_of(source: StripSource, data: Any) -> ShotRequest:
    """The whole request for a strip as its settings stand. Raises InvalidSettings."""
    first, last = source.number_range
    return ShotRequest(source.path, first, last, data.options(), data.keyframe_wishes(source.number_of))


def record_for(scene: Any, strip: Any, source: StripSource, request: ShotRequest) -> TimelineRecord:
    """Where the frames of a request belong."""
    data = strip.sparkvsr
    extension = result_extension(source.path, data.format)
    return TimelineRecord(
        scene=scene.name,
        origin=host.token_of(strip),
        strip=strip.name,
        request=request,
        first_content=source.timing.shown_content()[0],
        placement=placement_of(source.timing),
        extension=extension,
        colour=result_colour(source.path, source.colour, extension),
        width=source.width,
        height=source.height,
        label=label_of(strip, data),
        mute_source=data.mute_source,
    )


def label_of(strip: Any, data: Any) -> str:
    """What a result strip is called: `shot 2x`."""
    return f"{Path(strip.name).stem} {data.scale:g}x"


def working_space() -> str:
    """Blender's name of the space its renders are in."""
    space = getattr(getattr(bpy.data, "colorspace", None), "working_space", None)
    return str(space or LINEAR)


def _movie(strip: Any) -> StripSource:
    path = host.absolute_file(strip.filepath)
    _require_file(path)
    element = strip.elements[0] if len(strip.elements) else None
    return StripSource(
        str(path),
        0,
        host.timing_of(strip),
        element.orig_width if element else 0,
        element.orig_height if element else 0,
        _colour_of(strip),
    )


def _pictures(strip: Any) -> StripSource:
    names = _shown_names(strip)
    folder = host.absolute_file(strip.directory)
    run = numbered_run(names)
    if run is None:
        raise errors.InvalidSettings(f"The pictures of {strip.name} are not one numbered run.")
    for name in (names[0], names[-1]):
        _require_file(folder / name)
    timing = host.timing_of(strip)
    first_visible = timing.shown_content()[0]
    return StripSource(
        str(folder / run.pattern),
        run.first - first_visible,
        timing,
        strip.elements[0].orig_width,
        strip.elements[0].orig_height,
        _colour_of(strip),
    )


def _shown_names(strip: Any) -> Tuple[str, ...]:
    first, last = host.timing_of(strip).shown_content()
    return tuple(element.filename for element in strip.elements[first : last + 1])


def _to_be_rendered(strip: Any, prerender_reason: str) -> StripSource:
    timing = _played(strip)
    size = media_size(strip)
    return StripSource("", -timing.skipped, timing, size[0], size[1], "", prerender_reason)


def _played(strip: Any) -> StripTiming:
    """A strip that is rendered first plays what it shows; frames count from where its content starts."""
    timing = host.timing_of(strip)
    from_start = timing.left - timing.content_start
    return StripTiming(timing.left, timing.frames, timing.left, timing.right, from_start)


def timing_for(strip: Any) -> StripTiming:
    """Where a strip lies, in the content frames that its keyframes count."""
    return _played(strip) if prerender_reason_of(strip) else host.timing_of(strip)


def media_size(strip: Any) -> Tuple[int, int]:
    """Width and height in pixels in which a strip's pictures come: its media's, else the scene's."""
    elements = getattr(strip, "elements", None)
    if elements and elements[0].orig_width:
        return elements[0].orig_width, elements[0].orig_height
    render = strip.id_data.render
    return render.resolution_x, render.resolution_y


def _colour_of(strip: Any) -> str:
    settings = getattr(strip, "colorspace_settings", None)
    return str(settings.name) if settings else ""


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise errors.MediaUnreadable(
            f"{path} is missing; find it again with the strip's path or File > External Data."
        )


def placed_over(order: Any, source: Optional[Any]) -> Any:
    """Where a result goes now: over its source where that lies today, else where it lay then."""
    if source is None:
        return order.placement
    start = timing_for(source).timeline_of(order.first_content)
    shift = start - order.placement.start
    return dataclasses.replace(
        order.placement,
        start=start,
        left=order.placement.left + shift,
        right=order.placement.right + shift,
    )
