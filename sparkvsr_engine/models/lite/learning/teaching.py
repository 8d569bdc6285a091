"""A shot's keyframes to what is learnt of them: lessons made, crops cut, steps taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from sparkvsr_engine.models.base import KeyframePicture
from sparkvsr_engine.models.distances.dists import DistsLoss
from sparkvsr_engine.models.learnt import LearningBudget, Learnt
from sparkvsr_engine.models.lite.frame_restorer import FrameRestorer
from sparkvsr_engine.models.lite.learning.examples import examples_of
from sparkvsr_engine.models.lite.learning.learner import ShotLearner
from sparkvsr_engine.models.lite.learning.learnt_file import nothing_learnt, unpack_learnt
from sparkvsr_engine.models.lite.learning.lesson_planes import Lesson, lesson_of
from sparkvsr_engine.models.lite.learning.objective import Objective
from sparkvsr_engine.models.lite.learning.preparing import cut_pool
from sparkvsr_engine.models.lite.learning.recipe import LearningRecipe, dists_files, recipe_of
from sparkvsr_engine.models.lite.motion.keyframe_warping import LiteKeyframe
from sparkvsr_engine.models.lite.networks.network import MOST_KEYFRAMES
from sparkvsr_engine.models.lite.networks.perceptual import Perceptual
from sparkvsr_engine.models.lite.working_size import OutputResampler
from sparkvsr_engine.models.part_threads import PartThreads
from sparkvsr_engine.models.precision import Precision
from sparkvsr_engine.storage.bounded_dict import BoundedDict

# Output pixels: side of the neighbourhood of what is painted that is not learnt from, as its edges are soft.
_BESIDE_PAINTED = 9
# A keyframe that agrees less with its source frame shows something else, or lies elsewhere.
LEAST_TRUST = 0.8


class TaughtShot(Protocol):
    """What teaching asks of the shot it is about; `LiteShot` is one."""

    @property
    def work(self) -> FrameRestorer:
        """The network's passes at home's size."""
        ...

    @property
    def look(self) -> str:
        """Whose colour the result has, see `models.base.ShotSettings`."""
        ...

    @property
    def way_out(self) -> OutputResampler:
        """From home's size to the output's."""
        ...

    def encode_keyframe(self, keyframe: KeyframePicture) -> LiteKeyframe:
        """The residual the keyframe adds to its own upsampled source frame."""
        ...


class Lessons:
    """Lessons of a shot's keyframes, made when they are asked for; those of one example are kept."""

    def __init__(self, shot: TaughtShot, keyframe: Callable[[int], KeyframePicture]) -> None:
        self._shot = shot
        self._keyframe = keyframe
        self._latest: BoundedDict[int, Lesson] = BoundedDict(1 + MOST_KEYFRAMES)

    @torch.no_grad()
    def lesson(self, frame: int) -> Lesson:
        """Of the keyframe at a frame."""
        return self._latest.get_or_make(frame, lambda: self._make(frame))

    def _make(self, frame: int) -> Lesson:
        keyframe = self._keyframe(frame)
        return lesson_of(self._shot.encode_keyframe(keyframe), self._shot.way_out, _counted(keyframe))


def teach(
    shot: TaughtShot,
    frames: Sequence[int],
    keyframe: Callable[[int], KeyframePicture],
    budget: LearningBudget,
    precision: Precision,
    checkpoint: Path,
    on_step: Callable[[int, int, float], None],
    near: bytes | None = None,
) -> Learnt:
    """See `models.base.LearningRestorer.learn`. shot: opened for the weights that ship. near: what another
    shot has learnt.
    """
    trusted = [frame for frame in sorted(frames) if keyframe(frame).trust >= LEAST_TRUST]
    examples = examples_of(trusted)
    count = max(1, len(examples))
    damage = sum(shot.work.damage(example.target) for example in examples) / count
    drawn = sum(shot.work.drawn(example.target) for example in examples) / count
    if not examples:
        return nothing_learnt("no keyframe agrees with its source frame well enough")
    recipe = recipe_of(budget, damage, shot.look)
    lessons = Lessons(shot, keyframe)
    pool = cut_pool(
        shot.work,
        shot.way_out.home,
        examples,
        lessons.lesson,
        recipe,
        lambda *_: on_step(0, recipe.steps, 0.0),
    )
    kind = precision.device.type
    with PartThreads(torch.get_num_threads() if kind == "cpu" else 1) as threads:
        learner = ShotLearner(
            shot.work.network(damage, drawn),
            pool,
            _objective(recipe, budget, precision.device),
            recipe,
            # Gradients underflow in float16.
            replace(precision, dtype=torch.bfloat16) if kind == "cuda" else precision,
            threads,
            checkpoint,
            identity=f"{sorted(asdict(recipe).items())} {sha256(near or b'').hexdigest()}",
        )
        changes = None if near is None else unpack_learnt(near)[0]
        return learner.run(lambda done, gain: on_step(done, recipe.steps, gain), changes)


def _objective(recipe: LearningRecipe, budget: LearningBudget, place: torch.device) -> Objective:
    """With the learned losses that the recipe has, whose weights the budget names."""
    files = dists_files(budget)
    perceptual = Perceptual(budget.looks[0].parent, place) if recipe.perceptual else None
    dists = DistsLoss(*files, place) if recipe.dists and files is not None else None
    return Objective(recipe, perceptual, dists)


def _counted(keyframe: KeyframePicture) -> NDArray[np.float32] | None:
    """Where a keyframe is learnt from, float32 [H, W] 0..1; None for everywhere.

    Not where it is painted: that goes past the network, which sees what it restores by itself there, and
    would learn to stay as it is.
    """
    if keyframe.painted is None:
        return keyframe.matte
    is_free = 1 - cv2.dilate(keyframe.painted, np.ones((_BESIDE_PAINTED, _BESIDE_PAINTED), np.uint8))
    return np.asarray(is_free if keyframe.matte is None else is_free * keyframe.matte, np.float32)
