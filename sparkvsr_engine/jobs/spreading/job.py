"""A job as it is spread over devices: its parts, the order that each device gets, what may come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sparkvsr_bridge.errors import StateConflict
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.core.windows import Chunk
from sparkvsr_engine.jobs.plans.chunks import ShotChunks
from sparkvsr_engine.jobs.plans.plan import JobPlan
from sparkvsr_engine.jobs.spreading.executor import Executor
from sparkvsr_engine.jobs.spreading.orders import PartOrder
from sparkvsr_engine.jobs.spreading.parts import Part, parts_of
from sparkvsr_engine.jobs.storage.outputs import FOREIGN
from sparkvsr_engine.jobs.storage.records import FinishedChunk, JobVersion
from sparkvsr_engine.jobs.storage.store import JobStore
from sparkvsr_engine.models.registry import open_planner


@dataclass(frozen=True)
class SpreadJob:
    """A version of a job with its settled plan and all its chunks."""

    config: EngineConfig
    store: JobStore
    version: JobVersion
    plan: JobPlan
    shots: tuple[ShotChunks, ...]

    def parts(self, executor: Executor, finished: Callable[[Chunk], bool]) -> list[Part]:
        """What is missing, divided among the devices.

        Args:
            executor: the devices.
            finished: whether a chunk is there.
        """
        settings = self.version.spec.settings
        planner = open_planner(settings.model, self.config.models_folder, self.plan.options)
        return parts_of(self.shots, finished, executor.place_count(), planner.traits.random_access)

    def order(self) -> PartOrder:
        """A device's order; its frames and its name are put in when it gets a part."""
        job, number = self.version.job, self.version.version
        kept = self.store.keep_frames(job, number, ())
        home, span = str(self.config.home), self.plan.span
        return PartOrder(home, job, number, self.version.spec, self.plan, tuple(sorted(kept)), span, "")

    def require_own(self, chunk: FinishedChunk) -> None:
        """Raise StateConflict for a chunk that was made by another engine or model than this job's."""
        own = next((c for shot in self.shots for c in shot.chunks if c.span == chunk.span), None)
        if own is None or chunk.key not in (FOREIGN, self.plan.chunk_key(own)):
            raise StateConflict(
                f"Frames {chunk.span.first}-{chunk.span.last} came from a device with another release or"
                " model of SparkVSR; install the same everywhere, then resume the job."
            )
