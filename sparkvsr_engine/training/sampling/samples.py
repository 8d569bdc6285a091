"""From a scene to what a training step is fed: a crop, mirrored or not, under some keyframes, spoiled or not.

Everything is drawn from (seed, step, place in the batch), so that a resumed run sees exactly the samples it
would have seen.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import cv2
import numpy as np
import torch
from torch import Tensor

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.training.sampling.recolouring import recoloured
from sparkvsr_engine.training.sampling.sample_recipe import SampleRecipe
from sparkvsr_engine.training.sampling.scene_crops import PreparedScene
from sparkvsr_engine.training.scenes.bank import Scene, Scenes

NEXT = "next_"
# Sides of scenes are whole pixels, their scale is nearly what was asked for.
_SAME_SCALE = 0.05
_MOST_DRAWS = 1000


class SampleSource(torch.utils.data.Dataset[list[dict[str, Tensor]]]):
    """Samples by number; number // batch is the step.

    crop: side in full-size pixels, a multiple of 8. paired: whether the frame after the target is shown as
    well, names beginning with `NEXT`, under the same keyframes; the bank's scenes have to hold it.
    """

    def __init__(
        self,
        bank: Scenes,
        recipe: SampleRecipe,
        count: int,
        first: int = 0,
        *,
        crop: int,
        paired: bool = False,
    ) -> None:
        self._bank = bank
        self._recipe = recipe
        self._count = count
        self._first = first
        self._crop = crop
        self._paired = paired

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> list[dict[str, Tensor]]:
        """The crops of one scene."""
        cv2.setNumThreads(1)
        rng = np.random.default_rng([self._recipe.seed, self._first + index])
        scene = _mirrored(self._draw(rng), rng)
        # Nothing is drawn where nothing is asked for: older recipes see the samples they always saw.
        if self._recipe.recoloured and rng.random() < self._recipe.recoloured:
            scene = recoloured(scene, rng)
        foreign = self._bank.scene(int(rng.integers(self._recipe.scenes)))
        # What is drawn alike for both frames is alike in both.
        twin = deepcopy(rng)
        crops = self._crops(scene, foreign, rng)
        if not self._paired or scene.following is None:
            return crops
        following = self._crops(scene.following, foreign, twin)
        return [
            crop | {f"{NEXT}{name}": value for name, value in after.items()}
            for crop, after in zip(crops, following, strict=True)
        ]

    def _crops(self, scene: Scene, foreign: Scene, rng: np.random.Generator) -> list[dict[str, Tensor]]:
        prepared = PreparedScene.of(scene, foreign, self._recipe, rng)
        return [prepared.crop(self._crop, rng) for _ in range(self._recipe.crops_per_scene)]

    def _draw(self, rng: np.random.Generator) -> Scene:
        share = self._recipe.degraded
        # Nothing is drawn where nothing was asked: older recipes see the samples they always saw.
        kind = None if share is None else bool(rng.random() < share)
        for _ in range(_MOST_DRAWS):
            scene = self._bank.scene(int(rng.integers(self._recipe.scenes)))
            if _is_used(scene, self._recipe) and kind in (None, scene.degraded):
                return scene
        raise InvalidSettings(
            f"the bank holds no scene at the scales {self._recipe.scales} with {self._recipe.sources}"
            " sources; name others under [sample]."
        )


def _is_used(scene: Scene, recipe: SampleRecipe) -> bool:
    """Whether samples are cut from a scene."""
    if recipe.sources == "clean" and scene.degraded:
        return False
    scale = scene.truth.shape[2] / scene.source.shape[2]
    return not recipe.scales or any(abs(scale - used_scale) < _SAME_SCALE for used_scale in recipe.scales)


def _mirrored(scene: Scene, rng: np.random.Generator) -> Scene:
    """The scene as it is, mirrored left to right, upside down, or both."""
    for axis, component in ((2, 0), (1, 1)):
        if rng.random() < 0.5:
            scene = _flipped(scene, axis, component)
    return scene


def _flipped(scene: Scene, axis: int, component: int) -> Scene:
    """Mirrored along an axis of its pictures; flows turn that component."""
    turn = np.ones(2, np.float16)
    turn[component] = -1
    return replace(
        scene,
        source=np.flip(scene.source, axis),
        truth=np.flip(scene.truth, axis),
        steps=np.flip(scene.steps, axis) * turn,
        walks=np.flip(scene.walks, axis) * turn,
        made=None if scene.made is None else np.flip(scene.made, axis),
        taught=None if scene.taught is None else np.flip(scene.taught, axis - 1),
        following=None if scene.following is None else _flipped(scene.following, axis, component),
    )
