"""Sources kept open between previews: footage, shots, and what was predicted last stay at hand.

A view belongs to one source under one set of settings. Moving guidance, a strength or a matte on the frame
just looked at only mixes parts in memory; a changed keyframe keeps the motion that was found. Not here: who
waits for a preview (`previews`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.crops import Crop, Rectangle
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.pictures.headroom import resize_with_headroom
from sparkvsr_engine.core.windows import Chunk
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.jobs.plans.footage import ShotFrames
from sparkvsr_engine.jobs.plans.nearby import LocalShots
from sparkvsr_engine.jobs.plans.plan import JobPlan, PlannedKeyframe
from sparkvsr_engine.jobs.plans.session import JobInputs, keyframe_request
from sparkvsr_engine.jobs.running.prediction_cache import open_prediction_cache
from sparkvsr_engine.jobs.running.rendering import NoPredictionCache, PassCount, ShotRenderer, windows_of
from sparkvsr_engine.jobs.running.teaching import read_lesson
from sparkvsr_engine.models.base import Guidance, KeyframePicture, Restorer, ShotRestorer
from sparkvsr_engine.references.preparing import resize_to
from sparkvsr_engine.storage.bounded_dict import BoundedDict

# Shots at work at once: whole frame, a region, the quick version of either.
_KEPT_RENDERERS = 3


@dataclass(frozen=True)
class PreviewArea:
    """What of a frame is restored: at which size, and which part of it (None: all)."""

    geometry: Geometry
    crop: Crop | None = None

    @property
    def size(self) -> Geometry:
        """Sizes the restorer works with."""
        return self.crop.geometry if self.crop else self.geometry

    @property
    def key(self) -> str:
        """Its name in the keys of cached predictions, which were kept before it was called an area."""
        return f"Look(geometry={self.geometry!r}, crop={self.crop!r})"


@dataclass(frozen=True, eq=False)
class _OpenShot:
    """A shot at work, and the frames it is shown."""

    frames: ShotFrames | CroppedFrames
    work: ShotRestorer


class PreviewSession:
    """One source, open; its methods take a plan settled for the frame looked at. control: raises to stop."""

    def __init__(self, config: EngineConfig, session: JobInputs, passes: PassCount) -> None:
        self.session = session
        self.local_shots = LocalShots(session.footage, config.cache_folder / "analysis")
        self._config = config
        self._passes = passes
        self._restorer: Restorer | None = None
        self._shots: BoundedDict[tuple[FrameSpan, PreviewArea, str], _OpenShot] = BoundedDict(
            _KEPT_RENDERERS, lambda shot: shot.work.close()
        )
        self._renderers: BoundedDict[tuple[FrameSpan, PreviewArea, str], ShotRenderer] = BoundedDict(
            _KEPT_RENDERERS, ShotRenderer.release
        )

    def is_predicted(self, plan: JobPlan, frame: int, area: PreviewArea) -> bool:
        """Whether the frame can be shown without a network pass.

        Args:
            plan: the job's plan.
            frame: number of the frame.
            area: the part of the frame that is restored.
        """
        renderer = self._renderer(plan, frame, area, Control())
        return renderer.is_predicted(self._chunk(plan, frame, area))

    def pixels(self, plan: JobPlan, frame: int, area: PreviewArea, control: Control) -> Picture:
        """A frame, or its part, float32 [H, W, 3] model space.

        Args:
            plan: the job's plan.
            frame: its number.
            area: the part of the frame that is restored.
            control: stops and slows the work, see `Control`.
        """
        chunk = self._chunk(plan, frame, area)
        renderer = self._renderer(plan, frame, area, control)
        chunk_plan = replace(plan, keyframes=_keyframes_in(plan, chunk))
        guidance = fitted_guidance(self.session.guidance(chunk_plan), area)
        return next(iter(renderer.render(chunk, guidance))).pixels

    def warnings(self, plan: JobPlan, frame: int, area: PreviewArea) -> tuple[str, ...]:
        """What was found about the keyframes that count in a frame; it was shown before.

        Args:
            plan: the job's plan.
            frame: its number.
            area: the part of the frame that is restored.
        """
        chunk = self._chunk(plan, frame, area)
        requests = [keyframe_request(keyframe) for keyframe in _keyframes_in(plan, chunk)]
        pictures = self.session.keyframe_pictures
        return tuple(
            warning
            for request in requests
            if pictures.is_ready(request)
            for warning in pictures.warnings(request)
        )

    def close(self) -> None:
        """Close the source, once what was predicted is kept."""
        self._forget()
        self.session.__exit__()

    def _chunk(self, plan: JobPlan, frame: int, area: PreviewArea) -> Chunk:
        shot = shot_with(plan, frame)
        return self._opened().plan(shot, FrameSpan(frame, frame + 1), _keyframes(plan, shot), area.size)[0]

    def _renderer(self, plan: JobPlan, frame: int, area: PreviewArea, control: Control) -> ShotRenderer:
        shot = shot_with(plan, frame)
        restorer = self._opened()
        named = " ".join([_learnt_key(plan, shot), *(key.digest for key in plan.keyframes_of(shot))])
        key = (shot, area, named)
        renderer = self._renderers.get(key)
        if renderer is None:
            planned = {keyframe.frame: keyframe for keyframe in plan.keyframes}
            windows = windows_of(restorer.plan(shot, shot, _keyframes(plan, shot), area.size))
            is_whole = area == PreviewArea(plan.geometry)
            prediction_cache = (
                open_prediction_cache(self._config, plan, restorer.traits)
                if is_whole
                else NoPredictionCache()
            )
            opened = self._shot(plan, shot, area)
            renderer = ShotRenderer(
                opened.work,
                windows,
                lambda at: self._keyframe(planned[at], area, is_whole),
                prediction_cache,
                control,
                self._passes,
                opened.frames.headroom,
            )
            self._renderers.put(key, renderer)
        renderer.control = control
        return renderer

    def _keyframe(self, planned: PlannedKeyframe, area: PreviewArea, is_whole: bool) -> KeyframePicture:
        picture = self.session.keyframe(planned)
        return picture if is_whole else fitted_keyframe(picture, area)

    def _shot(self, plan: JobPlan, shot: FrameSpan, area: PreviewArea) -> _OpenShot:
        """The shot at work; motion found on it serves whatever keyframes it gets."""
        learnt = _learnt_key(plan, shot)
        shot_work = self._shots.get((shot, area, learnt))
        if shot_work is None:
            frames = ShotFrames(self.session.footage, shot)
            reader = frames if area.crop is None else CroppedFrames(frames, area.crop.source)
            content = read_lesson(self._config, learnt) if learnt else None
            settings = self.session.shot_settings(plan, content)
            work = self._opened().open_shot(reader, area.size, settings, lambda: False)
            shot_work = self._shots.put((shot, area, learnt), _OpenShot(reader, work))
        return shot_work

    def _opened(self) -> Restorer:
        """The model; when another one was loaded in between, nothing of the old one is of use."""
        restorer = self.session.restorer()
        if restorer is not self._restorer:
            self._forget()
            self._restorer = restorer
        return restorer

    def _forget(self) -> None:
        self._renderers.clear()
        self._shots.clear()


class CroppedFrames:
    """A part of every frame of a shot (`models.base.PartReader`)."""

    def __init__(self, reader: ShotFrames, part: Rectangle) -> None:
        self._reader = reader
        self._part = part
        self._last: tuple[int, Picture] | None = None

    @property
    def span(self) -> FrameSpan:
        """The shot."""
        return self._reader.span

    def read(self, frame: int) -> Picture:
        """The part of the frame."""
        return np.ascontiguousarray(self.whole(frame)[self._part.rows, self._part.columns])

    def headroom(self, frame: int) -> Picture | None:
        """What of the part lies beyond; see `ShotFrames.headroom`."""
        light = self._reader.headroom(frame)
        return None if light is None else light[self._part.rows, self._part.columns]

    def whole(self, frame: int) -> Picture:
        """The frame; the last one is kept, both are asked for one after the other."""
        if self._last is None or self._last[0] != frame:
            self._last = (frame, self._reader.read(frame))
        return self._last[1]


def _keyframes_in(plan: JobPlan, chunk: Chunk) -> tuple[PlannedKeyframe, ...]:
    return tuple(keyframe for keyframe in plan.keyframes if keyframe.frame in chunk.keyframes)


def shot_with(plan: JobPlan, frame: int) -> FrameSpan:
    """The shot of a plan a frame lies in."""
    return next(shot for shot in plan.shots if frame in shot)


def fitted_keyframe(keyframe: KeyframePicture, area: PreviewArea) -> KeyframePicture:
    """A keyframe's picture as the area needs it."""
    return replace(
        keyframe,
        pixels=_fitted(keyframe.pixels, area),
        digest=f"{keyframe.digest} {area.key}",
        painted=None if keyframe.painted is None else _fitted(keyframe.painted, area),
    )


def fitted_guidance(guidance: Guidance, area: PreviewArea) -> Guidance:
    """Guidance with mattes as the area needs them."""
    return replace(guidance, mattes={at: _fitted(matte, area) for at, matte in guidance.mattes.items()})


def _fitted(picture: NDArray[np.float32], area: PreviewArea) -> NDArray[np.float32]:
    sized = resize_with_headroom(picture, area.geometry.width, area.geometry.height, resize_to)
    if area.crop is None:
        return sized
    return np.ascontiguousarray(sized[area.crop.output.rows, area.crop.output.columns])


def _learnt_key(plan: JobPlan, shot: FrameSpan) -> str:
    lesson = plan.lesson_of(shot.start)
    return "" if lesson is None else lesson.key


def _keyframes(plan: JobPlan, shot: FrameSpan) -> Sequence[int]:
    return sorted(keyframe.frame for keyframe in plan.keyframes_of(shot))
