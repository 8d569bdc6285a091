"""Orders to the processes that render parts, and their reports; JSON values, one line each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sparkvsr_bridge.reports import ErrorReport
from sparkvsr_bridge.settings import JobSpec
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.jobs.plans.plan import JobPlan
from sparkvsr_engine.jobs.storage.records import FinishedChunk, FinishedFile


@dataclass(frozen=True)
class PartOrder:
    """Render the chunks that begin among some frames.

    Attributes:
        home: the home folder of the engine whose job it is.
        job, version: name and number.
        spec: the request.
        plan: what was settled.
        kept: frames of the target that were there before the job.
        frames: chunks that begin among these.
        device: that renders.
    """

    home: str
    job: str
    version: int
    spec: JobSpec
    plan: JobPlan
    kept: tuple[int, ...]
    frames: FrameSpan
    device: str

    def to_line(self) -> bytes:
        """One line, its end included."""
        values = {
            "home": self.home,
            "job": self.job,
            "version": self.version,
            "spec": self.spec.to_dict(),
            "plan": self.plan.to_dict(),
            "kept": list(self.kept),
            "frames": [self.frames.start, self.frames.stop],
            "device": self.device,
        }
        return _line(values)

    @classmethod
    def from_line(cls, line: bytes) -> PartOrder:
        """The order of a line."""
        data: dict[str, Any] = json.loads(line)
        return cls(
            data["home"],
            data["job"],
            data["version"],
            JobSpec.from_dict(data["spec"]),
            JobPlan.from_dict(data["plan"]),
            tuple(data["kept"]),
            FrameSpan(*data["frames"]),
            data["device"],
        )


@dataclass(frozen=True)
class PartReport:
    """News of a part: a chunk, a warning, or how it ended.

    Attributes:
        chunk: that is finished, its files under their final names.
        warning: a sentence for people; `frame` is where it belongs.
        error: what ended the part.
        passes: at the end, network passes that were run and that the cache spared.
        is_lost: the process is gone.
    """

    chunk: FinishedChunk | None = None
    warning: str = ""
    frame: int | None = None
    error: ErrorReport | None = None
    passes: tuple[int, int] | None = None
    is_lost: bool = False

    @property
    def is_last(self) -> bool:
        """Whether the device has nothing to do any more."""
        return self.passes is not None or self.error is not None or self.is_lost

    def to_line(self) -> bytes:
        """One line, its end included."""
        values: dict[str, Any] = {}
        if self.chunk is not None:
            chunk = self.chunk
            files = [[file.frame, file.path, file.size_bytes, file.modified_ns] for file in chunk.files]
            values["chunk"] = [chunk.span.start, chunk.span.stop, chunk.key, files]
        if self.warning:
            values["warning"] = [self.warning, self.frame]
        if self.error is not None:
            values["error"] = self.error.to_dict()
        if self.passes is not None:
            values["passes"] = list(self.passes)
        return _line(values)

    @classmethod
    def from_line(cls, line: bytes) -> PartReport:
        """The report of a line."""
        data: Mapping[str, Any] = json.loads(line)
        if "chunk" in data:
            start, stop, key, files = data["chunk"]
            finished = tuple(FinishedFile(*file) for file in files)
            return cls(chunk=FinishedChunk(FrameSpan(start, stop), key, False, finished))
        if "warning" in data:
            return cls(warning=data["warning"][0], frame=data["warning"][1])
        if "error" in data:
            return cls(error=ErrorReport.from_dict(data["error"]))
        return cls(passes=tuple(data["passes"]))


def _line(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
