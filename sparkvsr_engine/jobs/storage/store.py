"""The job store: SQLite in WAL mode, written by the daemon (states) and the worker (finished chunks).

A chunk is recorded only after all its files are in place under their final names, so what is
finished in the store is finished on disk. Not here: what the files hold (`outputs`), what a plan means
(`plan`).
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sparkvsr_bridge.errors import InternalError, UnknownJob
from sparkvsr_bridge.messages import ErrorReport
from sparkvsr_bridge.settings import JobSpec
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.jobs.storage.records import FinishedChunk, JobVersion, chunk_of, version_of

SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS versions (
    job TEXT NOT NULL,
    version INTEGER NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    spec TEXT NOT NULL,
    plan TEXT,
    created REAL NOT NULL,
    ended REAL NOT NULL DEFAULT 0,
    deaths INTEGER NOT NULL DEFAULT 0,
    warnings TEXT NOT NULL DEFAULT '[]',
    error TEXT,
    PRIMARY KEY (job, version)
);
CREATE TABLE IF NOT EXISTS chunks (
    job TEXT NOT NULL,
    version INTEGER NOT NULL,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    key TEXT NOT NULL,
    reused INTEGER NOT NULL,
    files TEXT NOT NULL,
    finished REAL NOT NULL,
    PRIMARY KEY (job, version, start)
);
CREATE TABLE IF NOT EXISTS kept (
    job TEXT NOT NULL,
    version INTEGER NOT NULL,
    frames TEXT NOT NULL,
    PRIMARY KEY (job, version)
);
CREATE TABLE IF NOT EXISTS owners (
    job TEXT NOT NULL,
    version INTEGER NOT NULL,
    client TEXT NOT NULL,
    PRIMARY KEY (job, version)
);
CREATE INDEX IF NOT EXISTS chunks_by_key ON chunks (key);
CREATE INDEX IF NOT EXISTS versions_by_number ON versions (number);
"""


class JobStore:
    """All jobs of one home folder. One instance per thread (an SQLite connection belongs to its thread)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = sqlite3.connect(path, timeout=30.0, isolation_level=None)
        try:
            self._prepare()
        except BaseException:
            # Windows neither moves nor removes a file that is open.
            self._db.close()
            raise

    def _prepare(self) -> None:
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)
        self._check_schema()

    def close(self) -> None:
        """Let the file go."""
        self._db.close()

    def add_version(
        self,
        job: str,
        spec: JobSpec,
        plan: dict[str, Any] | None = None,
        state: str = "queued",
        owner: str = "",
    ) -> JobVersion:
        """Store the next version of `job` (the first makes the job).

        Args:
            job: the job's name.
            spec: the request.
            plan: where it is settled already, so that no crash can leave a revision that would be planned
                anew.
            state: anything but queued keeps an engine from rendering it.
            owner: the remote client that asked for it; empty for one of this machine.
        """
        with self._writing():
            version = self._scalar("SELECT COALESCE(MAX(version), 0) + 1 FROM versions WHERE job = ?", job)
            number = self._scalar("SELECT COALESCE(MAX(number), 0) + 1 FROM versions")
            self._db.execute(
                "INSERT INTO versions (job, version, number, state, spec, plan, created)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    job,
                    version,
                    number,
                    state,
                    json.dumps(spec.to_dict()),
                    plan and json.dumps(plan),
                    time.time(),
                ),
            )
            if owner:
                self._db.execute("INSERT INTO owners VALUES (?, ?, ?)", (job, version, owner))
        return self.version(job, version)

    def owner(self, job: str, version: int = 1) -> str:
        """The remote client whose request a version was; empty for one of this machine."""
        rows = self._db.execute("SELECT client FROM owners WHERE job = ? AND version = ?", (job, version))
        return next((str(row[0]) for row in rows), "")

    def open_jobs(self, owner: str) -> int:
        """How many jobs of a remote client are queued, running or paused."""
        return self._scalar(
            "SELECT COUNT(DISTINCT v.job) FROM versions v JOIN owners o"
            " ON v.job = o.job AND v.version = o.version"
            " WHERE o.client = ? AND v.state IN ('queued', 'running', 'paused')",
            owner,
        )

    def version(self, job: str, version: int = 0) -> JobVersion:
        """One version, 0 for the latest; raises UnknownJob."""
        rows = self._db.execute(
            "SELECT * FROM versions WHERE job = ? AND (version = ? OR ? = 0) ORDER BY version DESC LIMIT 1",
            (job, version, version),
        ).fetchall()
        if not rows:
            named = f"job {job}" if version == 0 else f"version {version} of job {job}"
            raise UnknownJob(f"There is no {named}; 'sparkvsr jobs' lists those there are.")
        return version_of(rows[0])

    def versions(self, job: str) -> list[JobVersion]:
        """Every version of a job, oldest first."""
        rows = self._db.execute("SELECT * FROM versions WHERE job = ? ORDER BY version", (job,))
        return [version_of(row) for row in rows]

    def latest(self, limit: int) -> list[JobVersion]:
        """The latest version of each job, newest job first."""
        rows = self._db.execute(
            "SELECT v.* FROM versions v JOIN (SELECT job, MAX(version) AS top FROM versions GROUP BY job) t"
            " ON v.job = t.job AND v.version = t.top ORDER BY v.number DESC LIMIT ?",
            (limit,),
        )
        return [version_of(row) for row in rows]

    def in_states(self, states: Sequence[str]) -> list[JobVersion]:
        """Versions in any of these states, in queue order."""
        marks = ",".join("?" * len(states))
        rows = self._db.execute(
            f"SELECT * FROM versions WHERE state IN ({marks}) ORDER BY number", tuple(states)
        )
        return [version_of(row) for row in rows]

    def set_state(self, job: str, version: int, state: str, error: ErrorReport | None = None) -> None:
        """Write a state; ended states get their time, a fresh start clears error and time.

        Args:
            job: the job's name.
            version: the version, from 1.
            state: the job's state.
            error: why it failed, None otherwise.
        """
        ended = time.time() if state in ("finished", "failed", "cancelled") else 0.0
        self._db.execute(
            "UPDATE versions SET state = ?, ended = ?, error = ? WHERE job = ? AND version = ?",
            (state, ended, json.dumps(error.to_dict()) if error else None, job, version),
        )

    def set_plan(self, job: str, version: int, plan: dict[str, Any]) -> None:
        """Keep the plan, so that a resumed job does exactly what it set out to do.

        Args:
            job: the job's name.
            version: the version, from 1.
            plan: as `JobPlan` writes it.
        """
        self._db.execute(
            "UPDATE versions SET plan = ? WHERE job = ? AND version = ?", (json.dumps(plan), job, version)
        )

    def set_deaths(self, job: str, version: int, deaths: int) -> None:
        """How often a worker died on this version since its last finished chunk.

        Args:
            job: the job's name.
            version: the version, from 1.
            deaths: how many.
        """
        self._db.execute(
            "UPDATE versions SET deaths = ? WHERE job = ? AND version = ?", (deaths, job, version)
        )

    def add_warning(self, job: str, version: int, warning: str) -> None:
        """Keep a warning with the version; the same sentence is kept once.

        Args:
            job: the job's name.
            version: the version, from 1.
            warning: a sentence.
        """
        with self._writing():
            warnings = list(self.version(job, version).warnings)
            if warning not in warnings:
                warnings.append(warning)
            self._db.execute(
                "UPDATE versions SET warnings = ? WHERE job = ? AND version = ?",
                (json.dumps(warnings), job, version),
            )

    def add_chunk(self, job: str, version: int, chunk: FinishedChunk) -> None:
        """Record a finished chunk; every file of it must be in place.

        Args:
            job: the job's name.
            version: the version, from 1.
            chunk: frames, files and content key.
        """
        files = [[f.frame, f.path, f.size_bytes, f.modified_ns] for f in chunk.files]
        with self._writing():
            self._db.execute(
                "INSERT OR REPLACE INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    job,
                    version,
                    chunk.span.start,
                    chunk.span.stop,
                    chunk.key,
                    int(chunk.reused),
                    json.dumps(files),
                    time.time(),
                ),
            )
            self._db.execute("UPDATE versions SET deaths = 0 WHERE job = ? AND version = ?", (job, version))

    def keep_frames(self, job: str, version: int, frames: Sequence[int]) -> frozenset[int]:
        """Note which frames of the target were there before this version began; what was noted first counts.

        Without the note a killed run's own unfinished files could not be distinguished from the artist's.

        Args:
            job: the job's name.
            version: the version, from 1.
            frames: frame numbers.
        """
        with self._writing():
            self._db.execute(
                "INSERT OR IGNORE INTO kept VALUES (?, ?, ?)", (job, version, json.dumps(sorted(frames)))
            )
        row = self._db.execute("SELECT frames FROM kept WHERE job = ? AND version = ?", (job, version))
        return frozenset(json.loads(row.fetchone()[0]))

    def chunks(self, job: str, version: int) -> list[FinishedChunk]:
        """The finished chunks of a version, in frame order."""
        rows = self._db.execute(
            "SELECT * FROM chunks WHERE job = ? AND version = ? ORDER BY start", (job, version)
        )
        return [chunk_of(row) for row in rows]

    def earlier_chunks(self, job: str) -> list[FinishedChunk]:
        """The finished chunks of all versions of a job, the newest version's first."""
        rows = self._db.execute("SELECT * FROM chunks WHERE job = ? ORDER BY version DESC, start", (job,))
        return [chunk_of(row) for row in rows]

    def chunks_of_key(self, key: str) -> list[FinishedChunk]:
        """Chunks of any job made under this content key, newest first."""
        rows = self._db.execute("SELECT * FROM chunks WHERE key = ? ORDER BY finished DESC LIMIT 8", (key,))
        return [chunk_of(row) for row in rows]

    def chunk_counts(self, job: str, version: int) -> tuple[int, int, int]:
        """(chunks finished, frames finished, frames among them that were reused)."""
        row = self._db.execute(
            "SELECT COUNT(*), COALESCE(SUM(stop - start), 0), COALESCE(SUM((stop - start) * reused), 0)"
            " FROM chunks WHERE job = ? AND version = ?",
            (job, version),
        ).fetchone()
        return int(row[0]), int(row[1]), int(row[2])

    def drop_chunks(self, job: str, version: int, spans: Sequence[FrameSpan]) -> None:
        """Forget chunks: their files are gone, or another version's.

        Args:
            job: the job's name.
            version: the version, from 1.
            spans: frames of the chunks.
        """
        with self._writing():
            for span in spans:
                self._db.execute(
                    "DELETE FROM chunks WHERE job = ? AND version = ? AND start = ?",
                    (job, version, span.start),
                )

    @contextmanager
    def _writing(self) -> Generator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            # A full disk may have ended the transaction already.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _scalar(self, query: str, *values: Any) -> int:
        return int(self._db.execute(query, values).fetchone()[0])

    def _check_schema(self) -> None:
        version = self._scalar("PRAGMA user_version")
        if version == 0:
            self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        elif version != SCHEMA_VERSION:
            raise InternalError(
                f"{self._path} was written by another release (schema {version}, this one has"
                f" {SCHEMA_VERSION}); move it away to start with an empty job list."
            )
