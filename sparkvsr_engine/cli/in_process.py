"""A job rendered in this process, without the daemon: same store, same runner, same result.

The same command sent again goes on with the job that an earlier one began and did not end, as farms do.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable
from dataclasses import asdict, replace

from bridge.errors import JobCancelled, SparkVSRError
from bridge.locks import FileLock, holding
from bridge.messages import JobReport
from bridge.records import Record
from bridge.reports import ErrorReport
from bridge.settings import JobSpec
from sparkvsr_engine.cli.console import Console, ProgressBar
from sparkvsr_engine.config import EngineConfig, load_config
from sparkvsr_engine.daemon.checking import check_submission
from sparkvsr_engine.daemon.schedule import Schedule
from sparkvsr_engine.errors import translate
from sparkvsr_engine.jobs.control import JobControl
from sparkvsr_engine.jobs.orders import FramesDone, JobAdvanced, JobWarned
from sparkvsr_engine.jobs.runner import JobRunner, Surroundings
from sparkvsr_engine.jobs.session import RestorerPool
from sparkvsr_engine.jobs.store import JobStore, JobVersion
from sparkvsr_engine.jobs.unfinished import find_unfinished
from sparkvsr_engine.jobs.worker import prepare_kernels


def run_in_process(
    spec: JobSpec, console: Console, show: Callable[[JobReport], None] | None = None
) -> JobReport:
    """Render a job to its end, or on from where an earlier process was ended.

    show: gets its progress instead of a bar of its own. Raises the job's error, JobCancelled after Ctrl-C.
    """
    config = load_config()
    config.make_folders()
    store = JobStore(config.database)
    with contextlib.ExitStack() as stack:
        version = _resumed(config, store, spec, console, stack) or _submitted(
            config, store, spec, console, stack
        )
        report = _run(config, store, version, console, show)
    store.close()
    return report


def _resumed(
    config: EngineConfig, store: JobStore, spec: JobSpec, console: Console, stack: contextlib.ExitStack
) -> JobVersion | None:
    """The job that an earlier process of this request left; None where there is none, or one runs it."""
    version = find_unfinished(config, store, spec)
    if version is None or not stack.enter_context(holding(_lock_of(config, version.job), 0.0)):
        return None
    store.set_state(version.job, version.version, "paused")
    done = store.chunk_counts(version.job, version.version)[1]
    console.note(f"goes on with job {version.job}: {done} frames are there")
    console.event("resumed", job=version.job, version=version.version, frames_done=done)
    return store.version(version.job, version.version)


def _submitted(
    config: EngineConfig, store: JobStore, spec: JobSpec, console: Console, stack: contextlib.ExitStack
) -> JobVersion:
    """A new job."""
    job = uuid.uuid4().hex[:10]
    checked = check_submission(config, job, spec, lambda _: None)
    (config.jobs_folder / job).mkdir(parents=True, exist_ok=True)
    stack.enter_context(holding(_lock_of(config, job), 0.0))
    # An engine that runs or starts meanwhile renders what is queued or was left running, nothing paused.
    version = store.add_version(job, checked, state="paused")
    console.event("submitted", job=job, version=version.version)
    return version


def _lock_of(config: EngineConfig, job: str) -> FileLock:
    """Held while a process renders the job itself; the system takes it back when that is killed."""
    return FileLock(config.jobs_folder / job / "in_process.lock")


def _run(
    config: EngineConfig,
    store: JobStore,
    version: JobVersion,
    console: Console,
    show: Callable[[JobReport], None] | None,
) -> JobReport:
    job, schedule = version.job, Schedule(store, 1)
    prepare_kernels(config.threads)
    pool = RestorerPool(config, version.spec.settings.device)
    with contextlib.ExitStack() as stack:
        shown = show or stack.enter_context(ProgressBar(console)).show

        def hear(report: Record) -> None:
            if isinstance(report, JobAdvanced):
                schedule.advanced(report)
                running = replace(store.version(job, version.version), state="running")
                shown(schedule.report(running))
            elif isinstance(report, FramesDone):
                console.event("frames", **asdict(report))
            elif isinstance(report, JobWarned):
                console.warn(report.message)

        try:
            JobRunner(Surroundings(config, store, pool, JobControl(), hear), version).run()
        except KeyboardInterrupt:
            store.set_state(job, version.version, "cancelled")
            raise JobCancelled(f"Job {job} was cancelled; 'sparkvsr resume {job}' goes on.") from None
        except Exception as problem:
            known: SparkVSRError = translate(problem)
            store.set_state(job, version.version, "failed", ErrorReport.of(known))
            raise known from problem
        finally:
            pool.close()
    store.set_state(job, version.version, "finished")
    return schedule.report(store.version(job, version.version))
