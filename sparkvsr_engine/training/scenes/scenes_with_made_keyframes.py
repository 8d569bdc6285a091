"""Scenes of a bank whose keyframes, and the results wanted under them, chosen image models made.

A bank draws image models of its own (`bank.KEYFRAME_MODELS`), small ones of soft pictures. Keyframes of other
models are kept beside its scenes, so that what the bank holds stays as it was drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.models.isr.registry import isr_identity
from sparkvsr_engine.training.scenes.bank import Bank, Scene
from sparkvsr_engine.training.scenes.scene_files import SceneFiles
from sparkvsr_engine.training.scenes.teacher_outputs import answer_of, opened_model

# Target and keyframes among a scene's source frames.
_KEYFRAME_SLOTS = (2, 5, 6)


@dataclass(frozen=True)
class MadeRecipe:
    """models: image models by their bundled names, all of one scale; they take turns over the degraded scenes
    of that scale. Other scenes keep what the bank drew.
    """

    models: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.models:
            raise ValueError("[made] names no models")

    def model_of(self, number: int) -> str:
        """Which model makes the keyframes of a scene."""
        return self.models[number % len(self.models)]


class MadeScenes:
    """A bank's scenes with other keyframes made by models (`Scenes`).

    home: the engine's home folder, where fetched models lie; None looks at shipped and installed ones.
    Raises UnknownModel and ModelMissing.
    """

    def __init__(self, folder: Path, recipe: MadeRecipe, scenes: Bank, home: Path | None) -> None:
        self._recipe = recipe
        self._scenes = scenes
        self._home = home
        identities = [isr_identity(name, "cpu", home) for name in recipe.models]
        self._files = SceneFiles(folder, {"identities": identities})

    def check(self) -> None:
        """As `Bank.check`, of the scenes as well."""
        self._scenes.check()
        self._files.check()

    def scene(self, number: int) -> Scene:
        """The bank's scene, `made` by the model whose turn it is where it is degraded."""
        scene = self._scenes.scene(number)
        if not scene.degraded:
            return scene
        picture = self._files.load(number, lambda: self._make(scene, number))["made"]
        return replace(scene, made=picture) if picture.size else scene

    def _make(self, scene: Scene, number: int) -> Mapping[str, NDArray[Any]]:
        model = opened_model(self._recipe.model_of(number), self._home)
        rows, columns = scene.source.shape[1:3]
        if scene.truth.shape[1:3] != (rows * model.scale, columns * model.scale):
            return {"made": np.zeros((0, 0, 0, 3), np.uint8)}
        return {"made": np.stack([answer_of(model, scene.source[index]) for index in _KEYFRAME_SLOTS])}
