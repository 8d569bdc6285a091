"""A host that does not see the engine's folder or the target: it renders into a folder of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil

from sparkvsr_bridge.reports import ErrorReport
from sparkvsr_engine.config import GIB, LOCAL, load_config
from sparkvsr_engine.errors import translate
from sparkvsr_engine.jobs.spreading.cluster.job_files import (
    Folders,
    JobFiles,
    SentFile,
    placed_order,
    sent_files,
    stand_in_for_kept,
    unpack_files,
)
from sparkvsr_engine.jobs.spreading.orders import PartOrder, PartReport
from sparkvsr_engine.jobs.spreading.part_rendering import PartRenderer

_PLACE = "sparkvsr-apart"
_HOME, _TARGET = "home", "target"

Send = Callable[[SentFile | PartReport], None]
"""Takes what goes back to the engine, in order."""


class ApartRenderer:
    """Renders parts of jobs of an engine whose folders this host does not see; its models are this host's."""

    def __init__(self, device: str, threads: int, pid: int) -> None:
        """A folder for this process, and none of processes that have ended.

        Args:
            device: that renders.
            threads: of the processor's kernels.
            pid: of this process.
        """
        place = Path(tempfile.gettempdir()) / _PLACE
        _sweep(place)
        self._folders = Folders(place / str(pid) / _HOME, place / str(pid) / _TARGET)
        host_config = load_config()
        config = replace(
            host_config,
            home=self._folders.home,
            models_home=host_config.isr_home,
            executor=LOCAL,
            cache_budget_bytes=GIB,
        )
        config.make_folders()
        self._renderer = PartRenderer(device, threads, config)
        self._job = ""

    def render(self, order: PartOrder, job_files: JobFiles, send: Send) -> None:
        """Render a part; the last that is sent is its end, or the error that ended it.

        Args:
            order: as the engine has it.
            job_files: files that the parts of the job need.
            send: takes what goes back.
        """
        try:
            self._render(order, job_files, send)
        except Exception as problem:
            send(PartReport(error=ErrorReport.of(translate(problem))))

    def _render(self, order: PartOrder, job_files: JobFiles, send: Send) -> None:
        placed = placed_order(order, self._folders)
        if self._job != order.job:
            shutil.rmtree(self._folders.target, ignore_errors=True)
            unpack_files(job_files, self._folders.home)
            self._job = order.job
        self._folders.target.mkdir(parents=True, exist_ok=True)
        stand_in_for_kept(placed)

        def report(news: PartReport) -> None:
            for item in sent_files(news, placed):
                send(item)

        self._renderer.render(placed, report)


def _sweep(place: Path) -> None:
    """Take away what processes left that were killed."""
    for folder in place.glob("*"):
        if folder.name.isdigit() and not psutil.pid_exists(int(folder.name)):
            shutil.rmtree(folder, ignore_errors=True)
