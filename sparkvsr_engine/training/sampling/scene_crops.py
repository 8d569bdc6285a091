"""A scene under some keyframes, prepared whole, and crops of it as tensors.

Pixels go through the same planes as at run time.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from sparkvsr_engine.core.arrays import Plane
from sparkvsr_engine.core.pictures.colour_lock import lock_colour
from sparkvsr_engine.core.pictures.motion import resize_flow
from sparkvsr_engine.models.lite.pixels.planes import CELL
from sparkvsr_engine.training.sampling.keyframe_corruption import SpoilRecipe, Style, draw_style, styled
from sparkvsr_engine.training.sampling.keyframe_samples import ShownKeyframe, Spoiling, tensors_of
from sparkvsr_engine.training.sampling.sample_planes import (
    cells_of,
    grown_to,
    halved,
    on_cells,
    to_tensor,
    to_unit,
    to_ycc,
    warped_part,
)
from sparkvsr_engine.training.sampling.sample_recipe import SampleRecipe
from sparkvsr_engine.training.scenes.bank import Scene

KEYFRAME_SLOTS = 2


@dataclass(frozen=True, eq=False)
class PreparedScene:
    """A scene's planes, whole. own_luma: the target's source luma on the grid of cells, if `has_samples`."""

    own_luma: Plane
    has_samples: bool
    source: Plane
    source_chroma: Plane
    halves: tuple[Plane, ...]
    steps: Plane
    scale: float
    degraded: bool
    truth: Plane
    truth_chroma: Plane
    blind: Plane
    blind_chroma: Plane
    target: Plane
    wanted_chroma: Plane
    references: tuple[ShownKeyframe | None, ...]

    @classmethod
    def of(
        cls, scene: Scene, foreign: Scene, recipe: SampleRecipe, rng: np.random.Generator
    ) -> PreparedScene:
        """Prepare a scene; the foreign one gives pictures that show something else.

        Args:
            scene: the scene.
            foreign: another scene.
            recipe: how samples are drawn.
            rng: draws everything that is drawn.
        """
        height, width = scene.truth.shape[1:3]
        enlarged = [grown_to(frame, width, height) for frame in scene.source]
        target, own_luma = to_ycc(enlarged[2]), to_ycc(to_unit(scene.source[2]))[..., 0]
        truth = to_ycc(to_unit(scene.truth[0]))
        keyframe_slots = _draw_shown(recipe, rng)
        pictures, style = _pictures(scene, recipe.spoil, rng)
        spoiling = Spoiling(recipe.spoil, style, to_unit(foreign.truth[0]))
        references = tuple(
            ShownKeyframe.of(scene, side, pictures[1 + side], enlarged[5 + side], spoiling, rng)
            if side in keyframe_slots
            else None
            for side in range(KEYFRAME_SLOTS)
        )
        scale = width / scene.source.shape[2]
        blind = truth
        if scene.taught is not None:
            taught = to_ycc(to_unit(scene.taught))
            blind = np.asarray(truth + (taught - truth) * np.float32(recipe.taught), np.float32)
        target_picture = blind
        if keyframe_slots and style.keeps_colour:
            target_picture = to_ycc(lock_colour(pictures[0], to_unit(scene.truth[0]), scale))
        elif keyframe_slots:
            target_picture = to_ycc(pictures[0])
        return cls(
            on_cells(own_luma, height, width),
            own_luma.shape == (height // CELL, width // CELL),
            target[..., 0],
            halved(target[..., 1:]),
            tuple(halved(to_ycc(frame)[..., 0]) for frame in enlarged[:5]),
            scene.steps.astype(np.float32),
            scale,
            scene.degraded,
            truth[..., 0],
            halved(truth[..., 1:]),
            blind[..., 0],
            halved(blind[..., 1:]),
            target_picture[..., 0],
            halved(target_picture[..., 1:]),
            references if rng.random() < 0.5 else references[::-1],
        )

    def crop(self, side: int, rng: np.random.Generator) -> dict[str, Tensor]:
        """One crop as tensors, its keyframes warped onto it."""
        height, width = self.source.shape
        y = 8 * int(rng.integers(0, (height - side) // 8 + 1))
        x = 8 * int(rng.integers(0, (width - side) // 8 + 1))
        full = np.s_[y : y + side, x : x + side]
        half = np.s_[y // 2 : (y + side) // 2, x // 2 : (x + side) // 2]
        tensors = {
            "own": to_tensor(self.own_luma[cells_of(half)]),
            "has_samples": torch.tensor(self.has_samples),
            "luma": to_tensor(self.source[full]),
            "chroma": to_tensor(self.source_chroma[half]),
            "half": to_tensor(self.halves[2][half]),
            "neighbours": to_tensor(self._neighbours(half)),
            "ahead": to_tensor(self._step(2)[half]),
            "truth_luma": to_tensor((self.truth - self.source)[full]),
            "truth_chroma": to_tensor((self.truth_chroma - self.source_chroma)[half]),
            "blind_luma": to_tensor((self.blind - self.source)[full]),
            "blind_chroma": to_tensor((self.blind_chroma - self.source_chroma)[half]),
            "wanted_luma": to_tensor((self.target - self.source)[full]),
            "wanted_chroma": to_tensor((self.wanted_chroma - self.source_chroma)[half]),
            "scale": torch.tensor(self.scale, dtype=torch.float32),
            "degraded": torch.tensor(float(self.degraded)),
        }
        for slot, reference in enumerate(self.references):
            tensors |= tensors_of(slot, reference, half)
        return tensors

    def _neighbours(self, half: tuple[slice, slice]) -> Plane:
        """The four neighbours' half-size luma on the target, [h, w, 4]."""
        brought = [
            warped_part(self.halves[neighbour], self._step(number), half, cv2.INTER_CUBIC)
            for number, neighbour in enumerate((0, 1, 3, 4))
        ]
        return np.stack(brought, -1)

    def _step(self, number: int) -> Plane:
        """The flow to a neighbour on half of the size, [h, w, 2]; the third is to the next frame."""
        rows, columns = self.halves[0].shape
        return resize_flow(self.steps[number], columns, rows)


def _draw_shown(recipe: SampleRecipe, rng: np.random.Generator) -> tuple[int, ...]:
    kind = rng.random()
    if kind < recipe.blind_share:
        return ()
    if kind < recipe.blind_share + recipe.single_share:
        return (int(rng.integers(KEYFRAME_SLOTS)),)
    return (0, 1)


def _pictures(scene: Scene, recipe: SpoilRecipe, rng: np.random.Generator) -> tuple[list[Plane], Style]:
    """The wanted result and the two keyframes it is to follow, before they are spoiled."""
    if scene.made is not None and rng.random() < recipe.made:
        return [to_unit(picture) for picture in scene.made], Style()
    style = draw_style(recipe, rng)
    return [styled(to_unit(picture), style) for picture in scene.truth], style
