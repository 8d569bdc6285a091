"""What a large image model answers to the bank's target frames, kept beside the scenes.

Each answer takes seconds, so it is made once. Its colour is the source's: the large model shifts it, and what
learns from the answers should not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import BytePicture
from sparkvsr_engine.core.pictures.colour_lock import lock_colour
from sparkvsr_engine.models.isr.naming import parts_of
from sparkvsr_engine.models.isr.registry import isr_identity, open_isr
from sparkvsr_engine.models.isr.upscaler import ImageUpscaler, resample
from sparkvsr_engine.training.sampling.sample_planes import to_eight_bits
from sparkvsr_engine.training.scenes.bank import Scene, Scenes
from sparkvsr_engine.training.scenes.scene_files import SceneFiles

_TARGET = 2


@dataclass(frozen=True)
class AnswerRecipe:
    """Which frames are asked about. model: the image model that answers, by its bundled name; scenes of
    its own scale are used. clean_step: every so many-th clean scene; all that are degraded.
    """

    model: str
    clean_step: int = 1

    @property
    def scale(self) -> int:
        """The model's; raises UnknownModel."""
        return parts_of(self.model)[0].scale

    def asks(self, scene: Scene, number: int) -> bool:
        """Whether a scene's target is among them."""
        rows, columns = scene.source.shape[1:3]
        fits = scene.truth.shape[1:3] == (rows * self.scale, columns * self.scale)
        return fits and (scene.degraded or number % self.clean_step == 0)


@dataclass(frozen=True, eq=False)
class Answer:
    """source: uint8 [h, w, 3]. picture: uint8 [h * scale, w * scale, 3]. degraded: whether the source is."""

    source: BytePicture
    picture: BytePicture
    degraded: bool


class AnswerBank:
    """Answers by the number of their scene.

    home: the engine's home folder, where fetched models lie; None looks at shipped and installed ones.

    Raises UnknownModel and ModelMissing.
    """

    def __init__(self, folder: Path, recipe: AnswerRecipe, scenes: Scenes, home: Path | None) -> None:
        self._recipe = recipe
        self._scenes = scenes
        self._home = home
        origin = {"identity": isr_identity(recipe.model, "cpu", home), "clean_step": recipe.clean_step}
        self._files = SceneFiles(folder, origin)

    def check(self) -> None:
        """As `Bank.check`, of the scenes as well."""
        self._scenes.check()
        self._files.check()

    def scene(self, number: int) -> Answer | None:
        """The answer to a scene's target, made when it is not there yet; None where it is not asked about."""
        arrays = self._files.load(number, lambda: self._make(number))
        if not arrays["picture"].size:
            return None
        return Answer(arrays["source"], arrays["picture"], bool(arrays["degraded"][0]))

    def _make(self, number: int) -> Mapping[str, NDArray[Any]]:
        scene = self._scenes.scene(number)
        degraded = np.array([scene.degraded])
        if not self._recipe.asks(scene, number):
            nothing = np.zeros((0, 0, 3), np.uint8)
            return {"source": nothing, "picture": nothing, "degraded": degraded}
        source = scene.source[_TARGET]
        picture = answer_of(opened_model(self._recipe.model, self._home), source)
        return {"source": source, "picture": picture, "degraded": degraded}


def answer_of(model: ImageUpscaler, source: BytePicture) -> BytePicture:
    """A model's answer in the source's colour, uint8."""
    source_picture = source.astype(np.float32) / np.float32(255)
    answer = model.upscale(source_picture)
    height, width = answer.shape[:2]
    locked = lock_colour(answer, resample(source_picture, width, height), model.scale)
    return to_eight_bits(locked)


@lru_cache(maxsize=4)
def opened_model(name: str, home: Path | None) -> ImageUpscaler:
    """An image model on one thread of the processor, kept open by its process; raises as `open_isr`."""
    return open_isr(name, "cpu", threads=1, home=home)
