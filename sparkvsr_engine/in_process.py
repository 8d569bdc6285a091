"""A job rendered in this process, without the daemon: same store, same runner, same result."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

from bridge.errors import JobCancelled, SparkVSRError
from bridge.messages import FramesFinished, JobChanged, JobProgress, JobReport, JobWarning
from bridge.pictures import open_image
from bridge.records import Record
from bridge.reports import ErrorReport
from bridge.settings import JobSpec
from sparkvsr_engine.config import load_config
from sparkvsr_engine.daemon.checking import check_submission
from sparkvsr_engine.daemon.schedule import Schedule
from sparkvsr_engine.errors import translate
from sparkvsr_engine.jobs.control import JobControl
from sparkvsr_engine.jobs.orders import FramesDone, JobAdvanced, JobWarned
from sparkvsr_engine.jobs.runner import JobRunner, Surroundings
from sparkvsr_engine.jobs.session import RestorerPool
from sparkvsr_engine.jobs.store import JobStore, JobVersion
from sparkvsr_engine.jobs.worker import prepare_kernels

Observe = Callable[[Record], None]


def render_in_process(spec: JobSpec, observe: Observe) -> JobReport:
    """Render a job to its end.

    Args:
        spec: the request.
        observe: gets the events a client of the daemon would: JobChanged once the job is accepted, then
            JobProgress, FramesFinished, JobWarning.

    Returns:
        The finished job's report.

    Raises:
        JobCancelled: after Ctrl-C; finished frames are kept.
        SparkVSRError: the job's own error.
    """
    config = load_config()
    config.make_folders()
    job = uuid.uuid4().hex[:10]
    checked = check_submission(config, job, spec, lambda picture: open_image(picture, (), None))
    store = JobStore(config.database)
    schedule = Schedule(store, 1)
    # An engine that runs or starts meanwhile renders what is queued or was left running, nothing paused.
    version = store.add_version(job, checked, state="paused")
    observe(JobChanged(schedule.report(version)))
    prepare_kernels(config.threads)
    pool = RestorerPool(config, spec.settings.device)
    passed_on = _Events(store, schedule, version, observe)
    try:
        JobRunner(Surroundings(config, store, pool, JobControl(), passed_on), version).run()
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
    report = schedule.report(store.version(job, version.version))
    store.close()
    return report


class _Events:
    """What the runner reports, as the events clients know."""

    def __init__(self, store: JobStore, schedule: Schedule, version: JobVersion, observe: Observe) -> None:
        self._store = store
        self._schedule = schedule
        self._version = version
        self._observe = observe

    def __call__(self, report: Record) -> None:
        if isinstance(report, JobAdvanced):
            self._schedule.advanced(report)
            stored = self._store.version(self._version.job, self._version.version)
            self._observe(JobProgress(self._schedule.report(replace(stored, state="running"))))
        elif isinstance(report, FramesDone):
            self._observe(FramesFinished(report.job, report.version, report.frames, report.paths))
        elif isinstance(report, JobWarned):
            self._observe(JobWarning(report.job, report.message, report.frame))
