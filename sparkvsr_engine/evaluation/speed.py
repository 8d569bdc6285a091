"""How fast a method is: wall time on one clip, the first frame apart, as it pays for what is made once."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bridge.errors import InvalidSettings
from sparkvsr_engine.evaluation.protocol.methods import Method, RestorationTask


@dataclass(frozen=True)
class Speed:
    """What was measured.

    first_frame_seconds: until the first frame came. seconds_per_frame: of the frames after it, the best of
    the runs, as the machine's other work only ever slows one down.
    """

    frames: int
    first_frame_seconds: float
    seconds_per_frame: float

    @property
    def frames_per_second(self) -> float:
        """In a long clip, where the first frame does not weigh."""
        return 1.0 / self.seconds_per_frame


def measure_speed(method: Method, task: RestorationTask, runs: int = 3) -> Speed:
    """Restore the clip `runs` times and take the fastest; pixels are thrown away.

    Raises InvalidSettings for a clip of fewer than two frames or no run.
    """
    if len(task.source) < 2 or runs < 1:
        raise InvalidSettings("Speed needs a clip of 2 frames or more and 1 run or more.")
    measured = [_run(method, task) for _ in range(runs)]
    first = min(run.first_frame_seconds for run in measured)
    return Speed(len(task.source), first, min(run.seconds_per_frame for run in measured))


def _run(method: Method, task: RestorationTask) -> Speed:
    started = time.perf_counter()
    first = started
    count = 0
    for count, _ in enumerate(method.restore(task), start=1):
        if count == 1:
            first = time.perf_counter()
    if count < 2:
        raise InvalidSettings(f"{method.name} put out {count} frames; its speed cannot be told.")
    return Speed(count, first - started, (time.perf_counter() - first) / (count - 1))
