"""A job rendered in this process, without the daemon: same store, same runner, same result.

The same request sent again goes on with the job that an earlier process began and did not end, as farms do.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from sparkvsr_bridge.errors import JobCancelled, SparkVSRError
from sparkvsr_bridge.messages import JobProgress, JobReport
from sparkvsr_bridge.pictures import open_image
from sparkvsr_bridge.records import Record
from sparkvsr_bridge.reports import ErrorReport
from sparkvsr_bridge.settings import JobSpec
from sparkvsr_bridge.system.locks import FileLock, holding
from sparkvsr_engine.config import EngineConfig, load_config
from sparkvsr_engine.daemon.schedule import Schedule
from sparkvsr_engine.errors import translate
from sparkvsr_engine.jobs.control import JobControl
from sparkvsr_engine.jobs.intake import check_submission
from sparkvsr_engine.jobs.kernels import prepare_kernels
from sparkvsr_engine.jobs.plans.session import RestorerPool
from sparkvsr_engine.jobs.running.runner import JobRunner, RunContext
from sparkvsr_engine.jobs.storage.records import JobVersion
from sparkvsr_engine.jobs.storage.store import JobStore
from sparkvsr_engine.jobs.unfinished import find_unfinished

Observe = Callable[[Record], None]


@dataclass(frozen=True)
class Started:
    """A job that begins to render: new, or the one an earlier process left."""

    report: JobReport
    is_resumed: bool


def render_in_process(
    spec: JobSpec, observe: Observe = lambda _: None, on_start: Callable[[Started], None] = lambda _: None
) -> JobReport:
    """Render a job to its end, or on from where an earlier process was ended.

    Args:
        spec: the request.
        observe: gets the events a client of the daemon would: JobProgress, FramesFinished, JobWarning.
        on_start: called once, when the request is accepted.

    Returns:
        The finished job's report.

    Raises:
        JobCancelled: after Ctrl-C; finished frames are kept.
        SparkVSRError: the job's own error.
    """
    config = load_config()
    config.make_folders()
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(contextlib.closing(JobStore(config.database)))
        unfinished = _unfinished(config, store, spec, stack)
        version = unfinished or _submitted(config, store, spec, stack)
        on_start(Started(Schedule(store, 1).report(version), is_resumed=unfinished is not None))
        return _rendered(config, store, version, observe)


def _unfinished(
    config: EngineConfig, store: JobStore, spec: JobSpec, stack: contextlib.ExitStack
) -> JobVersion | None:
    """The job that an earlier process of this request left; None where there is none, or one renders it."""
    version = find_unfinished(config, store, spec)
    if version is None or not stack.enter_context(holding(_lock_of(config, version.job), 0.0)):
        return None
    store.set_state(version.job, version.version, "paused")
    return store.version(version.job, version.version)


def _submitted(
    config: EngineConfig, store: JobStore, spec: JobSpec, stack: contextlib.ExitStack
) -> JobVersion:
    """A new job."""
    job = uuid.uuid4().hex[:10]
    checked = check_submission(config, job, spec, lambda picture: open_image(picture, (), None))
    (config.jobs_folder / job).mkdir(parents=True, exist_ok=True)
    stack.enter_context(holding(_lock_of(config, job), 0.0))
    # An engine that runs or starts meanwhile renders what is queued or was left running, nothing paused.
    return store.add_version(job, checked, state="paused")


def _lock_of(config: EngineConfig, job: str) -> FileLock:
    """Held while a process renders the job itself; the system takes it back when that is killed."""
    return FileLock(config.jobs_folder / job / "in_process.lock")


def _rendered(config: EngineConfig, store: JobStore, version: JobVersion, observe: Observe) -> JobReport:
    job, schedule = version.job, Schedule(store, 1)
    prepare_kernels(config.threads)
    pool = RestorerPool(config, version.spec.settings.device)
    events = _Events(store, schedule, version, observe)
    try:
        JobRunner(RunContext(config, store, pool, JobControl(), events), version).run()
    except KeyboardInterrupt:
        store.set_state(job, version.version, "cancelled")
        raise JobCancelled(f"Job {job} was cancelled; 'sparkvsr resume {job}' goes on.") from None
    except Exception as problem:
        error: SparkVSRError = translate(problem)
        store.set_state(job, version.version, "failed", ErrorReport.of(error))
        raise error from problem
    finally:
        pool.close()
    store.set_state(job, version.version, "finished")
    return schedule.report(store.version(job, version.version))


class _Events:
    """Passes on what the runner reports, with all that the store knows of the job."""

    def __init__(self, store: JobStore, schedule: Schedule, version: JobVersion, observe: Observe) -> None:
        self._store = store
        self._schedule = schedule
        self._version = version
        self._observe = observe

    def __call__(self, event: Record) -> None:
        if isinstance(event, JobProgress):
            self._schedule.advanced(event.report)
            stored = self._store.version(self._version.job, self._version.version)
            event = JobProgress(self._schedule.report(replace(stored, state="running")))
        self._observe(event)
