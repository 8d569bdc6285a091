"""Keyframes nobody asked for are not made where the model sees as much without them.

`adaptive` without a budget decides by itself how many keyframes there are. Of a clean source an image model
makes no better ones than what `lite` restores by itself (three clips, x4: 30.8 dB and LPIPS 0.186 without
keyframes, 30.0 dB and 0.185 with those of `crisp`), and a frame under keyframes takes twice the time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bridge.settings import UpscaleSettings
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.jobs.plan import JobPlan
from sparkvsr_engine.jobs.planning import NAMED
from sparkvsr_engine.models.base import FrameReader
from sparkvsr_engine.models.registry import Planner


def spare_keyframes(
    plan: JobPlan, settings: UpscaleSettings, planner: Planner, read: Callable[[FrameSpan], FrameReader]
) -> tuple[JobPlan, str]:
    """The plan without keyframes that would add nothing, and a sentence that says so, empty where all stay.

    read: gives the frames of a shot. Raises what reading raises.
    """
    if settings.policy.name != "adaptive" or settings.policy.budget or settings.isr:
        return plan, ""
    made = [key for key in plan.keyframes if not key.image and key.reason != NAMED]
    shots = [shot for shot in plan.shots if any(key.frame in shot for key in made)]
    clean = clean_shots(shots, plan.geometry, plan.damage, planner, read)
    needless = {key.frame for key in made if any(key.frame in shot for shot in clean)}
    if not needless:
        return plan, ""
    kept = tuple(key for key in plan.keyframes if key.frame not in needless)
    return replace(plan, keyframes=kept), _told(len(clean), len(plan.shots), plan.damage is not None)


def clean_shots(
    shots: Sequence[FrameSpan],
    geometry: Geometry,
    damage: float | None,
    planner: Planner,
    read: Callable[[FrameSpan], FrameReader],
) -> list[FrameSpan]:
    """The shots of which keyframes made of their own frames would add nothing.

    damage: what was said of the source. Raises ModelMissing, and what reading raises.
    """
    return [shot for shot in shots if planner.sees_enough(read(shot), geometry, damage)]


def _told(clean: int, shots: int, was_said: bool) -> str:
    seems = "counts as" if was_said else "looks"
    where, there = ("", "") if clean == shots else (f" in {clean} of its {shots} shots", " there")
    return (
        f"The source {seems} clean{where}: the model restores it as well alone as with keyframes made of it,"
        f" so none were made{there}; ask for a number of them (adaptive:3) to have them all the same."
    )
