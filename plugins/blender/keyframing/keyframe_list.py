"""The keyframes of a strip: from the playhead, markers, pictures above, files, the engine's suggestions."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Callable, Iterable, List, Optional, Sequence, Tuple

import bpy

from .. import host, runtime
from ..bridge_link import errors, messages, number_in_name, stream_keyframes
from ..sequencer import strips

MARKER_PREFIX = "KEY"


@dataclasses.dataclass(frozen=True)
class KeyframeCandidate:
    """A keyframe to be put into the list. frame: timeline frame; image: as a .blend keeps paths."""

    frame: int
    image: str = ""
    reason: str = ""


def add(strip: Any, candidates: Iterable[KeyframeCandidate]) -> Tuple[int, int]:
    """Put keyframes into the list; (how many are new, how many lie outside the strip).

    One that is there already gets the picture or reason that is given.
    """
    timing = strips.timing_for(strip)
    fresh = outside = 0
    for candidate in candidates:
        if not timing.shows(candidate.frame):
            outside += 1
            continue
        fresh += _put(strip.sparkvsr, timing.content_at(candidate.frame), candidate)
    _sort(strip.sparkvsr)
    return fresh, outside


def from_markers(scene: Any, only_selected: bool) -> List[KeyframeCandidate]:
    """Markers whose name begins with KEY, or the selected ones whatever their name."""
    markers = sorted(scene.timeline_markers, key=lambda marker: marker.frame)
    if only_selected:
        return [KeyframeCandidate(marker.frame) for marker in markers if marker.select]
    return [
        KeyframeCandidate(marker.frame) for marker in markers if marker.name.upper().startswith(MARKER_PREFIX)
    ]


def from_strips(scene: Any, strip: Any) -> List[KeyframeCandidate]:
    """Single pictures in channels above the strip: each is the keyframe of the frame it begins at."""
    candidates = []
    for sibling in host.siblings_of(scene, strip):
        data = sibling.sparkvsr
        is_picture = sibling.type == "IMAGE" and len(sibling.elements) == 1
        if is_picture and sibling.channel > strip.channel and not (data.is_result or data.is_preview):
            path = str(Path(sibling.directory) / sibling.elements[0].filename)
            if sibling.directory.startswith("//"):
                path = f"{sibling.directory}{sibling.elements[0].filename}"
            candidates.append(KeyframeCandidate(host.timing_of(sibling).left, path))
    return sorted(candidates, key=lambda candidate: candidate.frame)


def from_files(strip: Any, files: Sequence[str], playhead: int) -> List[KeyframeCandidate]:
    """Picture files: the number in each name is the source's own; one file alone goes to the playhead.

    Raises InvalidSettings for a name without a number among several.
    """
    if len(files) == 1:
        return [KeyframeCandidate(playhead, files[0])]
    source = strips.describe(strip)
    candidates = []
    for name in files:
        number = number_in_name(Path(name).name)
        if number is None:
            raise errors.InvalidSettings(
                f"{Path(name).name} has no frame number in its name; choose it alone, with the playhead on"
                " its frame."
            )
        candidates.append(KeyframeCandidate(source.timing.timeline_of(number - source.first_number), name))
    return candidates


def suggest(strip: Any) -> None:
    """Ask the engine which frames should be keyframes; they come into the list with their reasons.

    Raises InvalidSettings, MediaUnreadable.
    """
    source = strips.describe(strip)
    if source.prerender_reason:
        raise errors.InvalidSettings(
            f"The engine cannot look at this strip: {source.prerender_reason}."
            " Choose keyframes with markers instead."
        )
    shot_request = strips.request_of(source, strip.sparkvsr)
    settings = dict(shot_request.options)
    if settings["policy"]["name"] in ("manual", "none"):
        settings["policy"] = {"name": "adaptive", "budget": settings["policy"]["budget"]}
    shot_request = dataclasses.replace(shot_request, options=settings)
    request = messages.SuggestKeyframesRequest(
        shot_request.source(), shot_request.settings(), shot_request.engine_keyframes()
    )

    def put(target: Any, reply: Any) -> None:
        _add_choices(target, reply.choices, source.first_number)
        if reply.note:
            runtime.show_notice(reply.note)

    _ask(
        strip,
        "Looking for keyframes",
        lambda client: client.request(request, messages.KeyframesReply, timeout_seconds=3600.0),
        put,
    )


def from_stream(strip: Any) -> None:
    """Ask the engine for the keyframes that a small stream brings; they come into the list without pictures,
    for which the engine takes the stream's own, and the scale becomes that of the full size.

    Raises InvalidSettings, MediaUnreadable.
    """
    source = strips.describe(strip)
    if source.prerender_reason:
        raise errors.InvalidSettings(
            f"The engine cannot read this strip as a small stream: {source.prerender_reason}."
        )
    media = strips.request_of(source, strip.sparkvsr).source()
    _ask(
        strip,
        "Reading keyframes",
        lambda client: stream_keyframes.stream_keyframes(client, media),
        lambda target, brought: _add_brought(target, brought, source.first_number),
    )


def _add_brought(strip: Any, brought: Any, first_number: int) -> None:
    timing = strips.timing_for(strip)
    candidates = [
        KeyframeCandidate(timing.timeline_of(frame - first_number), reason="Brought by the small stream")
        for frame in brought.frames
    ]
    fresh, _ = add(strip, candidates)
    strip.sparkvsr.scale = brought.scale
    count = f"{fresh} {'keyframe' if fresh == 1 else 'keyframes'}"
    runtime.show_notice(f"{count} from the small stream; the scale is {brought.scale:g}.")
    host.remember_undo("Keyframes from Small Stream")


def suggest_next(strip: Any, job: str) -> None:
    """Ask where one more keyframe would help a rendered job most; it comes into the list with its reason."""
    first_number = strips.describe(strip).first_number
    request = messages.SuggestNextRequest(job)
    _ask(
        strip,
        "Looking for the weakest frame",
        lambda client: client.request(request, messages.KeyframesReply),
        lambda target, reply: _add_choices(target, reply.choices, first_number),
        beside=False,
    )


def _ask(
    strip: Any,
    what: str,
    work: Callable[[Any], Any],
    put: Callable[[Any, Any], None],
    beside: bool = True,
) -> None:
    """Ask the engine for keyframes of a strip; `what` is shown meanwhile.

    Args:
        strip: it may be gone when the answer comes, which is then let go.
        what: for people.
        work: given a client, in another thread.
        put: given the strip and what `work` returned.
        beside: see `runtime.run_task`.
    """
    token = host.token_of(strip)
    state = runtime.get()
    state.previews["suggest"] = runtime.Waiting(what)

    def answered(answer: Any, error: Optional[Exception]) -> None:
        state.previews.pop("suggest", None)
        _, target = host.find_strip(token)
        if error is not None:
            runtime.show_error(error)
        elif target is not None:
            put(target, answer)

    runtime.run_task(work, answered, beside=beside)


def _add_choices(strip: Any, choices: Sequence[Any], first_number: int) -> None:
    timing = strips.timing_for(strip)
    proposed = [
        KeyframeCandidate(timing.timeline_of(choice.frame - first_number), reason=choice.reason)
        for choice in choices
    ]
    fresh, _ = add(strip, proposed)
    runtime.show_notice(f"{fresh} keyframes suggested." if fresh else "The engine has no keyframe to add.")
    if fresh:
        host.remember_undo("Suggest Keyframes")


def timeline_frame(strip: Any, keyframe: Any) -> int:
    """The timeline frame of a keyframe as its strip lies now."""
    return strips.timing_for(strip).timeline_of(keyframe.content)


def as_kept(path: str) -> str:
    """A path as the .blend keeps it."""
    use_relative = bpy.context.preferences.filepaths.use_relative_paths
    if path.startswith("//") or not bpy.data.filepath or not use_relative:
        return path
    try:
        return str(bpy.path.relpath(path))
    except ValueError:
        return path


def _put(data: Any, content: int, candidate: KeyframeCandidate) -> int:
    existing = next((keyframe for keyframe in data.keyframes if keyframe.content == content), None)
    keyframe = existing if existing is not None else data.keyframes.add()
    keyframe.content = content
    if candidate.image:
        keyframe.image = as_kept(candidate.image)
    if candidate.reason:
        keyframe.reason = candidate.reason
    keyframe.name = str(content)
    return 0 if existing is not None else 1


def _sort(data: Any) -> None:
    """By frame; the one that was active stays so."""
    frames = [keyframe.content for keyframe in data.keyframes]
    active = frames[data.active_keyframe] if data.active_keyframe < len(frames) else None
    for place, content in enumerate(sorted(frames)):
        now = next(index for index, keyframe in enumerate(data.keyframes) if keyframe.content == content)
        data.keyframes.move(now, place)
    if active is not None:
        data.active_keyframe = sorted(frames).index(active)
