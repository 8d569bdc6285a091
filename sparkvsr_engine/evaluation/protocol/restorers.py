"""Restorers as methods of the benchmark, through the same driver jobs use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.evaluation.pixels import to_unit
from sparkvsr_engine.evaluation.protocol.methods import Method, RestorationTask
from sparkvsr_engine.jobs.running.in_memory import (
    ShotInMemory,
    prepared_keyframe,
    restore_shot,
)
from sparkvsr_engine.media.buffering.frames_in_memory import FramesInMemory
from sparkvsr_engine.models.base import KeyframePicture, LearningRestorer, Restorer, ShotSettings
from sparkvsr_engine.models.learnt import LearningBudget


def restorer_method(restorer: Restorer, name: str, budget: LearningBudget | None = None) -> Method:
    """A restorer as a method: every task is one shot; keyframes are checked and aligned as in a job.

    Args:
        restorer: opened.
        name: of the method in tables.
        budget: how long each shot is learnt from its keyframes first, None for not at all.
    """
    return Method(name, partial(_restore, restorer, budget))


def _restore(
    restorer: Restorer, budget: LearningBudget | None, task: RestorationTask
) -> Iterator[NDArray[Any]]:
    shot = _shot_of(task)
    if budget is not None and shot.keyframes and isinstance(restorer, LearningRestorer):
        shot = replace(shot, settings=ShotSettings(task.look, learnt=learn_shot(restorer, shot, budget)))
    for restored in restore_shot(restorer, shot):
        yield np.clip(restored.pixels, 0, 1)


def _shot_of(task: RestorationTask) -> ShotInMemory:
    height, width = task.source[0].shape[:2]
    return ShotInMemory(
        [to_unit(frame) for frame in task.source],
        FrameSpan(0, len(task.source)),
        Geometry(width, height, task.width, task.height),
        {frame: to_unit(pixels) for frame, pixels in task.keyframes.items()},
        ShotSettings(task.look),
    )


def learn_shot(restorer: LearningRestorer, shot: ShotInMemory, budget: LearningBudget) -> bytes:
    """What a restorer learns of a shot from its keyframes, for `ShotSettings.learnt`.

    Args:
        restorer: opened.
        shot: with its keyframes.
        budget: how long it learns.
    """
    reader = FramesInMemory(shot.frames, shot.span)

    def picture(frame: int) -> KeyframePicture:
        return prepared_keyframe(shot, frame, reader.read(frame))[0]

    with TemporaryDirectory() as folder:
        lesson = restorer.learn(
            reader,
            shot.geometry,
            shot.settings,
            sorted(shot.keyframes),
            picture,
            budget,
            Path(folder) / "state",
            lambda *_: None,
        )
    return lesson.content
