"""Clips on disk for the published model: drawn and degraded by the code that `lite` is trained with.

A clip is a pure function of the recipe's seed and its number. Kept is what is dear to make: its source
frames, and those that an image model made of them. Full-size frames are read from the footage, or drawn from
photographs, whenever they are used: they would fill sixteen times the space.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import BytePicture
from sparkvsr_engine.training.published.recipe import ClipSceneRecipe
from sparkvsr_engine.training.scenes.bank import KEYFRAME_MODELS, Bank, upscaled
from sparkvsr_engine.training.scenes.scene_files import SceneFiles
from sparkvsr_engine.training.scenes.stage_clips import StageClip


@dataclass(frozen=True, eq=False)
class ClipScene:
    """One clip.

    source: uint8 [F, h, w, 3]. made: frames of the clip as an image model makes them of the source, uint8
    [H, W, 3] by number. order: which frame of the stage each one is.
    """

    source: BytePicture
    stage: StageClip
    order: tuple[int, ...]
    made: Mapping[int, BytePicture] = field(default_factory=dict[int, BytePicture])

    def truth(self, frame: int) -> BytePicture:
        """A frame at full size, uint8 [H, W, 3]."""
        return self.stage.frame(self.order[frame])


class ClipBank:
    """Clips by number under one folder. stages: draws footage and degradation."""

    def __init__(self, folder: Path, recipe: ClipSceneRecipe, stages: Bank) -> None:
        self._files = SceneFiles(folder, {**asdict(recipe), **stages.footage})
        self._recipe = recipe
        self._stages = stages

    def check(self) -> None:
        """Raise InvalidSettings where the folder's clips were drawn from another recipe or other footage."""
        self._files.check()

    def scene(self, number: int) -> ClipScene:
        """A clip, degraded when it was not yet."""
        rng = np.random.default_rng([self._recipe.seed, number])
        stage = self._stages.draw_stage(rng)
        order = _order(stage.length, self._recipe.frames, rng)
        arrays = self._files.load(number, lambda: self._make(stage, order, rng))
        numbers = [int(frame) for frame in arrays["made_frames"]]
        return ClipScene(arrays["source"], stage, order, dict(zip(numbers, arrays["made"], strict=True)))

    def _make(
        self, stage: StageClip, order: tuple[int, ...], rng: np.random.Generator
    ) -> dict[str, NDArray[Any]]:
        source, degraded = self._stages.draw_source(
            stage, range(len(order)), [stage.frame(at) for at in order], rng
        )
        numbers = self._draw_made(degraded, rng)
        name = str(rng.choice(KEYFRAME_MODELS))
        pictures = [upscaled(name, source[number]) for number in numbers]
        shape = (0, *stage.frame(0).shape)
        return {
            "source": np.stack(source),
            "made": np.stack(pictures) if pictures else np.zeros(shape, np.uint8),
            "made_frames": np.array(numbers, np.int64),
        }

    def _draw_made(self, degraded: bool, rng: np.random.Generator) -> list[int]:
        """Which frames an image model makes."""
        if not degraded or rng.random() >= self._recipe.made_share:
            return []
        count = min(self._recipe.made_frames, self._recipe.frames)
        return sorted(int(frame) for frame in rng.choice(self._recipe.frames, count, replace=False))


def _order(length: int, frames: int, rng: np.random.Generator) -> tuple[int, ...]:
    """Successive frames from anywhere in a clip; one that is too short goes back and forth."""
    if length >= frames:
        first = int(rng.integers(0, length - frames + 1))
        return tuple(range(first, first + frames))
    there_and_back = [*range(length), *range(length - 2, 0, -1)]
    return tuple(there_and_back[at % len(there_and_back)] for at in range(frames))
