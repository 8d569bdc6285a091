"""How long a farm takes for a film and what it costs: a simulation of bundles, one per shot. Pure values.

Every shot is prepared by one device, then its tasks are rendered by whichever devices are free, then it is
joined. Devices share the storage's bandwidth. A device fails at random, as often in every second; what it has
in hand since its last chunk is rendered again after a start.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass

from sparkvsr_engine.farm.template import FRAMES_PER_TASK

CHUNK_FRAMES = 15
"""Frames of a chunk, which is the least that is rendered anew."""


# With fewer devices busy than this there are too few tasks for all of them.
_LEAST_BUSY = 0.7


@dataclass(frozen=True)
class Figures:
    """What was measured on one device; seconds, frames, bytes.

    Attributes:
        start: of a process until it renders: program, model, a look at the source.
        render: per frame.
        prepare: per frame: looking at the source once.
        keyframe: per keyframe that a model makes.
        keyframes_per_shot: how many of them a shot gets.
        join: per frame.
        frame_bytes: read and written per frame.
        storage_bandwidth: bytes per second of the storage that all devices share.
        hours_between_failures: of one device; 0 for none.
        price: of one device per hour, in any currency.
    """

    start: float = 4.0
    render: float = 6.5
    prepare: float = 0.06
    keyframe: float = 12.0
    keyframes_per_shot: float = 3.0
    join: float = 0.02
    frame_bytes: float = 60e6
    storage_bandwidth: float = 1.2e9
    hours_between_failures: float = 500.0
    price: float = 0.0


@dataclass(frozen=True)
class Work:
    """What is rendered: frames in all, frames of a shot, frames of a render task."""

    frames: int
    shot_frames: int = 150
    task_frames: int = FRAMES_PER_TASK


@dataclass(frozen=True)
class Forecast:
    """What came out of a simulation.

    Attributes:
        devices: that worked.
        seconds: from the first task to the last.
        busy_share: 0..1, how much of the devices' time is work; waiting for the storage is none.
        rendered_again: frames that failures cost.
        cost: price of all devices from beginning to end.
        limit: what keeps it from being quicker: `devices`, `storage` or `tasks`.
    """

    devices: int
    seconds: float
    busy_share: float
    rendered_again: int
    cost: float
    limit: str


def forecast(work: Work, figures: Figures, devices: int, seed: int = 0) -> Forecast:
    """Simulate the work on so many devices.

    Args:
        work: called with the engine's client.
        figures: measured on the devices.
        devices: how many work at once, from 1.
        seed: everything is drawn from it.

    Raises:
        ValueError: a number is not positive.
    """
    if min(work.frames, work.shot_frames, work.task_frames, devices) < 1:
        raise ValueError("frames, shots, tasks and devices are 1 or more")
    farm = _Farm(work, figures, devices, seed)
    unhindered = farm.run()
    # However many read and write at a time, all bytes go through the storage.
    storage = figures.start + work.frames * figures.frame_bytes / figures.storage_bandwidth
    end = max(unhindered, storage)
    busy_share = farm.busy_seconds / devices / end
    limit = "storage" if storage > unhindered else "devices" if busy_share > _LEAST_BUSY else "tasks"
    cost = devices * end / 3600 * figures.price
    return Forecast(devices, end, busy_share, farm.frames_again, cost, limit)


class _Farm:
    """Devices and the tasks that wait, in simulated time."""

    def __init__(self, work: Work, figures: Figures, devices: int, seed: int) -> None:
        self._work = work
        self._figures = figures
        self._random = random.Random(seed)
        self.busy_seconds = 0.0
        self.frames_again = 0
        self._free = [0.0] * devices

    def run(self) -> float:
        """The time at which the last shot is joined."""
        shots = [self._work.shot_frames] * (self._work.frames // self._work.shot_frames)
        if remaining := self._work.frames % self._work.shot_frames:
            shots.append(remaining)
        # All shots are prepared before any is rendered, as a queue of jobs without priorities does at worst.
        prepared = [self._do(0.0, self._prepare_seconds(frames)) for frames in shots]
        ends = [self._rendered(at, frames) for at, frames in zip(prepared, shots, strict=True)]
        joins = zip(sorted(ends), shots, strict=True)
        return max(self._do(at, self._figures.start + frames * self._figures.join) for at, frames in joins)

    def _rendered(self, ready: float, frames: int) -> float:
        end = ready
        for first in range(0, frames, self._work.task_frames):
            count = min(self._work.task_frames, frames - first)
            end = max(end, self._do(ready, self._figures.start + count * self._figures.render, fails=True))
        return end

    def _prepare_seconds(self, frames: int) -> float:
        figures = self._figures
        looks = frames * figures.prepare
        return figures.start + looks + figures.keyframes_per_shot * figures.keyframe

    def _do(self, ready: float, seconds: float, fails: bool = False) -> float:
        """Give work to the device that is free first; the time at which it is done."""
        begin = max(ready, heapq.heappop(self._free))
        end = begin + seconds + (self._failure_seconds(seconds) if fails else 0.0)
        self.busy_seconds += end - begin
        heapq.heappush(self._free, end)
        return end

    def _failure_seconds(self, seconds: float) -> float:
        """What failures cost a task: on the average half a chunk and a start each."""
        hours = self._figures.hours_between_failures
        if not hours or self._random.random() >= seconds / 3600 / hours:
            return 0.0
        lost = self._random.randint(0, CHUNK_FRAMES)
        self.frames_again += lost
        return lost * self._figures.render + self._figures.start
