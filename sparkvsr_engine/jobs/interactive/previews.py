"""One frame, or a region of it, at full quality before a job is committed to.

A preview goes between the frames of a running job. One that nobody waits for any more is dropped where it
stands, so that a burst of them leaves the last one only. Not here: what stays open between them
(`preview_sessions`).
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.errors import InvalidSettings, StateConflict
from sparkvsr_bridge.media import ImageRef, Region
from sparkvsr_bridge.messages import PreviewReady, PreviewRequest
from sparkvsr_bridge.records import Record
from sparkvsr_bridge.settings import JobSpec, KeyframePolicy, OutputTarget
from sparkvsr_engine.access.confinement.threads import is_confined
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.crops import Rectangle, crop_around
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.pictures.headroom import resize_with_headroom
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.jobs.interactive.preview_sessions import PreviewArea, PreviewSession
from sparkvsr_engine.jobs.interactive.settled import SettledPreview, SettledPreviews
from sparkvsr_engine.jobs.plans.checked import CheckedRequest, geometry_of, require_keyframes_inside
from sparkvsr_engine.jobs.plans.footage import Footage
from sparkvsr_engine.jobs.plans.learning_plan import with_learning
from sparkvsr_engine.jobs.plans.plan import JobPlan
from sparkvsr_engine.jobs.plans.planning import make_plan
from sparkvsr_engine.jobs.plans.session import JobInputs, RestorerPool, keyframe_request
from sparkvsr_engine.jobs.running.damage import concealed_sentence
from sparkvsr_engine.jobs.running.rendering import PassCount
from sparkvsr_engine.jobs.running.teaching import with_latest_lessons
from sparkvsr_engine.media.base import ColourWish, OutputRequest
from sparkvsr_engine.media.enlarging import bounded_cubic
from sparkvsr_engine.media.images import write_alone
from sparkvsr_engine.media.opening import plan_output
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.models.base import RestorerTraits
from sparkvsr_engine.models.registry import open_planner
from sparkvsr_engine.references.named_colour import require_named_colours, require_pictures
from sparkvsr_engine.references.preparing import resize_to
from sparkvsr_engine.storage.bounded_dict import BoundedDict

# Clips an artist goes back and forth between.
_KEPT_VIEWS = 2
# The quick version has half the output's sides, and at least the source's.
_QUICK_SHARE = 2
# Of a side: sides are rounded, so that a scale of 4 may be 4.01.
_LESS = 0.9


@dataclass(frozen=True)
class _PreviewOrder:
    """A preview's request, settled. preview: its name."""

    preview: str
    request: PreviewRequest
    checked: CheckedRequest
    started: float


class _PreviewControl(Control):
    """Ends a preview that nobody waits for any more."""

    def __init__(self, maker: PreviewMaker) -> None:
        self._maker = maker

    def check(self) -> None:
        """Raise StateConflict where a later preview took its place."""
        if self.is_stopped():
            raise StateConflict("The preview was superseded by a later one.")

    def is_stopped(self) -> bool:
        """See `Control`."""
        return not self._maker.is_awaited()


class PreviewMaker:
    """Makes previews with the worker's model."""

    def __init__(self, config: EngineConfig, pool: RestorerPool, report: Callable[[Record], None]) -> None:
        self._config = config
        self._folder = config.preview_folder
        self._pool = pool
        self._report = report
        self._lock = threading.Lock()
        self._awaited: dict[str, float] = {}
        self._views: BoundedDict[str, PreviewSession] = BoundedDict(_KEPT_VIEWS, PreviewSession.close)
        self._settled = SettledPreviews()
        self._in_hand = ""
        self._control = _PreviewControl(self)
        self.passes = PassCount()

    def expect(self, preview: str) -> None:
        """Somebody waits for this preview."""
        with self._lock:
            self._awaited[preview] = time.monotonic()

    def drop(self, preview: str) -> None:
        """Nobody does any more."""
        with self._lock:
            self._awaited.pop(preview, None)

    def make(self, preview: str, request: PreviewRequest) -> None:
        """Render it and report where it lies; raises StateConflict when it was superseded."""
        self._in_hand = preview
        try:
            self._control.check()
            with self._lock:
                started = self._awaited.get(preview, time.monotonic())
            settled = self._settled.find(request)
            checked = check_preview(request) if settled is None else settled.checked
            self._make(_PreviewOrder(preview, request, checked, started), settled)
        finally:
            self.drop(preview)

    def close(self) -> None:
        """Close what was kept open."""
        self._views.clear()

    def _make(self, order: _PreviewOrder, settled: SettledPreview | None) -> None:
        request = order.request
        view = self._view(order.checked)
        if settled is None:
            settled = self._settled.keep(request, order.checked, self._plan(view, order))
        plan = with_latest_lessons(self._config, settled.plan)
        traits = view.session.restorer().traits
        area = area_of(request.region, plan.geometry, traits)
        if request.quick_first and not view.is_predicted(plan, request.frame, area):
            quick = self._quick(view, plan, order, traits)
            self._show(order, "quick", _as_stored(view.session.footage, order, quick), ())
            self._control.check()
        pixels = view.pixels(plan, request.frame, area, self._control)
        warnings = view.warnings(plan, request.frame, area)
        if request.frame in view.session.footage.concealed:
            warnings += (concealed_sentence(request.source.path, [request.frame]),)
        pixels = _as_stored(view.session.footage, order, _region_of(pixels, request.region, area))
        self._show(order, "full", pixels, warnings)

    def _quick(
        self, view: PreviewSession, plan: JobPlan, order: _PreviewOrder, traits: RestorerTraits
    ) -> Picture:
        """Half as large and enlarged, or of the source's size where half costs as much; the source enlarged
        where nothing is quick.
        """
        request, geometry = order.request, plan.geometry
        pictures = view.session.keyframe_pictures
        is_ready = all(pictures.is_ready(keyframe_request(keyframe)) for keyframe in plan.keyframes)
        small = quick_geometry(geometry, traits)
        if traits.random_access and is_ready and small != geometry:
            pixels = view.pixels(plan, request.frame, PreviewArea(small), self._control)
        else:
            pixels = view.session.footage.picture(request.frame)
        enlarged = resize_with_headroom(pixels, geometry.width, geometry.height, resize_to)
        return _region_of(enlarged, request.region, PreviewArea(geometry))

    def _plan(self, view: PreviewSession, order: _PreviewOrder) -> JobPlan:
        request = order.request
        frames = [keyframe.frame for keyframe in request.keyframes]
        planner = open_planner(request.settings.model, self._config.models_folder, {})
        near = frames if planner.traits.random_access else None
        analysis = view.local_shots.around(request.frame, near, self._control)
        plan = make_plan(self._config, order.checked, analysis)
        settings = order.checked.spec.settings
        return with_learning(plan, settings, planner, self._config.models_folder)

    def _view(self, checked: CheckedRequest) -> PreviewSession:
        """The source as it was left open, or opened now."""
        settings = replace(checked.spec.settings, guidance=1.0, policy=KeyframePolicy("manual"))
        # Threads that read ahead are confined where the one that opened the source was.
        reader = "confined" if is_confined() else ""
        key = f"{checked.info.identity} {checked.output.colour.identity} {settings.to_dict()} {reader}"
        view = self._views.get(key)
        if view is None:
            session = JobInputs(self._config, checked, self._pool, self._control)
            view = self._views.put(key, PreviewSession(self._config, session.__enter__(), self.passes))
        return view

    def _show(self, order: _PreviewOrder, stage: str, pixels: Picture, warnings: tuple[str, ...]) -> None:
        """Write the picture and report where it is."""
        request, output = order.request, order.checked.output
        values = output.colour.from_model(np.ascontiguousarray(pixels[..., :3]), output.sample)
        if request.target:
            path = Path(request.target)
            write_alone(path, values)
        else:
            folder = self._folder
            folder.mkdir(mode=0o700, exist_ok=True)
            path = folder / f"{uuid.uuid4().hex}.npy"
            np.save(path, values)
        seconds = time.monotonic() - order.started
        picture = ImageRef(path=str(path))
        self._report(PreviewReady(order.preview, request.frame, stage, picture, seconds, warnings))

    def is_awaited(self) -> bool:
        """Whether somebody waits for the preview in hand."""
        with self._lock:
            return self._in_hand in self._awaited


def check_preview(request: PreviewRequest) -> CheckedRequest:
    """A preview's request with what its source's headers hold.

    Its policy is ignored; only named keyframes count. Raises InvalidSettings for a frame outside.
    """
    info = probe(request.source)
    available = info.available
    if request.frame not in available:
        raise InvalidSettings(
            f"Frame {request.frame} is not in {info.path}, which has {available.first}-{available.last}."
            " Choose one of those."
        )
    # Keyframes and the frame itself may lie anywhere in the source, whatever range a job will put out.
    info = replace(info, span=available)
    settings = replace(request.settings, policy=KeyframePolicy("manual"))
    target = OutputTarget(request.target or "preview.tif")
    spec = JobSpec(request.source, target, settings, request.keyframes)
    geometry = geometry_of(settings, info)
    require_keyframes_inside(request.keyframes, info)
    require_pictures(request.keyframes)
    require_named_colours(request.keyframes, settings, info)
    if request.region is not None:
        _require_inside(request.region, geometry)
    output = plan_output(info, _one_frame(request, geometry, target))
    return CheckedRequest(spec, replace(info, reading=output.colour.reading), geometry, output)


def area_of(region: Region | None, geometry: Geometry, traits: RestorerTraits) -> PreviewArea:
    """What must be restored to show a region.

    Args:
        region: in output pixels, None for the whole frame.
        geometry: sizes of the source and of the output.
        traits: what the restorer needs of plans.
    """
    if region is None:
        return PreviewArea(geometry)
    return PreviewArea(geometry, crop_around(_rectangle(region), geometry, traits.size_multiple))


def _one_frame(request: PreviewRequest, geometry: Geometry, target: OutputTarget) -> OutputRequest:
    region = request.region
    return OutputRequest(
        target=target,
        span=FrameSpan(request.frame, request.frame + 1),
        width=region.width if region else geometry.width,
        height=region.height if region else geometry.height,
        work_folder=Path(target.path).parent,
        colours=ColourWish.of(request.settings),
    )


def _as_stored(footage: Footage, order: _PreviewOrder, picture: Picture) -> Picture:
    """The picture with the colours the result will have under straight alpha of 0, which no model saw."""
    request, geometry = order.request, order.checked.geometry
    alpha = footage.alpha(request.frame) if footage.has_straight_alpha else None
    if alpha is None:
        return picture
    enlarged = bounded_cubic(alpha[..., None], geometry.width, geometry.height)
    hidden = footage.hidden_colours(request.frame, enlarged)
    if hidden is None:
        return picture
    where, colours = (
        _region_of(whole, request.region, PreviewArea(geometry)) for whole in (hidden.where, hidden.colours)
    )
    return np.where(where, colours, picture)


def _region_of(pixels: NDArray[Any], region: Region | None, area: PreviewArea) -> NDArray[Any]:
    if region is None:
        return pixels
    part = _rectangle(region) if area.crop is None else area.crop.within(_rectangle(region))
    return pixels[part.rows, part.columns]


def _rectangle(region: Region) -> Rectangle:
    return Rectangle(region.x, region.y, region.width, region.height)


def quick_geometry(geometry: Geometry, traits: RestorerTraits) -> Geometry:
    """The size of a quick version: half the sides, or the source's where half is hardly less work.

    Args:
        geometry: of the full version.
        traits: of the restorer.
    """
    width, height = geometry.source_width, geometry.source_height
    half = replace(
        geometry,
        width=max(width, geometry.width // _QUICK_SHARE),
        height=max(height, geometry.height // _QUICK_SHARE),
    )
    is_less_work = traits.worked_scale(half.scale) < _LESS * traits.worked_scale(geometry.scale)
    return half if is_less_work else replace(geometry, width=width, height=height)


def _require_inside(region: Region, geometry: Geometry) -> None:
    if region.x + region.width > geometry.width or region.y + region.height > geometry.height:
        raise InvalidSettings(
            f"The region {region.x},{region.y},{region.width},{region.height} leaves the output of"
            f" {geometry.width}x{geometry.height}; choose one inside."
        )
