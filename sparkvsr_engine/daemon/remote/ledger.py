"""What the gate asks of the engine."""

from __future__ import annotations

from collections.abc import Callable

from sparkvsr_engine.daemon.engine import Engine
from sparkvsr_engine.jobs.storage.records import JobVersion


class EngineLedger:
    """Jobs and previews of one engine; see `gate.Ledger`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def version(self, job: str, version: int = 0) -> JobVersion:
        """A version of a job, 0 for the latest; raises UnknownJob."""
        return self._engine.store.version(job, version)

    def owner(self, job: str) -> str:
        """The remote client a job is of."""
        return self._engine.store.owner(job)

    def open_jobs(self, owner: str) -> int:
        """How many jobs of a remote client have not ended."""
        return self._engine.store.open_jobs(owner)

    def open_previews(self, is_client: Callable[[bytes], bool]) -> int:
        """How many previews are owed to clients."""
        return self._engine.previews.awaited_by(is_client)
