"""All crops of a shot, cut before the first step."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import torch

from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.lite.frame_restorer import FrameRestorer
from sparkvsr_engine.models.lite.learning.crops import CropPool, HeldOutTiles, cut_crops, side_within
from sparkvsr_engine.models.lite.learning.examples import Example
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
    learnt, tested = _shares(recipe.pool, len(examples)), _shares(recipe.tests, len(examples))
    for index, example in enumerate(examples):
        on_example(index, len(examples))
        bands = len(work.bands)
        lesson_counts, test_counts = _shares(learnt[index], bands), _shares(tested[index], bands)
        for at, (band, planes) in enumerate(bands_of_example(work, home, example, lesson)):
            rng = np.random.default_rng([recipe.seed, 4, index, at])
            rows, columns = planes["luma"].shape[-2:]
            held_out = tiles.mask(band.top + rows, columns)[:, band.top :]
            height = band.geometry.height
            to_learn = planes | {"weight": planes["weight"] * (1 - held_out)}
            pool.lessons += cut_crops(to_learn, band, height, lesson_counts[at], side, rng)
            to_test = planes | {"weight": planes["weight"] * held_out}
            candidates = cut_crops(to_test, band, height, _CANDIDATES * test_counts[at], side, rng)
            candidates.sort(key=lambda crop: -float(crop["weight"].sum()))
            pool.tests += candidates[: test_counts[at]]
    pool.lessons = [crop for crop in pool.lessons if float(crop["weight"].sum())]
    pool.tests = [crop for crop in pool.tests if float(crop["weight"].sum())]
    return pool


def _shares(total: int, parts: int) -> Sequence[int]:
    """A number in near equal parts, at least 1 each."""
    edges = [round(index * total / parts) for index in range(parts + 1)]
    return [max(1, stop - start) for start, stop in itertools.pairwise(edges)]
