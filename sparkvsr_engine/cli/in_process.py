"""A job rendered in this process, without the daemon: same store, same runner, same result."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable
from dataclasses import asdict, replace

from bridge.errors import JobCancelled, SparkVSRError
from bridge.messages import JobReport
from bridge.records import Record
from bridge.reports import ErrorReport
from bridge.settings import JobSpec
from sparkvsr_engine.cli.console import Console, ProgressBar
from sparkvsr_engine.config import load_config
from sparkvsr_engine.daemon.checking import check_submission
from sparkvsr_engine.daemon.schedule import Schedule
from sparkvsr_engine.errors import translate
from sparkvsr_engine.jobs.control import JobControl
from sparkvsr_engine.jobs.orders import FramesDone, JobAdvanced, JobWarned
from sparkvsr_engine.jobs.runner import JobRunner, Surroundings
from sparkvsr_engine.jobs.session import RestorerPool
from sparkvsr_engine.jobs.store import JobStore
from sparkvsr_engine.jobs.worker import prepare_kernels


def run_in_process(
    spec: JobSpec, console: Console, show: Callable[[JobReport], None] | None = None
) -> JobReport:
    """Render a job to its end; raises its error, JobCancelled after Ctrl-C.

    show: gets its progress instead of a bar of its own.
    """
    config = load_config()
    config.make_folders()
    job = uuid.uuid4().hex[:10]
    checked = check_submission(config, job, spec, lambda _: None)
    store = JobStore(config.database)
    schedule = Schedule(store, 1)
    # An engine that runs or starts meanwhile renders what is queued or was left running, nothing paused.
    version = store.add_version(job, checked, state="paused")
    console.event("submitted", job=job, version=version.version)
    prepare_kernels(config.threads)
    pool = RestorerPool(config, spec.settings.device)
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
    report = schedule.report(store.version(job, version.version))
    store.close()
    return report
