"""What is looked at before a request is stored, on a helper thread: files, formats, plans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bridge.errors import StateConflict
from bridge.media import ImageRef, SourceMedia
from bridge.messages import JobReport
from bridge.settings import JobSpec, OutputTarget, Revision
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.jobs.intake import adopt_keyframes, adopt_revision, check_request
from sparkvsr_engine.jobs.plans.plan import JobPlan
from sparkvsr_engine.jobs.plans.planning import revise_plan, shot_chunks
from sparkvsr_engine.jobs.plans.session import Looked
from sparkvsr_engine.jobs.storage.claims import require_unclaimed
from sparkvsr_engine.jobs.storage.store import JobStore, JobVersion
from sparkvsr_engine.models.registry import open_planner
from sparkvsr_engine.references.named_colour import require_pictures, with_stated_colours

Opener = Callable[[ImageRef], Any]


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


def check_submission(config: EngineConfig, job: str, spec: JobSpec, opener: Opener) -> JobSpec:
    """The request as it will be stored, its keyframes' pictures in the job's folder."""
    folder = config.jobs_folder / job
    spec = replace(spec, keyframes=with_stated_colours(spec.keyframes))
    require_pictures(spec.keyframes)
    looked = check_request(config, spec, folder / "v001")
    _require_unclaimed(config, looked)
    keyframes = adopt_keyframes(spec.keyframes, folder / "keyframes", looked.geometry, opener)
    return replace(spec, keyframes=keyframes)


def check_revision(config: EngineConfig, before: JobVersion, revision: Revision, opener: Opener) -> Revised:
    """Settle the next version of a job against the plan of the one before.

    Raises StateConflict when that one has no plan yet.
    """
    if before.plan is None:
        if before.state in ("failed", "cancelled"):
            raise StateConflict(
                f"Job {before.job} ended before it settled its keyframes, so there is nothing to revise;"
                " submit the request again with what is to change."
            )
        raise StateConflict(f"Job {before.job} has not settled its keyframes yet; revise it once it renders.")
    plan = JobPlan.from_dict(before.plan)
    folder = config.jobs_folder / before.job
    revision = replace(revision, set_keyframes=with_stated_colours(revision.set_keyframes))
    revision = adopt_revision(revision, folder / "keyframes", plan.geometry, opener)
    spec = revised_spec(before, revision)
    looked = check_request(config, spec, folder / f"v{before.version + 1:03d}")
    _require_unclaimed(config, looked)
    output = looked.output
    fresh = revise_plan(config, plan, spec, revision, looked.info, output.identity, output.colour.identity)
    planner = open_planner(spec.settings.model, config.models_folder, fresh.options)
    store = JobStore(config.database)
    try:
        reused = sum(
            len(chunk.span)
            for shot in shot_chunks(planner, fresh)
            for chunk in shot.chunks
            if _is_there(store, fresh.chunk_key(chunk), chunk.span.start)
        )
    finally:
        store.close()
    return Revised(spec, fresh.to_dict(), len(fresh.span), reused)


def revised_spec(before: JobVersion, revision: Revision) -> JobSpec:
    """The request of the next version."""
    spec = before.spec
    # A sequence that has grown meanwhile makes no longer version of itself.
    planned = JobPlan.from_dict(before.plan).span if before.plan else None
    kept = {
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
    kept = {at: keyframe for at, keyframe in kept.items() if _is_within(at, source)}
    kept |= {keyframe.frame: keyframe for keyframe in revision.set_keyframes}
    return replace(
        spec,
        source=source,
        settings=revision.settings_after(spec.settings),
        output=output,
        keyframes=tuple(kept[frame] for frame in sorted(kept)),
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


def _require_unclaimed(config: EngineConfig, looked: Looked) -> None:
    store = JobStore(config.database)
    try:
        require_unclaimed(store, looked.output, looked.spec)
    finally:
        store.close()


def _is_there(store: JobStore, key: str, start: int) -> bool:
    return any(
        chunk.span.start == start and all(file.is_intact() for file in chunk.files)
        for chunk in store.chunks_of_key(key)
    )
