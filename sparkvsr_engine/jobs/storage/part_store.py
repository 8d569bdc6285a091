"""A job store of a process's own: for a part of a job whose record another store, or none, keeps."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from sparkvsr_engine.jobs.storage.store import JobStore


@contextmanager
def part_store() -> Generator[JobStore]:
    """An empty store that lasts for the block."""
    with (
        tempfile.TemporaryDirectory(prefix="sparkvsr-part-") as folder,
        closing(JobStore(Path(folder) / "jobs.sqlite")) as store,
    ):
        yield store
