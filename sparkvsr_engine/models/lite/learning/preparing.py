"""All crops of a shot, cut before the first step."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.lite.bands import Band
from sparkvsr_engine.models.lite.frame_restorer import FrameRestorer
from sparkvsr_engine.models.lite.learning.crops import Crop, CropPool, HeldOutTiles, cut_crops, side_within
from sparkvsr_engine.models.lite.learning.examples import Example, nearby_examples
from sparkvsr_engine.models.lite.learning.lesson_planes import Lesson, bands_of_example
from sparkvsr_engine.models.lite.learning.recipe import LearningRecipe
from sparkvsr_engine.models.lite.pixels.planes import canvas_size

# Candidates for a test: those with most of what is held out are taken.
_CANDIDATES = 6


@torch.no_grad()
def cut_pool(
    work: FrameRestorer,
    home: Geometry,
    examples: Sequence[Example],
    lesson: Callable[[int], Lesson],
    recipe: LearningRecipe,
    on_example: Callable[[int, int], None],
) -> CropPool:
    """The crops of a shot's examples.

    Args:
        work: restores the shot's frames.
        home: the sizes that the network works at.
        examples: the keyframes' frames.
        lesson: makes the lesson of a keyframe.
        recipe: of the lesson.
        on_example: called with how many examples are done, and of how many; may raise to stop.
    """
    pool = CropPool()
    if not examples:
        return pool
    tiles = HeldOutTiles(home.width, home.height, recipe)
    side = side_within(recipe, *reversed(canvas_size(home.width, home.height)))
    nearby = nearby_examples(examples, recipe.nearby, work.has_frame)
    counts = [
        *zip(_shares(recipe.pool, len(examples)), _shares(recipe.tests, len(examples)), strict=True),
        *((count, 0) for count in _shares(recipe.pool, len(nearby))),
    ]
    every = [*examples, *nearby]
    for index, (example, (lessons, tests)) in enumerate(zip(every, counts, strict=True)):
        on_example(index, len(every))
        cutting = _Cutting(recipe, tiles, side, index, len(work.bands), lessons, tests)
        for at, (band, planes) in enumerate(bands_of_example(work, home, example, lesson)):
            cutting.cut(pool, at, band, planes)
    return pool


@dataclass(frozen=True)
class _Cutting:
    """Cuts the crops of one example. side: of a crop. lessons, tests: how many of all its bands."""

    recipe: LearningRecipe
    tiles: HeldOutTiles
    side: int
    index: int
    bands: int
    lessons: int
    tests: int

    def cut(self, pool: CropPool, at: int, band: Band, planes: Mapping[str, Tensor]) -> None:
        """Put the crops of a band, the one at this place of all, into the pool."""
        rng = np.random.default_rng([self.recipe.seed, 4, self.index, at])
        rows, columns = planes["luma"].shape[-2:]
        held_out = self.tiles.mask(band.top + rows, columns)[:, band.top :]
        to_learn = {**planes, "weight": planes["weight"] * (1 - held_out)}
        count = _shares(self.lessons, self.bands)[at]
        pool.lessons += _weighted(cut_crops(to_learn, band, band.geometry.height, count, self.side, rng))
        if self.tests:
            to_test = {**planes, "weight": planes["weight"] * held_out}
            pool.tests += self._tests(to_test, band, _shares(self.tests, self.bands)[at], rng)

    def _tests(
        self, planes: Mapping[str, Tensor], band: Band, count: int, rng: np.random.Generator
    ) -> list[Crop]:
        """Of many crops those with most of what is held out."""
        candidates = cut_crops(planes, band, band.geometry.height, _CANDIDATES * count, self.side, rng)
        candidates.sort(key=lambda crop: -float(crop["weight"].sum()))
        return _weighted(candidates[:count])


def _weighted(crops: Sequence[Crop]) -> list[Crop]:
    """Those in which anything counts."""
    return [crop for crop in crops if float(crop["weight"].sum())]


def _shares(total: int, parts: int) -> Sequence[int]:
    """A number in near equal parts, at least 1 each."""
    edges = [round(index * total / max(1, parts)) for index in range(parts + 1)]
    return [max(1, stop - start) for start, stop in itertools.pairwise(edges)]
