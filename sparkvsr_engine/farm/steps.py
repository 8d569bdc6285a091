"""The three steps of a bundle, each a process of its own on any host: prepare, render a part, join.

Each may be killed and started again and goes on behind the last finished chunk.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from sparkvsr_bridge.errors import InvalidSettings, JobFailed, SourceChanged, StateConflict
from sparkvsr_bridge.records import Record
from sparkvsr_bridge.settings import JobSpec
from sparkvsr_bridge.system.locks import FileLock, holding
from sparkvsr_engine.config import EngineConfig, load_config
from sparkvsr_engine.core.frames import FrameSpan, spans_of
from sparkvsr_engine.farm.chunk_records import restore_records, write_record
from sparkvsr_engine.farm.folder import BundleFolder, BundleRequest, read_request, write_json
from sparkvsr_engine.jobs.control import JobControl
from sparkvsr_engine.jobs.devices import planner_on_device
from sparkvsr_engine.jobs.kernels import prepare_kernels
from sparkvsr_engine.jobs.plans.chunks import shot_chunks
from sparkvsr_engine.jobs.plans.plan import JobPlan, placed_pictures
from sparkvsr_engine.jobs.plans.session import RestorerPool
from sparkvsr_engine.jobs.running.part import JobPart
from sparkvsr_engine.jobs.running.runner import JobRunner, RunContext
from sparkvsr_engine.jobs.storage.part_store import part_store
from sparkvsr_engine.jobs.storage.records import JobVersion
from sparkvsr_engine.jobs.storage.store import JobStore
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.probe import probe

Observe = Callable[[Record], None]

_MOST_RANGES = 5


@dataclass(frozen=True)
class HostPaths:
    """Where a host sees a bundle and what it works on.

    Attributes:
        bundle: the folder of the bundle.
        source: its movie or the folder of its numbered files; empty for the path the bundle was made with.
        target_folder: the folder of the result; empty likewise.
    """

    bundle: Path
    source: str = ""
    target_folder: str = ""


@dataclass(frozen=True)
class Prepared:
    """What the first step settled on, for all hosts.

    Attributes:
        plan: the job's plan.
        kept: frames of the target that were there before the job, and are kept.
        source: of the source's names and sizes, which are the same wherever a host sees it.
    """

    plan: JobPlan
    kept: tuple[int, ...]
    source: str


def prepare(paths: HostPaths, observe: Observe) -> Prepared:
    """Look at the source, settle the plan, make keyframes, learn shots.

    Done before, it only checks that the source is still the same.

    Raises:
        SourceChanged: the source is not the one that was prepared.
        SparkVSRError: what a job of this request raises before it renders.
    """
    step = _Step(paths)
    with _only_one(step.folder.locks / "prepare.lock", "prepares this bundle"):
        if step.folder.plan.is_file():
            return step.prepared()
        with step.running(None, observe) as (runner, store, version):
            runner.run(JobPart(renders=False, finishes=False, keeps_cache=False))
            stored = store.version(version.job, version.version).plan
            assert stored is not None
            kept = store.keep_frames(version.job, version.version, ())
        prepared = Prepared(JobPlan.from_dict(stored), tuple(sorted(kept)), portable_identity(step.info()))
        write_json(step.folder.plan, {"plan": stored, "kept": list(prepared.kept), "source": prepared.source})
    return prepared


def render(paths: HostPaths, frames: FrameSpan, observe: Observe) -> None:
    """Render the chunks that begin among these frames and are not there yet.

    Args:
        paths: the bundle, and where source and target are on this host.
        frames: the task's frames.
        observe: gets the events of a job.

    Raises:
        InvalidSettings: the bundle is not prepared, or this host has another version of the model.
        StateConflict: another process of this host's storage renders these frames.
        SourceChanged: this host's source is not the one that was prepared.
        SparkVSRError: what ends a job.
    """
    step = _Step(paths)
    prepared = step.prepared()
    part = JobPart(frames, finishes=False, keeps_cache=False, source=prepared.plan.source)
    lock = step.folder.locks / f"render-{frames.first}.lock"
    with (
        _only_one(lock, f"renders frames {frames.first}-{frames.last}"),
        step.running(prepared, observe, frames) as (runner, _, _),
    ):
        runner.run(part)


def join(paths: HostPaths, observe: Observe) -> JobSpec:
    """Check that every frame is there and make the target of them.

    Returns:
        The request with this host's paths.

    Raises:
        JobFailed: frames are missing.
        SparkVSRError: what finishing a job raises.
    """
    step = _Step(paths)
    prepared = step.prepared()
    part = JobPart(keeps_cache=False, source=prepared.plan.source)
    with (
        _only_one(step.folder.locks / "join.lock", "joins this bundle"),
        step.running(prepared, observe) as (runner, store, version),
    ):
        _require_all(step.config, prepared.plan, store, version)
        runner.run(part)
    return step.spec


class _Step:
    """What every step begins with: the request under this host's paths, an engine's home in the bundle."""

    def __init__(self, paths: HostPaths) -> None:
        self.folder = BundleFolder(paths.bundle.absolute())
        self.request: BundleRequest = read_request(self.folder)
        self.spec = self.request.placed(self.folder, paths.source, paths.target_folder)
        host_config = load_config()
        self.config: EngineConfig = replace(host_config, home=self.folder.work, models_home=host_config.home)

    def info(self) -> ClipInfo:
        """The source as this host sees it."""
        return probe(self.spec.source)

    def prepared(self) -> Prepared:
        """What the first step settled on, checked against this host's source and model."""
        try:
            data: dict[str, Any] = json.loads(self.folder.plan.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InvalidSettings(
                f"{self.folder.path} is not prepared; run 'sparkvsr farm prepare' on it first."
            ) from error
        plan = placed_pictures(JobPlan.from_dict(data["plan"]), self.folder.keyframe)
        prepared = Prepared(plan, tuple(data["kept"]), data["source"])
        if portable_identity(self.info()) != prepared.source:
            raise SourceChanged(
                f"{self.spec.source.path} is not the source this bundle was prepared with; give the host the"
                " same files, or make a new bundle."
            )
        model = self.spec.settings.model
        planner = planner_on_device(self.config, self.spec.settings, prepared.plan.options)
        if planner.traits.identity != prepared.plan.model:
            raise InvalidSettings(
                f"This host has another version of the model {model} than the one that prepared the bundle;"
                " install the same release and models on every host."
            )
        return prepared

    @contextlib.contextmanager
    def running(
        self, prepared: Prepared | None, observe: Observe, frames: FrameSpan | None = None
    ) -> Generator[tuple[JobRunner, JobStore, JobVersion]]:
        """A runner with a store of its own, which knows of the chunks that any host has finished.

        frames: it knows of those that begin among these; None for all.
        """
        target = Path(self.spec.output.path).parent
        config = self.config if prepared is None else replace(self.config, cache_budget_bytes=0)
        config.make_folders()
        prepare_kernels(config.threads)
        with (
            part_store() as store,
            contextlib.closing(RestorerPool(config, self.spec.settings.device)) as pool,
        ):
            plan = None if prepared is None else prepared.plan.to_dict()
            version = store.add_version(self.request.job, self.spec, plan, state="paused")
            if prepared is not None:
                store.keep_frames(version.job, version.version, prepared.kept)
                restore_records(self.folder, store, version, target, frames)
            context = RunContext(config, store, pool, JobControl(), observe)
            if frames is not None:
                context = replace(context, on_chunk=partial(write_record, self.folder, target=target))
            yield JobRunner(context, version), store, version


def portable_identity(info: ClipInfo) -> str:
    """A digest of a source's file names and sizes: the same on every host, however it came there."""
    state = hashlib.sha256()
    files = (
        [Path(info.path)]
        if info.pattern is None
        else [info.pattern.path_of(frame) for frame in info.available]
    )
    for file in files:
        state.update(f"{file.name}\0{file.stat().st_size}\n".encode())
    return state.hexdigest()[:32]


def _require_all(config: EngineConfig, plan: JobPlan, store: JobStore, version: JobVersion) -> None:
    """Raise JobFailed where frames are missing."""
    planner = planner_on_device(config, version.spec.settings, plan.options)
    finished = {chunk.span for chunk in store.chunks(version.job, version.version)}
    planned = {chunk.span for shot in shot_chunks(planner, plan) for chunk in shot.chunks}
    missing = sorted({frame for span in planned - finished for frame in span})
    if missing:
        ranges = [f"{span.first}-{span.last}" for span in spans_of(missing)]
        more = " ..." if len(ranges) > _MOST_RANGES else ""
        raise JobFailed(
            f"{len(missing)} frames are not rendered ({', '.join(ranges[:_MOST_RANGES])}{more}); run the"
            " render tasks of these frames again, then join."
        )


@contextlib.contextmanager
def _only_one(lock: Path, work: str) -> Generator[None]:
    """While no other process does this work; raises StateConflict where one does."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        if not stack.enter_context(holding(FileLock(lock), 0.0)):
            raise StateConflict(f"Another process {work}; wait for it, or end it.")
        yield
