"""Restorers as methods of the benchmark, through the same driver jobs use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.evaluation.pixels import Pixels, to_unit
from sparkvsr_engine.evaluation.protocol.methods import Method, RestorationTask
from sparkvsr_engine.jobs.control import JobControl
from sparkvsr_engine.jobs.rendering import NoStash, ShotRenderer, windows_of
from sparkvsr_engine.models.base import (
    Guidance,
    KeyframePicture,
    LearningBudget,
    LearningRestorer,
    Picture,
    Restorer,
    ShotSettings,
)
from sparkvsr_engine.references.preparing import prepare_reference


def restorer_method(
    restorer: Restorer, name: str, look: str = "lock", budget: LearningBudget | None = None
) -> Method:
    """A restorer as a method: every task is one shot; keyframes are checked and aligned as in a job.

    budget: how long each shot is learnt from its keyframes first, None for not at all.
    """
    return Method(name, partial(_restore, restorer, look, budget))


class FramesInMemory:
    """Frames as restorers read them (`models.base.FrameReader`).

    frames: by their numbers, [h, w, 3], uint8 or display-referred 0..1. span: the shot.
    """

    def __init__(self, frames: Sequence[Pixels] | Mapping[int, Pixels], span: FrameSpan) -> None:
        self._frames = frames
        self._span = span

    @property
    def span(self) -> FrameSpan:
        """The shot."""
        return self._span

    def read(self, frame: int) -> Picture:
        """A frame in model space, the nearest where the shot has none of this number."""
        return to_unit(self._frames[self._span.clamp(frame)])


def _restore(
    restorer: Restorer, look: str, budget: LearningBudget | None, task: RestorationTask
) -> Iterator[NDArray[Any]]:
    reader = FramesInMemory(task.source, FrameSpan(0, len(task.source)))
    height, width = task.source[0].shape[:2]
    geometry = Geometry(width, height, task.width, task.height)
    pictures: dict[int, KeyframePicture] = {}
    strengths: dict[int, float] = {}
    for frame, pixels in task.keyframes.items():
        given, source = to_unit(pixels), reader.read(frame)
        found = prepare_reference(frame, given, source, geometry, look, is_supplied=True)
        pictures[frame] = KeyframePicture(frame, found.pixels, str(frame), trust=found.report.trust)
        strengths[frame] = found.report.trust
    chunks = restorer.plan(reader.span, reader.span, sorted(pictures), geometry)
    control = JobControl()
    settings = ShotSettings(look)
    if budget is not None and pictures and isinstance(restorer, LearningRestorer):
        with TemporaryDirectory() as folder:
            state = Path(folder) / "state"
            learnt = restorer.learn(
                reader,
                geometry,
                settings,
                sorted(pictures),
                pictures.__getitem__,
                budget,
                state,
                lambda *_: None,
            )
        settings = ShotSettings(look, learnt=learnt.content)
    shot = restorer.open_shot(reader, geometry, settings, control.is_stopped)
    renderer = ShotRenderer(shot, windows_of(chunks), pictures.__getitem__, NoStash(), control.check)
    for chunk in chunks:
        for restored in renderer.render(chunk, Guidance(1.0, strengths)):
            yield np.clip(restored.pixels, 0, 1)
    renderer.close()
