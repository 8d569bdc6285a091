"""What the job store holds: versions of jobs, and their finished chunks with the files of these."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sparkvsr_bridge.messages import ErrorReport
from sparkvsr_bridge.settings import JobSpec
from sparkvsr_engine.core.frames import FrameSpan


@dataclass(frozen=True)
class JobVersion:
    """One version of a job as stored. `number` orders the queue."""

    job: str
    version: int
    number: int
    state: str
    spec: JobSpec
    plan: dict[str, Any] | None
    created: float
    ended: float
    deaths: int
    warnings: tuple[str, ...]
    error: ErrorReport | None


@dataclass(frozen=True)
class FinishedFile:
    """A file of a finished chunk: a frame, or a movie segment (frame is then its first frame)."""

    frame: int
    path: str
    size_bytes: int
    modified_ns: int

    def is_intact(self) -> bool:
        """Whether the file is still the one that was recorded."""
        try:
            status = Path(self.path).stat()
        except OSError:
            return False
        return status.st_size == self.size_bytes and status.st_mtime_ns == self.modified_ns


@dataclass(frozen=True)
class FinishedChunk:
    """A recorded chunk: its frames, the content key they were made under, and its files."""

    span: FrameSpan
    key: str
    reused: bool
    files: tuple[FinishedFile, ...]


def version_of(row: sqlite3.Row) -> JobVersion:
    """A row of the table of versions."""
    return JobVersion(
        job=row["job"],
        version=row["version"],
        number=row["number"],
        state=row["state"],
        spec=JobSpec.from_dict(json.loads(row["spec"])),
        plan=json.loads(row["plan"]) if row["plan"] else None,
        created=row["created"],
        ended=row["ended"],
        deaths=row["deaths"],
        warnings=tuple(json.loads(row["warnings"])),
        error=ErrorReport.from_dict(json.loads(row["error"])) if row["error"] else None,
    )


def chunk_of(row: sqlite3.Row) -> FinishedChunk:
    """A row of the table of chunks."""
    files = tuple(FinishedFile(*entry) for entry in json.loads(row["files"]))
    return FinishedChunk(FrameSpan(row["start"], row["stop"]), row["key"], bool(row["reused"]), files)
