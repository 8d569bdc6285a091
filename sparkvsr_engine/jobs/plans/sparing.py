"""Keyframes nobody asked for are not made where the model sees as much without them.

`adaptive` without a budget decides by itself how many keyframes there are. Where keyframes made of a clean
source add nothing to what a restorer restores by itself, none are made: a frame under keyframes takes longer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sparkvsr_bridge.settings import UpscaleSettings
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.keyframe_choice.keyframes import POLICIES
from sparkvsr_engine.jobs.plans.plan import JobPlan
from sparkvsr_engine.jobs.plans.planning import NAMED
from sparkvsr_engine.models.base import FrameReader, Planner


def spare_keyframes(
    plan: JobPlan, settings: UpscaleSettings, planner: Planner, read: Callable[[FrameSpan], FrameReader]
) -> tuple[JobPlan, str]:
    """The plan without keyframes that would add nothing, and a sentence that says so, empty where all stay.

    Raises what reading raises.

    Args:
        plan: the job's plan.
        settings: the request's settings.
        planner: the restorer's planner.
        read: gives the frames of a shot.
    """
    if not POLICIES[settings.policy.name].drops_needless or settings.policy.budget or settings.isr:
        return plan, ""
    made_frames = [key.frame for key in plan.keyframes if not key.image and key.reason != NAMED]
    clean = clean_shots(planner, plan.shots, made_frames, read, plan.geometry, plan.damage)
    needless = {frame for frame in made_frames if any(frame in shot for shot in clean)}
    if not needless:
        return plan, ""
    remaining = tuple(key for key in plan.keyframes if key.frame not in needless)
    return replace(plan, keyframes=remaining), _sentence_of(len(clean), len(plan.shots), plan.damage)


def clean_shots(
    planner: Planner,
    shots: Sequence[FrameSpan],
    made_frames: Sequence[int],
    read: Callable[[FrameSpan], FrameReader],
    geometry: Geometry,
    damage: float | None,
) -> list[FrameSpan]:
    """The shots with keyframes to be made whose result these would not improve.

    Raises what reading raises.

    Args:
        planner: the restorer's planner.
        shots: frames of each shot.
        made_frames: of the keyframes to be made.
        read: gives the frames of a shot.
        geometry: sizes of the source and of the output.
        damage: how degraded the source is set to be, 0..1; None has it estimated.
    """
    return [
        shot
        for shot in shots
        if any(frame in shot for frame in made_frames)
        and not planner.gains_from_made_keyframes(read(shot), geometry, damage)
    ]


def seen_as_clean(clean: int, shots: int, damage: float | None) -> str:
    """How a sentence about a source with so many clean shots begins.

    Args:
        clean: how many shots look clean.
        shots: how many shots there are.
        damage: what was said of it.
    """
    seems = "looks" if damage is None else "counts as"
    return f"The source {seems} clean" + ("" if clean == shots else f" in {clean} of its {shots} shots")


def _sentence_of(clean: int, shots: int, damage: float | None) -> str:
    seen = seen_as_clean(clean, shots, damage)
    place = "" if clean == shots else " there"
    return (
        f"{seen}, so no keyframes were made{place}: the model restores it as well without them."
        " To make some anyway, use --keyframes adaptive:3."
    )
