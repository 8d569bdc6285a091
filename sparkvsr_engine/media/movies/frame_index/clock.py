"""Times of pictures as a file has them, made to rise: doubled, missing and restarted ones. Pure arithmetic.

A time that is good is never moved. A clock that starts over goes on where it had come to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# How far a clock falls back, in usual steps, before it counts as one that started over.
_RESTART_STEPS = 3


@dataclass(frozen=True, eq=False)
class SettledTimes:
    """times: int64 [n], strictly rising ticks. shifts: ticks added since the clock started over, once for
    each.
    """

    times: NDArray[np.int64]
    shifts: tuple[int, ...] = ()


def settled_times(times: Sequence[int | None], step: int) -> SettledTimes:
    """Rising times of pictures in the order they are shown; step: ticks between most of them.

    None stands for a picture without a time. Where none has a time they follow each other by `step`.
    """
    shifted, shifts = _shifted(times, step)
    return SettledTimes(_risen(shifted, step), tuple(shifts))


def _shifted(times: Sequence[int | None], step: int) -> tuple[list[int | None], list[int]]:
    """The times with restarts of the clock taken out; those that are doubled or fall back alone become
    None.
    """
    result: list[int | None] = []
    shifts: list[int] = []
    shift, latest, since = 0, None, 0
    for place, time in enumerate(times):
        since += 1
        moved = None if time is None else time + shift
        if moved is not None and latest is not None and moved <= latest:
            if _starts_over(times, place, latest - shift, step):
                shift += latest + since * step - moved
                shifts.append(shift)
                moved = latest + since * step
            else:
                moved = None
        if moved is not None:
            latest, since = moved, 0
        result.append(moved)
    return result, shifts


def _starts_over(times: Sequence[int | None], place: int, latest: int, step: int) -> bool:
    """Whether the times from here on stay behind what was reached, by more than a few steps."""
    time = times[place]
    assert time is not None
    following = next((later for later in times[place + 1 : place + 9] if later is not None), None)
    return latest - time > _RESTART_STEPS * step and (following is None or following <= latest)


def _risen(times: Sequence[int | None], step: int) -> NDArray[np.int64]:
    """Missing times filled in between their neighbours."""
    places = [place for place, time in enumerate(times) if time is not None]
    if not places:
        return np.arange(len(times), dtype=np.int64) * step
    result = np.zeros(len(times), np.int64)
    for place in places:
        result[place] = times[place] or 0
    first = places[0]
    result[:first] = result[first] - step * np.arange(first, 0, -1)
    for before, after in zip(places, [*places[1:], len(times)], strict=True):
        count = after - before
        available = int(result[after] - result[before]) if after < len(times) else count * step
        # In steps where there is room for them, as the frames were shown; else evenly.
        each = step if count * step <= available else max(available // count, 1)
        result[before + 1 : after] = result[before] + each * np.arange(1, count)
    return _strictly(result)


def _strictly(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where more pictures than ticks lie between two times, the later ones are moved on."""
    offsets = np.arange(len(times), dtype=np.int64)
    return np.maximum.accumulate(times - offsets) + offsets
