"""Renders one part, in whatever process: a job's runner with a store of its own, which lasts for the part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from sparkvsr_bridge.messages import JobWarning
from sparkvsr_bridge.records import Record
from sparkvsr_bridge.reports import ErrorReport
from sparkvsr_engine.config import EngineConfig, load_config
from sparkvsr_engine.errors import translate
from sparkvsr_engine.jobs.control import JobControl
from sparkvsr_engine.jobs.plans.session import RestorerPool
from sparkvsr_engine.jobs.running.part import JobPart
from sparkvsr_engine.jobs.running.runner import JobRunner, RunContext
from sparkvsr_engine.jobs.spreading.orders import PartOrder, PartReport
from sparkvsr_engine.jobs.storage.part_store import part_store
from sparkvsr_engine.jobs.storage.store import JobStore

Report = Callable[[PartReport], None]


class PartRenderer:
    """Renders parts on one device; the model stays loaded from one to the next."""

    def __init__(self, device: str, threads: int = 0, config: EngineConfig | None = None) -> None:
        """Nothing is loaded yet.

        Args:
            device: that renders.
            threads: of the processor's kernels; 0 for what the configuration sets.
            config: where this host has one of its own; None for that of the order's engine.
        """
        self._device = device
        self._config = config
        self._threads = threads
        self._pool: RestorerPool | None = None

    def render(self, order: PartOrder, report: Report) -> None:
        """Render a part; its last report is its end, or the error that ended it."""
        try:
            passes = self._render(order, report)
        except Exception as problem:
            report(PartReport(error=ErrorReport.of(translate(problem))))
        else:
            report(PartReport(passes=passes))

    def _render(self, order: PartOrder, report: Report) -> tuple[int, int]:
        config = self._config or load_config(Path(order.home))
        if self._threads:
            config = replace(config, threads=self._threads)
        pool = self._pool or RestorerPool(config, self._device)
        self._pool = pool
        with part_store() as store:
            return _run(order, config, store, pool, report)


def _run(
    order: PartOrder, config: EngineConfig, store: JobStore, pool: RestorerPool, report: Report
) -> tuple[int, int]:
    """Returns network passes that were run and spared."""
    stored = store.add_version(order.job, order.spec, order.plan.to_dict(), state="running")
    version = replace(stored, version=order.version)
    store.keep_frames(version.job, version.version, order.kept)
    part = JobPart(order.frames, finishes=False, keeps_cache=False, source=order.plan.source)
    context = RunContext(
        config,
        store,
        pool,
        JobControl(),
        report=partial(_report_warning, report),
        on_chunk=lambda chunk: report(PartReport(chunk=chunk)),
    )
    runner = JobRunner(context, version)
    runner.run(part)
    return runner.passes.predicted, runner.passes.recalled


def _report_warning(report: Report, event: Record) -> None:
    """Of a runner's events only its warnings: chunks and passes are reported as what they are."""
    if isinstance(event, JobWarning):
        report(PartReport(warning=event.message, frame=event.frame))
