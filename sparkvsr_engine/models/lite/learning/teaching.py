"""A shot's keyframes to what is learnt of them: lessons made, crops cut, steps taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from sparkvsr_engine.models.base import KeyframePicture, LearningBudget, Learnt
from sparkvsr_engine.models.lite.learning.learner import ShotLearner
from sparkvsr_engine.models.lite.learning.lesson_planes import Lesson, lesson_of
from sparkvsr_engine.models.lite.learning.objective import Objective
from sparkvsr_engine.models.lite.learning.preparing import cut_pool
from sparkvsr_engine.models.lite.learning.recipe import recipe_of
from sparkvsr_engine.models.lite.perceptual import Perceptual
from sparkvsr_engine.models.lite.precision import Precision
from sparkvsr_engine.models.lite.restorer import LiteShot

# A keyframe that agrees less with its source frame shows something else, or lies elsewhere.
LEAST_TRUST = 0.8


@torch.no_grad()
def lessons_of(shot: LiteShot, keyframes: Sequence[KeyframePicture]) -> dict[int, Lesson]:
    """What there is to learn from, by frame: keyframes that can be believed."""
    return {
        one.frame: lesson_of(shot.encode_keyframe(one), shot.way_out, one.matte, one.trust)
        for one in keyframes
        if one.trust >= LEAST_TRUST
    }


def teach(
    shot: LiteShot,
    keyframes: Sequence[KeyframePicture],
    budget: LearningBudget,
    precision: Precision,
    checkpoint: Path,
    on_step: Callable[[int, int, float], None],
) -> Learnt:
    """See `models.base.LearningRestorer.learn`. shot: opened for the weights that ship."""
    lessons = lessons_of(shot, keyframes)
    damage = sum(shot.work.damage(frame) for frame in lessons) / max(1, len(lessons))
    recipe = recipe_of(budget, damage, shot.look)
    pool = cut_pool(shot.work, shot.way_out.home, lessons, recipe, lambda *_: on_step(0, recipe.steps, 0.0))
    perceptual = None if budget.looks is None else Perceptual(budget.looks.parent, precision.device)
    learner = ShotLearner(
        shot.network(damage),
        pool,
        Objective(recipe, perceptual),
        recipe,
        precision,
        checkpoint,
        identity=str(sorted(asdict(recipe).items())),
    )
    return learner.run(lambda done, gain: on_step(done, recipe.steps, gain))
