"""One frame, or the Viewer's region of it, before a job is sent; shown by the node's view 'preview'.

Main thread. A preview is no edit: it makes no undo step and does not mark the script as modified.
"""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any, Callable, Dict, Optional, Tuple

import nuke

from ..footage.frame_mapping import ReadTiming
from ..frame_text import format_frames
from ..node.graph import ResultFiles, show_preview
from ..node.quiet import quietly
from ..node.script_nodes import own_state
from ..refusals import Refused
from ..requests.outputs import renders_folder
from ..requests.planning import Plan, keyframe_pictures, plan_of, with_rendered_source
from ..requests.regions import region_of
from ..requests.shot_requests import options_of, result_size, shot_request
from ..requests.submission import context_frames
from . import jobs

Region = Optional[Tuple[int, int, int, int]]
FOLDER = "previews"


@dataclasses.dataclass(frozen=True)
class _Arrival:
    """What happens once a preview's picture is there, or why it is not."""

    show: Callable[[Any], None]
    token: str


_expected: Dict[str, _Arrival] = {}
_early: Dict[str, Any] = {}


def preview_frame(node: Any) -> str:
    """Upscale the current frame. Returns the request's token. Raises Refused."""
    return _preview(node, lambda _: None)


def preview_region(node: Any) -> str:
    """Upscale what the Viewer's region of interest shows. Raises Refused with what to do."""
    roi, viewed = _viewer_region()

    def region_in(size: Tuple[int, int]) -> Region:
        region = region_of(roi, viewed, size)
        if region is None:
            raise Refused("The Viewer's region lies outside the frame; move it.")
        return region

    return _preview(node, region_in)


def take_in(news: Any) -> None:
    """A preview's picture, or why there is none; for the job list's news."""
    from ..bridge_link import errors, messages

    if not isinstance(news, (messages.PreviewReady, messages.PreviewFailed)):
        return
    arrival = _expected.get(news.preview)
    if arrival is None:
        _early[news.preview] = news
        return
    if isinstance(news, messages.PreviewReady) and news.stage != "full":
        return
    del _expected[news.preview]
    if isinstance(news, messages.PreviewFailed):
        jobs.fail(arrival.token, errors.error_from_dict(dataclasses.asdict(news.error)))
        return
    for warning in news.warnings:
        jobs.show_info(warning)
    arrival.show(news)
    jobs.set_step(arrival.token, "")


def _preview(node: Any, region_in: Callable[[Tuple[int, int]], Region]) -> str:
    if take_in not in jobs.runtime().on_news:
        jobs.runtime().on_news.append(take_in)
    frame = int(nuke.frame())
    plan = plan_of(node)
    if frame not in plan.settings.frames:
        raise Refused(
            f"Frame {frame} is outside the range {format_frames(plan.settings.frames)}; go to one inside."
        )
    state = own_state(node)
    name = node.fullName()

    def answered(context: Any, error: Optional[Exception]) -> None:
        try:
            if error is not None:
                raise error
            current = nuke.toNode(name)
            if current is None:
                raise Refused("The node was removed before its preview was ready.")
            _order(current, plan, state.token, frame, context, region_in, token)
        except Exception as problem:
            jobs.fail(token, problem)

    model = plan.settings.model
    token = jobs.run_task(lambda client: context_frames(client, model), answered)
    jobs.set_step(token, "Asking the engine")
    return token


def _order(
    node: Any, plan: Plan, origin: str, frame: int, context: int,
    region_in: Callable[[Tuple[int, int]], Region], token: str,
) -> None:  # fmt: skip
    from ..bridge_link import media, messages

    base = renders_folder(node, origin)
    if plan.source is None:
        plan = _near(plan, frame, context)
    plan = with_rendered_source(node, plan, base, context)
    source = plan.source
    assert source is not None
    width, height, aspect = result_size(plan.settings, source)
    region = region_in((width, height))
    view = plan.views[0]
    pictures = keyframe_pictures(node, plan, base)
    request = shot_request(
        plan.settings, source, view, options_of(plan.settings, source, plan.colour), pictures[view]
    )
    folder = base.parent / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{uuid.uuid4().hex[:10]}.exr"
    message = messages.PreviewRequest(
        request.source(),
        source.numbers[frame],
        request.settings(),
        request.engine_keyframes(),
        media.Region(*region) if region is not None else None,
        slot=origin,
        target=target.as_posix(),
    )
    corner, size = (region[:2], region[2:]) if region is not None else ((0, 0), (width, height))
    files = ResultFiles(
        target.as_posix(), ReadTiming(1, 1), *size, aspect, source.premultiplied, source.auto_alpha
    )
    name = node.fullName()

    def accepted(reply: Any, error: Optional[Exception]) -> None:
        if error is not None:
            jobs.fail(token, error)
            return
        _expected[reply.preview] = _Arrival(lambda _: _show(name, files, (width, height), corner), token)
        early = _early.pop(reply.preview, None)
        if early is not None:
            take_in(early)

    jobs.run_task(lambda client: client.request(message, messages.PreviewAccepted), accepted)
    jobs.set_step(token, f"Previewing frame {frame}")


def _near(plan: Plan, frame: int, context: int) -> Plan:
    """The plan of a branch that has to be rendered, cut down to what one frame needs."""
    settings = plan.settings
    first, last = max(frame - context, settings.first), min(frame + context, settings.last)
    inside = {frame: strength for frame, strength in settings.keyframes.items() if first <= frame <= last}
    left_out = sorted(set(settings.keyframes) - set(inside))
    if left_out:
        jobs.show_info(
            f"The branch is rendered for frames {first}-{last} of this preview, so that keyframes"
            f" {format_frames(left_out)} are not in it."
        )
    return dataclasses.replace(
        plan, settings=dataclasses.replace(settings, first=first, last=last, keyframes=inside)
    )


def _show(name: str, files: ResultFiles, size: Tuple[int, int], corner: Tuple[int, int]) -> None:
    node: Any = nuke.toNode(name)
    if node is not None and node.node("preview_picture") is not None:
        with quietly():
            show_preview(node, files, size, corner)


def _viewer_region() -> Tuple[Dict[str, float], Tuple[int, int]]:
    """The Viewer's region and the size of the picture it shows. Raises Refused with what to do."""
    window = nuke.activeViewer()
    viewer = window.node() if window is not None else None
    roi = viewer.roi() if viewer is not None else None
    if not roi:
        raise Refused("No Viewer has a region of interest; open one and switch its ROI on.")
    place = window.activeInput()
    viewed = viewer.input(place) if place is not None else None
    if viewed is None:
        raise Refused("The Viewer shows nothing; connect it to the node or its source.")
    return {side: float(roi[side]) for side in "xyrt"}, (int(viewed.width()), int(viewed.height()))
