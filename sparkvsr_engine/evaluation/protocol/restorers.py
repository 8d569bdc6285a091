"""Restorers as methods of the benchmark, through the same driver jobs use."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.evaluation.pixels import to_unit
from sparkvsr_engine.evaluation.protocol.methods import Method, RestorationTask
from sparkvsr_engine.jobs.in_memory import ShotInMemory, restore_shot
from sparkvsr_engine.models.base import Restorer, ShotSettings


def restorer_method(restorer: Restorer, name: str, look: str = "lock") -> Method:
    """A restorer as a method: every task is one shot; keyframes are checked and aligned as in a job."""
    return Method(name, partial(_restore, restorer, look))


def _restore(restorer: Restorer, look: str, task: RestorationTask) -> Iterator[NDArray[Any]]:
    height, width = task.source[0].shape[:2]
    shot = ShotInMemory(
        [to_unit(frame) for frame in task.source],
        FrameSpan(0, len(task.source)),
        Geometry(width, height, task.width, task.height),
        {frame: to_unit(pixels) for frame, pixels in task.keyframes.items()},
        ShotSettings(look),
    )
    for restored in restore_shot(restorer, shot):
        yield np.clip(restored.pixels, 0, 1)
