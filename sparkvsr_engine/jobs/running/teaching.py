"""What a job learns of its shots: taken from the cache, or learnt now and kept there.

Not here: which shots are learnt, and under which keys (`learning_plan`).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.jobs.plans.footage import ShotFrames
from sparkvsr_engine.jobs.plans.learning_plan import digest_of_looks, shot_key
from sparkvsr_engine.jobs.plans.plan import JobPlan, PlannedKeyframe, PlannedLearning, ShotLesson
from sparkvsr_engine.jobs.plans.session import JobInputs
from sparkvsr_engine.models.base import KeyframePicture, LearningRestorer
from sparkvsr_engine.models.learnt import LearningBudget, Learnt
from sparkvsr_engine.models.registry import open_planner
from sparkvsr_engine.storage.bounded_dict import BoundedDict
from sparkvsr_engine.storage.disk_cache import DiskCache

log = logging.getLogger(__name__)

KIND = "learnt"
_SUFFIX, _LATEST = ".safetensors", ".latest"
# Of 1.3 MB each; the cache on disk has the rest.
_SHOTS_AT_HAND = 8


class ShotTeacher:
    """Teaches the shots of one job. folder: for states of learning that is not done yet.

    control: checked at every step; gets the progress.
    """

    def __init__(self, config: EngineConfig, folder: Path, control: Control) -> None:
        self._config = config
        self._cache = DiskCache(config.cache_folder, config.cache_budget_bytes)
        self._folder = folder
        self._control = control
        self._learnt: BoundedDict[str, Learnt] = BoundedDict(_SHOTS_AT_HAND)

    def learnt(self, session: JobInputs, plan: JobPlan, lesson: ShotLesson) -> Learnt:
        """What is learnt of a shot; raises ModelMissing, and what keyframes, reading and control raise.

        Args:
            session: the job's inputs.
            plan: the job's plan.
            lesson: which frames, for how long.
        """
        restorer = session.restorer()
        assert isinstance(restorer, LearningRestorer)

        def make() -> Learnt:
            return self._cached(restorer, lesson.key) or self._learn(session, restorer, plan, lesson)

        return self._learnt.get_or_make(lesson.key, make)

    def _cached(self, restorer: LearningRestorer, key: str) -> Learnt | None:
        content = self._cache.read(KIND, key, _SUFFIX)
        if content is None:
            return None
        try:
            return restorer.read_learnt(content)
        except ModelMissing as error:
            log.warning("what was learnt under %s is damaged (%s) and is learnt again", key, error)
            self._cache.drop(KIND, key, _SUFFIX)
            return None

    def _learn(
        self, session: JobInputs, restorer: LearningRestorer, plan: JobPlan, lesson: ShotLesson
    ) -> Learnt:
        assert plan.learning is not None
        near = [earlier for earlier in plan.learning.lessons if earlier.key == lesson.near]
        begun = self.learnt(session, plan, near[0]).content if lesson.near else None
        budget = self._budget(session.checked.spec.settings.model, plan, plan.learning)
        planned = {keyframe.frame: keyframe for keyframe in lesson.keyframes}
        state = self._folder / f"{lesson.key}.state"
        learnt = restorer.learn(
            ShotFrames(session.footage, lesson.shot),
            plan.geometry,
            session.shot_settings(plan, begun),
            sorted(planned),
            lambda frame: _keyframe_picture(session, planned[frame]),
            budget,
            state,
            lambda done, total, gain: self._report_step(lesson, done, total, gain),
        )
        self._cache.write(KIND, lesson.key, _SUFFIX, learnt.content)
        self._cache.write(KIND, shot_key(plan, lesson.shot), _LATEST, lesson.key.encode())
        state.unlink(missing_ok=True)
        return learnt

    def _report_step(self, lesson: ShotLesson, done: int, total: int, gain: float) -> None:
        self._control.check()
        gain_text = f" (error on held-out parts {100 * gain:.0f} % lower)" if gain else ""
        phase = f"learning frames {lesson.shot.first}-{lesson.shot.last}{gain_text}, step"
        self._control.progress(phase, done, total)

    def _budget(self, model: str, plan: JobPlan, learning: PlannedLearning) -> LearningBudget:
        folder = self._config.models_folder / "metrics"
        planner = open_planner(model, self._config.models_folder, plan.options)
        budget = planner.learning_budget(plan.geometry, None, folder)
        if budget is None or budget.identity != learning.identity:
            raise ModelMissing(
                "This version learns shots in another way than the one that planned the job, whose lesson has"
                " left the cache; use 'sparkvsr revise --learn again'."
            )
        looks = budget.looks if learning.looks else ()
        _require_same_looks(learning, looks, folder)
        return LearningBudget(learning.steps, learning.stops_early, learning.seed, looks, learning.identity)


def _require_same_looks(learning: PlannedLearning, looks: Sequence[Path], folder: Path) -> None:
    if learning.looks and digest_of_looks(looks) != learning.looks:
        raise ModelMissing(
            f"The learned loss in {folder} is not what the job was planned with; run 'sparkvsr models fetch"
            " metrics', or start a new job."
        )


def with_latest_lessons(config: EngineConfig, plan: JobPlan) -> JobPlan:
    """A preview's plan with lessons that were learnt: of its keyframes, or of the shot's before an edit."""
    if plan.learning is None:
        return plan
    cache = DiskCache(config.cache_folder, config.cache_budget_bytes)
    lessons: list[ShotLesson] = []
    for lesson in plan.learning.lessons:
        latest = cache.read(KIND, shot_key(plan, lesson.shot), _LATEST)
        keys = (lesson.key, *(() if latest is None else (latest.decode(),)))
        key = next((key for key in keys if cache.path(KIND, key, _SUFFIX).is_file()), None)
        if key is not None:
            lessons.append(replace(lesson, key=key))
    return replace(plan, learning=replace(plan.learning, lessons=tuple(lessons)))


def read_lesson(config: EngineConfig, key: str) -> bytes:
    """What was learnt under a key; raises ModelMissing where the cache let it go meanwhile."""
    content = DiskCache(config.cache_folder, config.cache_budget_bytes).read(KIND, key, _SUFFIX)
    if content is None:
        raise ModelMissing("What was learnt of the shot has just left the cache; ask for the preview again.")
    return content


def lesson_path(cache: Path, key: str) -> Path:
    """Where what was learnt under a key lies in a cache's folder."""
    return DiskCache(cache, 0).path(KIND, key, _SUFFIX)


def learnt_note(lesson: ShotLesson, learnt: Learnt) -> str:
    """One sentence on what came of it."""
    frames = f"{lesson.shot.first}-{lesson.shot.last}"
    if learnt.reason:
        return (
            f"Frames {frames} were not learnt from their keyframes, so the weights that ship are used:"
            f" {learnt.reason}."
        )
    if not learnt.gain:
        return (
            f"Learning frames {frames} from their keyframes did not improve held-out parts of them enough, so"
            " the weights that ship are used."
        )
    begun = ", begun from a shot before" if learnt.begun_near else ""
    return (
        f"Frames {frames} were learnt from their keyframes{begun}: on held-out parts the error is"
        f" {100 * learnt.gain:.0f} % lower after {learnt.step} of {learnt.steps} steps."
    )


def _keyframe_picture(session: JobInputs, planned: PlannedKeyframe) -> KeyframePicture:
    """A keyframe as it counts: where its matte allows, and no more than its strength."""
    matte = session.matte(planned)
    picture = session.keyframe(planned)
    strength = min(1.0, planned.strength)
    if matte is None and strength == 1.0:
        return picture
    height, width = picture.pixels.shape[:2]
    return replace(
        picture,
        matte=strength * matte if matte is not None else np.full((height, width), strength, np.float32),
    )
