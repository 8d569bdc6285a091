"""A job store of a process's own: for a part of a job whose record another store, or none, keeps."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from sparkvsr_bridge.messages import FramesFinished
from sparkvsr_engine.jobs.storage.store import FinishedChunk, JobStore, JobVersion


@contextmanager
def part_store() -> Generator[JobStore]:
    """An empty store that lasts for the block."""
    with (
        tempfile.TemporaryDirectory(prefix="sparkvsr-part-") as folder,
        closing(JobStore(Path(folder) / "jobs.sqlite")) as store,
    ):
        yield store


def finished_chunk(store: JobStore, version: JobVersion, event: FramesFinished) -> FinishedChunk:
    """The chunk that an event of a runner announces, as it was recorded.

    Args:
        store: that the runner records in.
        version: that it renders.
        event: the announcement.
    """
    chunks = store.chunks(version.job, version.version)
    return next(chunk for chunk in chunks if chunk.span.first == event.frames[0])
