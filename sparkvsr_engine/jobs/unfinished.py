"""The job that a repeated request began before: a farm sends the same command again when a machine failed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sparkvsr_bridge.media import ImageRef
from sparkvsr_bridge.settings import JobSpec, Keyframe
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.jobs.devices import planner_on_device
from sparkvsr_engine.jobs.intake import adopted_name
from sparkvsr_engine.jobs.plans.checked import check_source
from sparkvsr_engine.jobs.plans.plan import JobPlan
from sparkvsr_engine.jobs.plans.planning import is_same_source
from sparkvsr_engine.jobs.storage.digest import digest_of_file
from sparkvsr_engine.jobs.storage.records import JobVersion
from sparkvsr_engine.jobs.storage.store import JobStore
from sparkvsr_engine.jobs.stream_keyframes import takes_stream_keyframes, without_stream_keyframes

# One that an engine has in hand is `queued` or `running`.
_STATES = ("paused", "failed", "cancelled")


def find_unfinished(config: EngineConfig, store: JobStore, spec: JobSpec) -> JobVersion | None:
    """The newest job of the same request that did not end and can go on; None where there is none.

    Keyframes' pictures are compared by content. What a job settled on (source, how frames are written, model)
    must still hold, else its frames would not fit to new ones. Raises what looking at a source raises.

    Args:
        config: the engine's folders and limits.
        store: the engine's jobs.
        spec: the request.
    """
    comparable = _comparable(spec)
    if comparable is None:
        return None
    for version in reversed(store.in_states(_STATES)):
        if version.version == 1 and _is_alike(comparable, version.spec):
            if _still_holds(config, version):
                return version
            return None
    return None


def _is_alike(request: JobSpec, stored: JobSpec) -> bool:
    """Whether a stored request is this one. Keyframes that its source brought were not in it when it came."""
    sent = without_stream_keyframes(stored)
    if sent is not stored and takes_stream_keyframes(request.settings):
        request = replace(request, settings=replace(request.settings, policy=stored.settings.policy))
    return _comparable(sent, is_stored=True) == request


def _still_holds(config: EngineConfig, version: JobVersion) -> bool:
    if version.plan is None:
        return True
    plan = JobPlan.from_dict(version.plan)
    checked = check_source(version.spec, config.work_folder(version.job, version.version))
    planner = planner_on_device(config, version.spec.settings, plan.options)
    return (
        is_same_source(plan, checked.info)
        and plan.sink == checked.output.identity
        and plan.model == planner.traits.identity
    )


def _comparable(spec: JobSpec, is_stored: bool = False) -> JobSpec | None:
    """The request with its keyframes' pictures as names of their content; None where one is not there."""
    try:
        return replace(
            spec, keyframes=tuple(_named_by_content(keyframe, is_stored) for keyframe in spec.keyframes)
        )
    except OSError:
        return None


def _named_by_content(keyframe: Keyframe, is_stored: bool) -> Keyframe:
    def name(picture: ImageRef | None) -> ImageRef | None:
        if picture is None or not picture.path:
            return picture
        path = Path(picture.path)
        # A job's own copy has its content's digest in its name.
        stored_name = path.name if is_stored else adopted_name(keyframe.frame, path, digest_of_file(path))
        return ImageRef(path=stored_name)

    return replace(keyframe, image=name(keyframe.image), matte=name(keyframe.matte))
