"""One device of a cluster, on whatever host it is: what the process does that Ray starts there."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.jobs.spreading.cluster.job_files import JobFiles, SentFile
from sparkvsr_engine.jobs.spreading.orders import PartOrder, PartReport

if TYPE_CHECKING:
    from sparkvsr_engine.jobs.spreading.cluster.apart import ApartRenderer

Item = tuple[str, bytes]
"""A file's name and content; of a report no name and its line."""


class DeviceActor:
    """One device of a host, in a process that Ray starts there."""

    def __init__(self, device: str, threads: int) -> None:
        from sparkvsr_engine.jobs.kernels import prepare_kernels
        from sparkvsr_engine.jobs.spreading.part_rendering import PartRenderer

        prepare_kernels(threads)
        self._device, self._threads = device, threads
        self._renderer = PartRenderer(device, threads)
        self._apart: ApartRenderer | None = None

    def sees(self, paths: list[str]) -> bool:
        """Whether all these files are there."""
        return all(Path(path).is_file() for path in paths)

    def render(
        self, line: bytes, frames: tuple[int, int], job_files: JobFiles | None = None
    ) -> Iterator[Item]:
        """Render a part; yields reports as they come, and files before the report that names them.

        Args:
            line: the order of any part of the job.
            frames: where this one begins and ends.
            job_files: what a host needs that does not see the engine's folders; None for one that does.
        """
        items: queue.SimpleQueue[SentFile | PartReport] = queue.SimpleQueue()
        order = replace(PartOrder.from_line(line), frames=FrameSpan(*frames), device=self._device)
        work = self._work(order, job_files, items.put)
        threading.Thread(target=work, daemon=True).start()
        while True:
            item = items.get()
            if isinstance(item, SentFile):
                yield item.name, item.content
                continue
            yield "", item.to_line()
            if item.is_last:
                return

    def _work(
        self, order: PartOrder, job_files: JobFiles | None, put: Callable[[SentFile | PartReport], None]
    ) -> Callable[[], None]:
        if job_files is None:
            return lambda: self._renderer.render(order, put)
        if self._apart is None:
            from sparkvsr_engine.jobs.spreading.cluster.apart import ApartRenderer

            self._apart = ApartRenderer(self._device, self._threads, os.getpid())
        apart = self._apart
        return lambda: apart.render(order, job_files, put)
