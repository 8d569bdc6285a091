"""What a revision changes: request, target, keyframes and plan of a job's next version, all of it here.

What the revision does not name stays as it was settled, so that its frames are reused. What a request's own
fields become is `Revision.settings_after` and `target_after`, which clients can ask too.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sparkvsr_bridge.errors import InvalidSettings, StateConflict
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.messages import JobReport
from sparkvsr_bridge.settings import JobSpec, Keyframe, OutputTarget, Revision
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.jobs.intake import OpenImage, adopt_keyframes, check_request
from sparkvsr_engine.jobs.plans.checked import CheckedRequest
from sparkvsr_engine.jobs.plans.chunks import shot_chunks, with_finished_pieces
from sparkvsr_engine.jobs.plans.learning_plan import with_learning
from sparkvsr_engine.jobs.plans.plan import JobPlan, PlannedKeyframe
from sparkvsr_engine.jobs.plans.planning import (
    NAMED,
    KeyframeIdentities,
    is_same_source,
    renew_plan,
    used_damage,
)
from sparkvsr_engine.jobs.storage.records import JobVersion
from sparkvsr_engine.jobs.storage.store import JobStore
from sparkvsr_engine.models.base import Planner
from sparkvsr_engine.models.registry import open_planner
from sparkvsr_engine.references.named_colour import require_pictures, with_stated_colours


@dataclass(frozen=True)
class Revised:
    """A settled revision: its request, its plan as it is stored, and what of it is there already."""

    spec: JobSpec
    plan: dict[str, Any]
    frames_total: int
    frames_reused: int

    def with_counts(self, report: JobReport) -> JobReport:
        """The report with what will be reused and rendered, before any work starts."""
        return replace(
            report,
            frames_total=self.frames_total,
            frames_reused=self.frames_reused,
            frames_rendered=self.frames_total - self.frames_reused,
        )


def _without_plan(before: JobVersion) -> StateConflict:
    if before.state in ("failed", "cancelled"):
        return StateConflict(
            f"Job {before.job} ended before it settled its keyframes, so there is nothing to revise;"
            " submit the request again with what is to change."
        )
    return StateConflict(f"Job {before.job} has not settled its keyframes yet; revise it once it renders.")


def check_revision(
    config: EngineConfig, before: JobVersion, revision: Revision, open_image: OpenImage | None
) -> Revised:
    """Settle the next version of a job against the plan of the one before.

    Args:
        config: the engine's folders and limits.
        before: the version before.
        revision: what changes.
        open_image: opens pictures that came with the request; None where all are files.

    Raises:
        StateConflict: when that one has no plan yet.
    """
    if before.plan is None:
        raise _without_plan(before)
    plan = JobPlan.from_dict(before.plan)
    folder = config.jobs_folder / before.job
    named = with_stated_colours(revision.set_keyframes)
    adopted = adopt_keyframes(named, folder / "keyframes", plan.geometry, open_image)
    revision = replace(revision, set_keyframes=adopted)
    spec = revised_spec(before, revision)
    checked = check_request(config, spec, config.work_folder(before.job, before.version + 1))
    fresh = revise_plan(config, plan, checked, revision)
    planner = open_planner(spec.settings.model, config.models_folder, fresh.options)
    with contextlib.closing(JobStore(config.database)) as store:
        if fresh.span != plan.span or fresh.pieces:
            fresh = with_finished_pieces(planner, fresh, store.earlier_chunks(before.job))
        reused = _reused_frames(store, planner, fresh)
    return Revised(spec, fresh.to_dict(), len(fresh.span), reused)


def _reused_frames(store: JobStore, planner: Planner, plan: JobPlan) -> int:
    chunks = (chunk for shot in shot_chunks(planner, plan) for chunk in shot.chunks)
    return sum(len(c.span) for c in chunks if _is_there(store, plan.chunk_key(c), c.span.start))


def revise_plan(config: EngineConfig, plan: JobPlan, checked: CheckedRequest, revision: Revision) -> JobPlan:
    """The plan of the next version: what the revision does not name stays as it was settled.

    Args:
        config: the engine's folders and limits.
        plan: of the version before.
        checked: the revised request.
        revision: what changes.

    Raises:
        InvalidSettings: for dropping a keyframe that is not there, or a colour space without a picture.
    """
    info, settings = checked.info, checked.spec.settings
    plan = renew_plan(config, plan, checked)
    keyframes = {keyframe.frame: keyframe for keyframe in plan.keyframes}
    for frame in revision.drop_keyframes:
        if keyframes.pop(frame, None) is None:
            raise InvalidSettings(f"Frame {frame} is no keyframe of this job; 'sparkvsr status' lists them.")
    planner = open_planner(settings.model, config.models_folder, plan.options)
    identities = KeyframeIdentities(config, checked, plan.geometry)
    for keyframe in revision.set_keyframes:
        before = keyframes.get(keyframe.frame)
        keyframes[keyframe.frame] = revised_keyframe(identities, before, keyframe)
    # Of frames nobody looked at yet nothing is known to be as it was.
    is_wider = plan.seen is None or info.span.intersection(plan.seen) != info.span
    revised = replace(
        plan,
        source=info.identity if is_wider and is_same_source(plan, info) else plan.source,
        span=info.span,
        # Those outside a narrower range still count inside it, as they did before.
        keyframes=tuple(keyframes[frame] for frame in sorted(keyframes)),
        guidance=settings.guidance,
        damage=used_damage(planner, settings, plan.geometry),
        on_damage=settings.on_damage,
        reading=info.reading,
    )
    if revision.learn is not None or revised.common() != plan.common():
        # Of another picture nothing is to be kept.
        revised = replace(revised, learning=None)
    return with_learning(revised, settings, planner, config.models_folder)


def revised_keyframe(
    identities: KeyframeIdentities, before: PlannedKeyframe | None, keyframe: Keyframe
) -> PlannedKeyframe:
    """A keyframe that is set anew; without an image it keeps the one it had, so that strength can be moved.

    Args:
        identities: give keyframes the names of their content.
        before: the keyframe of the same frame, None where there was none.
        keyframe: of the revision.

    Raises:
        InvalidSettings: for a colour space without a picture.
    """
    if before is None or keyframe.image is not None or not before.image:
        require_pictures([keyframe])
    fresh = identities.planned(keyframe, NAMED)
    if before is None or keyframe.image is not None:
        return fresh
    if keyframe.colour not in ("", before.colour):
        before = identities.recoloured(before, keyframe.colour)
    matte = keyframe.matte.path if keyframe.matte else before.matte
    return replace(identities.rematted(before, matte), strength=keyframe.strength)


def revised_spec(before: JobVersion, revision: Revision) -> JobSpec:
    """The request of the next version."""
    spec = before.spec
    # A sequence that has grown meanwhile makes no longer version of itself.
    planned = JobPlan.from_dict(before.plan).span if before.plan else None
    unchanged = {
        keyframe.frame: keyframe
        for keyframe in spec.keyframes
        if keyframe.frame not in revision.drop_keyframes
    }
    source = replace(
        spec.source,
        first_frame=_chosen(
            revision.first_frame, spec.source.first_frame, planned.first if planned else None
        ),
        last_frame=_chosen(revision.last_frame, spec.source.last_frame, planned.last if planned else None),
    )
    output = revision.target_after(versioned_target(spec.output, before.version + 1))
    # Of the keyframes there were, those outside a narrower range are the plan's affair alone; new ones must
    # lie inside.
    unchanged = {at: keyframe for at, keyframe in unchanged.items() if _is_within(at, source)}
    unchanged |= {keyframe.frame: keyframe for keyframe in revision.set_keyframes}
    return replace(
        spec,
        source=source,
        settings=revision.settings_after(spec.settings),
        output=output,
        keyframes=tuple(unchanged[frame] for frame in sorted(unchanged)),
    )


def _chosen(*frames: int | None) -> int | None:
    """The first that is named."""
    return next((frame for frame in frames if frame is not None), None)


def _is_within(frame: int, source: SourceMedia) -> bool:
    first, last = source.first_frame, source.last_frame
    return (first is None or frame >= first) and (last is None or frame <= last)


def versioned_target(target: OutputTarget, version: int) -> OutputTarget:
    """Beside the version before: `shot_v002.mp4`, `frames_v002/%04d.png`."""
    path = Path(target.path)
    is_numbered = "%" in path.name or "#" in path.name
    name = path.parent.name if is_numbered else path.stem
    stem, mark, digits = name.rpartition("_v")
    base = stem if mark and digits.isdigit() else name
    fresh = f"{base}_v{version:03d}"
    if is_numbered:
        return replace(target, path=str(path.parent.with_name(fresh) / path.name))
    return replace(target, path=str(path.with_name(fresh + path.suffix)))


def _is_there(store: JobStore, key: str, start: int) -> bool:
    return any(
        chunk.span.start == start and all(file.is_intact() for file in chunk.files)
        for chunk in store.chunks_of_key(key)
    )
