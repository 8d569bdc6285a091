"""From a scene to what a training step is fed: a crop, mirrored or not, under some keyframes, spoiled or not.

Everything is drawn from (seed, step, place in the batch), so that a resumed run sees exactly the samples it
would have seen. Pixels go through the same planes as at run time.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from torch import Tensor

from bridge.errors import InvalidSettings
from sparkvsr_engine.core.colour_lock import lock_colour
from sparkvsr_engine.core.motion import resize_flow
from sparkvsr_engine.models.lite.planes import CELL
from sparkvsr_engine.training.bank import Bank, Scene
from sparkvsr_engine.training.keyframe_samples import ShownKeyframe, Spoiling, tensors_of
from sparkvsr_engine.training.sample_planes import (
    Plane,
    cells_of,
    grown_to,
    halved,
    on_cells,
    to_tensor,
    to_unit,
    to_ycc,
    warped_part,
)
from sparkvsr_engine.training.spoiling import SpoilRecipe, Style, draw_style, styled

KEYFRAME_SLOTS = 2
NEXT = "next_"
SOURCES = ("all", "clean")
# Sides of scenes are whole pixels, their scale is nearly what was asked for.
_SAME_SCALE = 0.05
_MOST_DRAWS = 1000


@dataclass(frozen=True)
class SampleRecipe:
    """How samples are cut from scenes.

    blind_share, single_share: samples shown no or one keyframe; the rest is shown two. scenes: how many of
    the bank are used. scales: of scenes that are used, others are drawn instead; all where none is named.
    sources: "clean" for scenes that did not go through the degradation alone, "all" for any.
    taught: how far, 0..1, the blind path is to follow SPAN instead of the truth where a
    scene holds its answer: footage is softer than what SPAN was trained on.
    """

    seed: int
    crops_per_scene: int = 2
    blind_share: float = 0.12
    single_share: float = 0.4
    scenes: int = 8000
    scales: tuple[float, ...] = ()
    sources: str = "all"
    taught: float = 0.0
    spoil: SpoilRecipe = SpoilRecipe()

    def __post_init__(self) -> None:
        if self.sources not in SOURCES:
            raise ValueError(f"sources is {self.sources!r}, not one of {', '.join(SOURCES)}")


class SampleSource(torch.utils.data.Dataset[list[dict[str, Tensor]]]):
    """Samples by number; number // batch is the step.

    crop: side in full-size pixels, a multiple of 8. paired: whether the frame after the target is shown as
    well, names beginning with `NEXT`, under the same keyframes; the bank's scenes have to hold it.
    """

    def __init__(
        self,
        bank: Bank,
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
        other = self._bank.scene(int(rng.integers(self._recipe.scenes)))
        # What is drawn alike for both frames is alike in both.
        twin = deepcopy(rng)
        crops = self._crops(scene, other, rng)
        if not self._paired or scene.following is None:
            return crops
        following = self._crops(scene.following, other, twin)
        return [
            crop | {f"{NEXT}{name}": value for name, value in after.items()}
            for crop, after in zip(crops, following, strict=True)
        ]

    def _crops(self, scene: Scene, other: Scene, rng: np.random.Generator) -> list[dict[str, Tensor]]:
        prepared = _Prepared.of(scene, other, self._recipe, rng)
        return [prepared.crop(self._crop, rng) for _ in range(self._recipe.crops_per_scene)]

    def _draw(self, rng: np.random.Generator) -> Scene:
        for _ in range(_MOST_DRAWS):
            scene = self._bank.scene(int(rng.integers(self._recipe.scenes)))
            if _is_used(scene, self._recipe):
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
    return not recipe.scales or any(abs(scale - one) < _SAME_SCALE for one in recipe.scales)


@dataclass(frozen=True, eq=False)
class _Prepared:
    """A scene's planes, whole. own: the target's source luma on the grid of cells, if `known`."""

    own: Plane
    known: bool
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
    wanted: Plane
    wanted_chroma: Plane
    references: tuple[ShownKeyframe | None, ...]

    @classmethod
    def of(cls, scene: Scene, other: Scene, recipe: SampleRecipe, rng: np.random.Generator) -> _Prepared:
        height, width = scene.truth.shape[1:3]
        grown = [grown_to(frame, width, height) for frame in scene.source]
        target, own = to_ycc(grown[2]), to_ycc(to_unit(scene.source[2]))[..., 0]
        truth = to_ycc(to_unit(scene.truth[0]))
        shown = _draw_shown(recipe, rng)
        pictures, style = _pictures(scene, recipe.spoil, rng)
        spoiling = Spoiling(recipe.spoil, style, to_unit(other.truth[0]))
        references = tuple(
            ShownKeyframe.of(scene, side, pictures[1 + side], grown[5 + side], spoiling, rng)
            if side in shown
            else None
            for side in range(KEYFRAME_SLOTS)
        )
        scale = width / scene.source.shape[2]
        blind = truth
        if scene.taught is not None:
            taught = to_ycc(to_unit(scene.taught))
            blind = np.asarray(truth + (taught - truth) * np.float32(recipe.taught), np.float32)
        wanted = blind
        if shown and style.keeps_colour:
            wanted = to_ycc(lock_colour(pictures[0], to_unit(scene.truth[0]), scale))
        elif shown:
            wanted = to_ycc(pictures[0])
        return cls(
            on_cells(own, height, width),
            own.shape == (height // CELL, width // CELL),
            target[..., 0],
            halved(target[..., 1:]),
            tuple(halved(to_ycc(frame)[..., 0]) for frame in grown[:5]),
            scene.steps.astype(np.float32),
            scale,
            scene.degraded,
            truth[..., 0],
            halved(truth[..., 1:]),
            blind[..., 0],
            halved(blind[..., 1:]),
            wanted[..., 0],
            halved(wanted[..., 1:]),
            references if rng.random() < 0.5 else references[::-1],
        )

    def crop(self, side: int, rng: np.random.Generator) -> dict[str, Tensor]:
        """One crop as tensors, its keyframes warped onto it."""
        height, width = self.source.shape
        y = 8 * int(rng.integers(0, (height - side) // 8 + 1))
        x = 8 * int(rng.integers(0, (width - side) // 8 + 1))
        full = np.s_[y : y + side, x : x + side]
        half = np.s_[y // 2 : (y + side) // 2, x // 2 : (x + side) // 2]
        found = {
            "own": to_tensor(self.own[cells_of(half)]),
            "known": torch.tensor(self.known),
            "luma": to_tensor(self.source[full]),
            "chroma": to_tensor(self.source_chroma[half]),
            "half": to_tensor(self.halves[2][half]),
            "neighbours": to_tensor(self._neighbours(half)),
            "ahead": to_tensor(self._step(2)[half]),
            "truth_luma": to_tensor((self.truth - self.source)[full]),
            "truth_chroma": to_tensor((self.truth_chroma - self.source_chroma)[half]),
            "blind_luma": to_tensor((self.blind - self.source)[full]),
            "blind_chroma": to_tensor((self.blind_chroma - self.source_chroma)[half]),
            "wanted_luma": to_tensor((self.wanted - self.source)[full]),
            "wanted_chroma": to_tensor((self.wanted_chroma - self.source_chroma)[half]),
            "scale": torch.tensor(self.scale, dtype=torch.float32),
            "degraded": torch.tensor(float(self.degraded)),
        }
        for slot, reference in enumerate(self.references):
            found |= tensors_of(slot, reference, half)
        return found

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
