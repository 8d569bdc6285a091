"""The parts that several messages carry: errors, jobs, keyframe choices and models as they travel."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, Optional, Tuple

from .errors import SparkVSRError, error_from_dict
from .records import Record, nested, since

JOB_STATES = ("queued", "running", "paused", "finished", "failed", "cancelled")
ENDED_STATES = ("finished", "failed", "cancelled")


@dataclasses.dataclass(frozen=True)
class ErrorReport(Record):
    """An error of `sparkvsr_bridge.errors` as it travels."""

    code: str
    message: str
    details: Dict[str, Any] = dataclasses.field(default_factory=dict[str, Any])

    @classmethod
    def of(cls, error: SparkVSRError) -> ErrorReport:
        """The report of an exception.

        Args:
            error: the exception.
        """
        return cls(error.code, error.message, error.details)

    def to_error(self) -> SparkVSRError:
        """The exception again, as its own class."""
        return error_from_dict(self.to_dict())


@dataclasses.dataclass(frozen=True)
class JobReport(Record):
    """One version of a job as it stands now.

    frames_done counts finished frames, reused ones included. eta_seconds is None until it can be estimated.
    passes_run counts the network passes of this version since the engine started, passes_spared the windows
    whose prediction was kept from before. run_notes: how a model that plans its memory runs, and what
    learning a shot came to. priority: that of the request.
    """

    job: str
    version: int
    state: str
    source: str
    target: str
    frames_total: int = 0
    frames_done: int = 0
    frames_reused: int = 0
    frames_rendered: int = 0
    chunks_total: int = 0
    chunks_done: int = 0
    frames_per_second: float = 0.0
    eta_seconds: Optional[float] = None
    phase: str = ""
    created: float = 0.0
    ended: float = 0.0
    versions: int = 1
    passes_run: int = 0
    passes_spared: int = 0
    run_notes: Tuple[str, ...] = ()
    keyframes: Tuple[int, ...] = ()
    warnings: Tuple[str, ...] = ()
    error: Optional[ErrorReport] = nested(ErrorReport, default=None)
    priority: str = since(3, "artist")


@dataclasses.dataclass(frozen=True)
class KeyframeChoice(Record):
    """A frame a policy would make a keyframe, with the reason in words and the gain it expects."""

    frame: int
    reason: str
    gain: float = 0.0
    timestamp_seconds: Optional[float] = None


@dataclasses.dataclass(frozen=True)
class ModelReport(Record):
    """A model the engine knows: `ready`, or what is missing and the command that mends it.

    context_frames: source frames that a restorer reads on either side of a frame, beside those between it and
        its keyframes; None from engines before protocol 1.1, and for models that make keyframes.
    """

    name: str
    role: str
    ready: bool
    summary: str
    licence: str = ""
    remedy: str = ""
    context_frames: Optional[int] = since(1, None)
