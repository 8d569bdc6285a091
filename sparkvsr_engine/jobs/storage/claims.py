"""One movie file, one job: what an unfinished job will write is not free, though nothing lies there."""

from __future__ import annotations

from pathlib import Path

from sparkvsr_bridge.errors import TargetExists
from sparkvsr_bridge.settings import JobSpec
from sparkvsr_engine.jobs.storage.store import JobStore
from sparkvsr_engine.media.opening import OutputPlan

UNFINISHED = ("queued", "running", "paused")
# Set before a movie gets its name, so that a killed run's own movie is distinguished from another job's.
_MARK = "joining"


def require_unclaimed(store: JobStore, output: OutputPlan, spec: JobSpec) -> None:
    """Raise TargetExists for a movie that an unfinished job writes, unless it may be replaced.

    Args:
        store: the engine's jobs.
        output: how the target is written.
        spec: the request.
    """
    if not output.is_movie or spec.output.overwrite:
        return
    target = Path(spec.output.path).resolve()
    for version in store.in_states(UNFINISHED):
        if Path(version.spec.output.path).resolve() == target:
            raise TargetExists(
                f"{spec.output.path} is the target of job {version.job}, which is {version.state}; choose"
                " another target or --overwrite."
            )


def claim_movie(output: OutputPlan, may_replace: bool) -> None:
    """Take the name of a rendered movie, right before it is written.

    Raises TargetExists when something lies there by now that this version did not write.
    """
    if output.movie is None:
        return
    mark = output.movie.folder / _MARK
    if output.path.exists() and not may_replace and not mark.exists():
        raise TargetExists(
            f"{output.path} was written by somebody else while this job rendered; move it away and resume the"
            " job, what was rendered is kept."
        )
    mark.touch()
