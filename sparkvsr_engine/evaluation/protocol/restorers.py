"""Restorers as methods of the benchmark, through the same driver jobs use."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.evaluation.protocol.methods import Method, RestorationTask
from sparkvsr_engine.jobs.control import JobControl
from sparkvsr_engine.jobs.rendering import NoStash, ShotRenderer, windows_of
from sparkvsr_engine.models.base import Guidance, KeyframePicture, Picture, Restorer
from sparkvsr_engine.references.preparing import prepare_reference


def restorer_method(restorer: Restorer, name: str, look: str = "lock") -> Method:
    """A restorer as a method: every task is one shot; keyframes are checked and aligned as in a job."""
    return Method(name, partial(_restore, restorer, look))


class _TaskReader:
    """A task's frames as restorers read them."""

    def __init__(self, task: RestorationTask) -> None:
        self._task = task

    @property
    def span(self) -> FrameSpan:
        """All frames."""
        return FrameSpan(0, len(self._task.source))

    def read(self, frame: int) -> Picture:
        """A frame in model space."""
        return _unit(self._task.source[self.span.clamp(frame)])


def _restore(restorer: Restorer, look: str, task: RestorationTask) -> Iterator[NDArray[Any]]:
    reader = _TaskReader(task)
    height, width = task.source[0].shape[:2]
    geometry = Geometry(width, height, task.width, task.height)
    pictures: dict[int, KeyframePicture] = {}
    strengths: dict[int, float] = {}
    for frame, pixels in task.keyframes.items():
        found = prepare_reference(frame, _unit(pixels), reader.read(frame), geometry, look, is_supplied=True)
        pictures[frame] = KeyframePicture(frame, found.pixels, str(frame))
        strengths[frame] = found.report.trust
    chunks = restorer.plan(reader.span, reader.span, sorted(pictures), geometry)
    control = JobControl()
    shot = restorer.open_shot(reader, geometry, look, 0, control.is_stopped)
    renderer = ShotRenderer(shot, windows_of(chunks), pictures.__getitem__, NoStash(), control.check)
    for chunk in chunks:
        for restored in renderer.render(chunk, Guidance(1.0, strengths)):
            yield np.clip(restored.pixels, 0, 1)
    renderer.close()


def _unit(pixels: NDArray[Any]) -> Picture:
    unit = pixels.astype(np.float32)
    return unit / np.float32(255) if pixels.dtype == np.uint8 else unit
