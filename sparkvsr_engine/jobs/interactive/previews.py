"""One frame, or a region of it, at full quality before a job is committed to.

A preview goes between the frames of a running job. One that nobody waits for any more is dropped where it
stands, so that a burst of them leaves the last one only. Not here: what stays open between them (`views`).
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

from bridge.errors import InvalidSettings, StateConflict
from bridge.media import Region
from bridge.messages import PreviewRequest
from bridge.records import Record
from bridge.settings import JobSpec, KeyframePolicy, OutputTarget
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.core.crops import Rectangle, crop_around
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.pictures.beyond import resized
from sparkvsr_engine.jobs.interactive.views import Look, View
from sparkvsr_engine.jobs.orders import MakePreview, PreviewMade
from sparkvsr_engine.jobs.plans.footage import Footage
from sparkvsr_engine.jobs.plans.learning_plan import with_learning
from sparkvsr_engine.jobs.plans.plan import JobPlan
from sparkvsr_engine.jobs.plans.planning import geometry_of, make_plan
from sparkvsr_engine.jobs.plans.session import Looked, RestorerPool, Session, wanted_of
from sparkvsr_engine.jobs.running.damage import concealed_sentence
from sparkvsr_engine.jobs.running.rendering import PassCount
from sparkvsr_engine.jobs.running.teaching import with_latest_lessons
from sparkvsr_engine.media.base import ColourWish, OutputRequest
from sparkvsr_engine.media.enlarging import bounded_cubic
from sparkvsr_engine.media.images import write_alone
from sparkvsr_engine.media.opening import plan_output
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.models.base import Picture, RestorerTraits
from sparkvsr_engine.models.registry import open_planner
from sparkvsr_engine.references.named_colour import require_named_colours, require_pictures
from sparkvsr_engine.references.preparing import resize_to
from sparkvsr_engine.storage.bounded_dict import BoundedDict

# Clips an artist goes back and forth between.
_KEPT_VIEWS = 2
# The quick version has half the output's sides, and at least the source's.
_QUICK_SHARE = 2


@dataclass(frozen=True)
class _Asked:
    """A preview's request, settled."""

    order: MakePreview
    looked: Looked
    started: float

    @property
    def request(self) -> PreviewRequest:
        return self.order.request


class PreviewMaker:
    """Makes previews with the worker's model."""

    def __init__(self, config: EngineConfig, pool: RestorerPool, report: Callable[[Record], None]) -> None:
        self._config = config
        self._pool = pool
        self._report = report
        self._lock = threading.Lock()
        self._awaited: dict[str, float] = {}
        self._views: BoundedDict[str, View] = BoundedDict(_KEPT_VIEWS, View.close)
        self._in_hand = ""
        self.passes = PassCount()

    def expect(self, preview: str) -> None:
        """Somebody waits for this preview."""
        with self._lock:
            self._awaited[preview] = time.monotonic()

    def drop(self, preview: str) -> None:
        """Nobody does any more."""
        with self._lock:
            self._awaited.pop(preview, None)

    def make(self, order: MakePreview) -> None:
        """Render it and report where it lies; raises StateConflict when it was superseded."""
        self._in_hand = order.preview
        try:
            self._require_awaited()
            with self._lock:
                started = self._awaited.get(order.preview, time.monotonic())
            self._make(_Asked(order, look_at_frame(order.request), started))
        finally:
            self.drop(order.preview)

    def close(self) -> None:
        """Close what was kept open."""
        self._views.clear()

    def _make(self, asked: _Asked) -> None:
        request = asked.request
        view = self._view(asked.looked)
        plan = self._plan(view, asked)
        traits = view.session.restorer().traits
        look = look_of(request.region, plan.geometry, traits)
        if request.quick_first and not view.is_predicted(plan, request.frame, look):
            quick = self._quick(view, plan, asked, traits)
            self._show(asked, "quick", _as_stored(view.session.footage, asked, quick), ())
            self._require_awaited()
        pixels = view.pixels(plan, request.frame, look, self._require_awaited)
        warnings = view.warnings(plan, request.frame, look)
        if request.frame in view.session.footage.concealed:
            warnings += (concealed_sentence(request.source.path, [request.frame]),)
        pixels = _as_stored(view.session.footage, asked, _region_of(pixels, request.region, look))
        self._show(asked, "full", pixels, warnings)

    def _quick(self, view: View, plan: JobPlan, asked: _Asked, traits: RestorerTraits) -> Picture:
        """Half as large and enlarged; the source enlarged where not even that is quick."""
        request, geometry = asked.request, plan.geometry
        is_ready = all(view.session.desk.is_ready(wanted_of(keyframe)) for keyframe in plan.keyframes)
        small = _smaller(geometry)
        if traits.random_access and is_ready and small != geometry:
            found = view.pixels(plan, request.frame, Look(small), self._require_awaited)
        else:
            found = view.session.footage.picture(request.frame)
        enlarged = resized(found, geometry.width, geometry.height, resize_to)
        return _region_of(enlarged, request.region, Look(geometry))

    def _plan(self, view: View, asked: _Asked) -> JobPlan:
        info, output, request = asked.looked.info, asked.looked.output, asked.request
        frames = [keyframe.frame for keyframe in request.keyframes]
        planner = open_planner(request.settings.model, self._config.models_folder, {})
        near = frames if planner.traits.random_access else None
        analysis = view.neighbourhood.around(request.frame, near, self._require_awaited)
        plan = make_plan(
            self._config, asked.looked.spec, info, analysis, output.identity, output.colour.identity
        )
        settings = asked.looked.spec.settings
        plan = with_learning(plan, settings, planner, self._config.models_folder)
        return with_latest_lessons(self._config, plan)

    def _view(self, looked: Looked) -> View:
        """The source as it was left open, or opened now."""
        settings = replace(looked.spec.settings, guidance=1.0, policy=KeyframePolicy("manual"))
        key = f"{looked.info.identity} {looked.output.colour.identity} {settings.to_dict()}"
        found = self._views.get(key)
        if found is None:
            session = Session(self._config, looked, self._pool, lambda: not self._is_awaited())
            found = View(self._config, session.__enter__(), self.passes)
            self._views.put(key, found)
        return found

    def _show(self, asked: _Asked, stage: str, pixels: Picture, warnings: tuple[str, ...]) -> None:
        """Write the picture and tell where it is."""
        request, output = asked.request, asked.looked.output
        values = output.colour.from_model(np.ascontiguousarray(pixels[..., :3]), output.sample)
        if request.target:
            path, is_temporary = Path(request.target), False
            write_alone(path, values)
        else:
            folder = self._config.runtime / "previews"
            folder.mkdir(mode=0o700, exist_ok=True)
            path, is_temporary = folder / f"{uuid.uuid4().hex}.npy", True
            np.save(path, values)
        seconds = time.monotonic() - asked.started
        preview = asked.order.preview
        self._report(PreviewMade(preview, request.frame, stage, str(path), is_temporary, seconds, warnings))

    def _is_awaited(self) -> bool:
        with self._lock:
            return self._in_hand in self._awaited

    def _require_awaited(self) -> None:
        if not self._is_awaited():
            raise StateConflict("The preview was superseded by a later one.")


def look_at_frame(request: PreviewRequest) -> Looked:
    """A preview's request with what a look at its source told.

    Its own policy has no say, only named keyframes speak. Raises InvalidSettings for a frame outside.
    """
    info = probe(request.source)
    there = info.available
    if request.frame not in there:
        raise InvalidSettings(
            f"Frame {request.frame} is not in {info.path}, which has {there.first}-{there.last}."
            " Choose one of those."
        )
    # Keyframes and the frame itself may lie anywhere in the source, whatever range a job will put out.
    info = replace(info, span=there)
    settings = replace(request.settings, policy=KeyframePolicy("manual"))
    target = OutputTarget(request.target or "preview.tif")
    spec = JobSpec(request.source, target, settings, request.keyframes)
    geometry = geometry_of(settings, info)
    require_pictures(request.keyframes)
    require_named_colours(request.keyframes, settings, info)
    if request.region is not None:
        _require_inside(request.region, geometry)
    output = plan_output(info, _one_frame(request, geometry, target))
    return Looked(spec, replace(info, reading=output.colour.reading), geometry, output)


def look_of(region: Region | None, geometry: Geometry, traits: RestorerTraits) -> Look:
    """What must be restored to show a region."""
    if region is None:
        return Look(geometry)
    return Look(geometry, crop_around(_rectangle(region), geometry, traits.size_multiple))


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


def _as_stored(footage: Footage, asked: _Asked, picture: Picture) -> Picture:
    """The picture with the colours the result will have under straight alpha of 0, which no model saw."""
    request, geometry = asked.request, asked.looked.geometry
    alpha = footage.alpha(request.frame) if footage.has_straight_alpha else None
    if alpha is None:
        return picture
    grown = bounded_cubic(alpha[..., None], geometry.width, geometry.height)
    hidden = footage.hidden_colours(request.frame, grown)
    if hidden is None:
        return picture
    where, colours = (
        _region_of(whole, request.region, Look(geometry)) for whole in (hidden.where, hidden.colours)
    )
    return np.where(where, colours, picture)


def _region_of(pixels: NDArray[Any], region: Region | None, look: Look) -> NDArray[Any]:
    if region is None:
        return pixels
    part = _rectangle(region) if look.crop is None else look.crop.within(_rectangle(region))
    return pixels[part.rows, part.columns]


def _rectangle(region: Region) -> Rectangle:
    return Rectangle(region.x, region.y, region.width, region.height)


def _smaller(geometry: Geometry) -> Geometry:
    return replace(
        geometry,
        width=max(geometry.source_width, geometry.width // _QUICK_SHARE),
        height=max(geometry.source_height, geometry.height // _QUICK_SHARE),
    )


def _require_inside(region: Region, geometry: Geometry) -> None:
    if region.x + region.width > geometry.width or region.y + region.height > geometry.height:
        raise InvalidSettings(
            f"The region {region.x},{region.y},{region.width},{region.height} leaves the output of"
            f" {geometry.width}x{geometry.height}; choose one inside."
        )
