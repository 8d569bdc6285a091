# SPDX-License-Identifier: Apache-2.0
"""A clip through the Deliver page: started, watched, and its files looked at, whatever Resolve reports of
them.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Callable, List

from ..bridge_link import numbering
from ..connections.host import Host
from ..exchange.requests import RenderRequest, RenderStatus
from ..plans.clip_plans import ClipPlan
from ..refusals import Refused
from .outputs import plain_name
from .shot_jobs import RenderedFrames

_LOOK_SECONDS = 0.5
_DONE = "complete"

PercentListener = Callable[[int], None]


def render_clip(
    host: Host,
    timeline: str,
    clip: ClipPlan,
    folder: Path,
    listener: PercentListener,
    is_cancelled: Callable[[], bool],
) -> RenderedFrames:
    """Render what a clip shows. Raises Refused where the files are not all there afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{plain_name(clip.name)}_{clip.record}_"
    request = RenderRequest(timeline, clip.record, clip.record + clip.frames - 1, str(folder), name)
    started = host.start_render(request)
    is_stopped = True
    try:
        status = _watch(host, started.job, listener, is_cancelled)
        is_stopped = status.is_rendering
    finally:
        host.end_render(started, is_stopped)
    if status.state.lower() != _DONE:
        raise Refused(
            f"The render of {clip.name} ended as '{status.state or 'unknown'}'"
            f"{f' ({status.error})' if status.error else ''}; look at the Deliver page."
        )
    return _checked(clip, folder, name, started.format)


def _watch(host: Host, job: str, listener: PercentListener, is_cancelled: Callable[[], bool]) -> RenderStatus:
    while True:
        status = host.render_status(job)
        listener(status.percent)
        if not status.is_rendering:
            return status
        if is_cancelled():
            raise Refused("The render was stopped.")
        time.sleep(_LOOK_SECONDS)


def _checked(clip: ClipPlan, folder: Path, name: str, ending: str) -> RenderedFrames:
    """The files of a render. Its job's own word is no witness."""
    names: List[str] = sorted(path.name for path in folder.glob(f"{name}*.{ending}") if path.stat().st_size)
    run = numbering.numbered_run(names)
    if run is None or len(names) != clip.frames:
        raise Refused(
            f"Resolve rendered {len(names)} of {clip.frames} pictures of {clip.name} into {folder}; render"
            " again."
        )
    return RenderedFrames(str(folder / run.pattern), run.first, run.first + len(names) - 1)
