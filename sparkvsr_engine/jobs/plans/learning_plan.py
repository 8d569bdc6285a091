"""Which shots a job learns from their keyframes, settled before anything is rendered.

What is learnt of a shot has a content key of its own, and that key is part of the keys of the shot's frames.
A revision keeps it: what an edit does not touch stays as it was.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sparkvsr_bridge.settings import UpscaleSettings
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.jobs.plans.plan import JobPlan, PlannedKeyframe, PlannedLearning, ShotLesson
from sparkvsr_engine.jobs.storage.digest import digest_of, digest_of_file
from sparkvsr_engine.models.base import Planner
from sparkvsr_engine.models.registry import users_of

# A dialogue's shots alternate, so that the one before is not always of the same view.
NEAR_SHOTS = 3


def with_learning(plan: JobPlan, settings: UpscaleSettings, planner: Planner, models: Path) -> JobPlan:
    """The plan with a lesson for each shot that has keyframes and none yet; as it is where nothing is learnt.

    Args:
        plan: the job's plan.
        settings: the request's settings.
        planner: the restorer's planner.
        models: folder of models, in which the learned loss of looks may lie.
    """
    learning = None if settings.learn == "off" else plan.learning or _planned(plan, settings, planner, models)
    if learning is None:
        return plan
    lessons = {lesson.shot: lesson for lesson in learning.lessons}
    for index, shot in enumerate(plan.shots):
        if shot not in lessons and any(key.strength for key in plan.keyframes_of(shot)):
            lessons[shot] = _lesson(plan, learning, shot, _near(plan.shots[:index], lessons))
    return dataclasses.replace(plan, learning=dataclasses.replace(learning, lessons=tuple(lessons.values())))


def _near(before: Sequence[FrameSpan], lessons: Mapping[FrameSpan, ShotLesson]) -> str:
    """Key of the lesson that a shot's learning may start from, empty for none.

    One that itself starts from the weights that ship: however many shots there are, the first that is asked
    for waits for one lesson beside its own.

    Args:
        before: the shots before it, in order.
        lessons: the lessons so far.
    """
    lessons_before = [lessons[shot] for shot in before[-NEAR_SHOTS:] if shot in lessons]
    return next((lesson.key for lesson in reversed(lessons_before) if not lesson.near), "")


def shot_key(plan: JobPlan, shot: FrameSpan) -> str:
    """Key of a shot whatever its keyframes: under it lies which of its lessons was learnt last."""
    learning = plan.learning
    assert learning is not None
    return digest_of("latest lesson", **plan.common(), shot=[shot.start, shot.stop], **_way_of(learning))


def _planned(
    plan: JobPlan, settings: UpscaleSettings, planner: Planner, models: Path
) -> PlannedLearning | None:
    """How shots are learnt, without a lesson yet; None where the restorer learns none."""
    seconds = settings.learn_seconds if settings.learn == "budget" else None
    budget = planner.learning_budget(plan.geometry, seconds, models / "metrics")
    if budget is None:
        return None
    looks = digest_of_looks(budget.looks)
    return PlannedLearning(budget.identity, budget.steps, budget.stops_early, settings.seed, looks, ())


def digest_of_looks(files: Sequence[Path]) -> str:
    """Of the weights of all learned losses of looks, empty for none."""
    return "".join(digest_of_file(file) for file in files)


def _lesson(plan: JobPlan, learning: PlannedLearning, shot: FrameSpan, near: str) -> ShotLesson:
    keyframes = tuple(key for key in plan.keyframes_of(shot) if key.strength)
    key = digest_of(
        "learnt",
        **plan.common(),
        shot=[shot.start, shot.stop],
        keyframes=[_content_of(key) for key in keyframes],
        **({"near": near} if near else {}),
        **_way_of(learning),
    )
    return ShotLesson(shot, keyframes, key, near)


def _content_of(keyframe: PlannedKeyframe) -> list[Any]:
    return [keyframe.frame, keyframe.digest, keyframe.matte_digest, keyframe.strength]


def _way_of(learning: PlannedLearning) -> Mapping[str, Any]:
    return {
        "way": learning.identity,
        "steps": learning.steps,
        "stops_early": learning.stops_early,
        "draws": learning.seed,
        "looks": learning.looks,
    }


def unlearnt_sentence(settings: UpscaleSettings, plan: JobPlan) -> str:
    """Warnings about learning that has no effect, before a frame is rendered; empty for nothing."""
    if settings.learn == "off":
        return ""
    if plan.learning is None:
        return (
            f"The model {settings.model} learns no shots at this size, so its weights are used as they are;"
            f" shots are learnt by {users_of('learn') or 'no model'}."
        )
    if not plan.learning.lessons:
        return "No shot has a keyframe to learn from, so the weights that ship are used; name keyframes."
    return ""
