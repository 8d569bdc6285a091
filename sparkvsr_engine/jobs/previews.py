"""One frame, or a region of it, at full quality before a job is committed to.

A preview goes between the frames of a running job. One that nobody waits for any more is dropped where it
stands, so that a burst of them leaves the last one only.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from bridge.errors import InvalidSettings, StateConflict
from bridge.media import Region
from bridge.messages import PreviewRequest
from bridge.records import Record
from bridge.settings import JobSpec, KeyframePolicy, OutputTarget
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.jobs.analysis import analyse
from sparkvsr_engine.jobs.footage import ShotFrames
from sparkvsr_engine.jobs.orders import MakePreview, PreviewMade
from sparkvsr_engine.jobs.plan import JobPlan
from sparkvsr_engine.jobs.planning import HANDLE_FRAMES, geometry_of, make_plan
from sparkvsr_engine.jobs.rendering import NoStash, ShotRenderer, windows_of
from sparkvsr_engine.jobs.session import RestorerPool, Session, look_at
from sparkvsr_engine.media.images import write_image
from sparkvsr_engine.models.base import Picture


class PreviewMaker:
    """Makes previews with the worker's model."""

    def __init__(self, config: EngineConfig, pool: RestorerPool, report: Callable[[Record], None]) -> None:
        self._config = config
        self._pool = pool
        self._report = report
        self._lock = threading.Lock()
        self._awaited: set[str] = set()

    def expect(self, preview: str) -> None:
        """Somebody waits for this preview."""
        with self._lock:
            self._awaited.add(preview)

    def drop(self, preview: str) -> None:
        """Nobody does any more."""
        with self._lock:
            self._awaited.discard(preview)

    def make(self, order: MakePreview) -> None:
        """Render it and report where it lies; raises StateConflict when it was superseded."""
        started = time.monotonic()
        try:
            self._require_awaited(order.preview)
            path, temporary = self._place(order.request)
            self._render(order, path)
            seconds = time.monotonic() - started
            frame = order.request.frame
            self._report(PreviewMade(order.preview, frame, "full", str(path), temporary, seconds))
        finally:
            self.drop(order.preview)

    def _render(self, order: MakePreview, path: Path) -> None:
        request = order.request
        spec = JobSpec(request.source, OutputTarget(str(path)), request.settings, request.keyframes)
        spec = _one_frame(spec, request.frame)
        looked = look_at(spec, geometry_of, path.parent)
        region = request.region
        if region is not None:
            _require_inside(region, looked.geometry)

        def between() -> None:
            self._require_awaited(order.preview)

        with Session(
            self._config, looked, self._pool, lambda: not self._is_awaited(order.preview)
        ) as session:
            plan = self._plan(session, request, between)
            pixels = render_frame(session, plan, request.frame, between)
        if region is not None:
            pixels = pixels[region.y : region.y + region.height, region.x : region.x + region.width]
        output = looked.output
        write_image(path, output.colour.from_model(np.ascontiguousarray(pixels), output.sample))

    def _plan(self, session: Session, request: PreviewRequest, between: Callable[[], None]) -> JobPlan:
        """Cuts are looked for between the frame and its keyframes only, so that a long clip starts at once."""
        info = session.looked.info
        around = [request.frame, *(keyframe.frame for keyframe in request.keyframes)]
        near = FrameSpan(min(around), max(around) + 1).widened(HANDLE_FRAMES, info.available)
        whole = self._config.cache_folder / "analysis"
        analysis = analyse(session.footage, near, whole, lambda _: between())
        output = session.looked.output
        return make_plan(
            self._config, session.looked.spec, info, analysis, output.identity, output.colour.identity
        )

    def _place(self, request: PreviewRequest) -> tuple[Path, bool]:
        if request.target:
            return Path(request.target), False
        folder = self._config.runtime / "previews"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder / f"{uuid.uuid4().hex}.tif", True

    def _is_awaited(self, preview: str) -> bool:
        with self._lock:
            return preview in self._awaited

    def _require_awaited(self, preview: str) -> None:
        if not self._is_awaited(preview):
            raise StateConflict("The preview was superseded by a later one.")


def render_frame(session: Session, plan: JobPlan, frame: int, between: Callable[[], None]) -> Picture:
    """One frame under a plan, float32 [H, W, 3] model space."""
    shot = next(shot for shot in plan.shots if frame in shot)
    keyframes = {keyframe.frame: keyframe for keyframe in plan.keyframes if keyframe.frame in shot}
    geometry = session.looked.geometry
    restorer = session.restorer()
    whole = restorer.plan(shot, shot, sorted(keyframes), geometry)
    chunk = restorer.plan(shot, FrameSpan(frame, frame + 1), sorted(keyframes), geometry)[0]
    reader = ShotFrames(session.footage, shot)
    renderer = ShotRenderer(
        restorer.open_shot(reader, geometry, plan.look, plan.seed, lambda: False),
        windows_of(whole),
        lambda at: session.keyframe(keyframes[at]),
        NoStash(),
        between,
    )
    try:
        return next(iter(renderer.render(chunk, session.guidance(plan)))).pixels
    finally:
        renderer.close()


def _one_frame(spec: JobSpec, frame: int) -> JobSpec:
    """The request for previewing: its own policy has no say, only named keyframes speak."""
    return replace(spec, settings=replace(spec.settings, policy=KeyframePolicy("manual")))


def _require_inside(region: Region, geometry: Geometry) -> None:
    if region.x + region.width > geometry.width or region.y + region.height > geometry.height:
        raise InvalidSettings(
            f"The region {region.x},{region.y},{region.width},{region.height} leaves the output of"
            f" {geometry.width}x{geometry.height}; choose one inside."
        )
