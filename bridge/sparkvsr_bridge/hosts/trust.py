# SPDX-License-Identifier: Apache-2.0
"""Trust in keyframes per frame of a result: packed as text to be kept in the host, and as colours to draw."""

from __future__ import annotations

import dataclasses
from typing import List, Mapping, NamedTuple, Optional, Sequence, Tuple

_UNKNOWN = "--"
_FULL = 99
Colour = Tuple[float, float, float, float]


def packed(trust: Mapping[int, float], first: int, count: int) -> str:
    """Trust per frame as text, two digits a frame from `first` on; `--` where it is not known.

    Args:
        trust: by frame number, 0..1.
        first: the first frame.
        count: how many frames.
    """
    return "".join(_written(trust.get(first + index)) for index in range(count))


def _written(trust: Optional[float]) -> str:
    return _UNKNOWN if trust is None else f"{round(min(max(trust, 0.0), 1.0) * _FULL):02d}"


def unpacked(text: str) -> List[Optional[float]]:
    """What `packed` wrote: trust 0..1 per picture, None where it is not known.

    Args:
        text: as `packed` wrote it.
    """
    pieces = (text[start : start + 2] for start in range(0, len(text) - 1, 2))
    return [int(piece) / _FULL if piece.isdigit() else None for piece in pieces]


@dataclasses.dataclass(frozen=True)
class Weakest:
    """The mean of what is known, and the picture that trusted least. mean, least: 0..1."""

    mean: float
    index: int
    least: float


def weakest(trust: Sequence[Optional[float]]) -> Optional[Weakest]:
    """None where nothing is known.

    Args:
        trust: per frame, 0..1; None where it is not known.
    """
    values = [(value, index) for index, value in enumerate(trust) if value is not None]
    if not values:
        return None
    least, index = min(values)
    return Weakest(sum(value for value, _ in values) / len(values), index, least)


def colour_of(trust: float) -> Colour:
    """Red for none, yellow for half, green for full trust, as in the engine's heat maps.

    Args:
        trust: 0..1.
    """
    return min(2 - 2 * trust, 1.0) * 0.9, min(2 * trust, 1.0) * 0.8, 0.1, 1.0


class TrustBar(NamedTuple):
    """Neighbouring frames of one colour. start, stop: timeline frames, half-open."""

    start: float
    stop: float
    colour: Colour


def trust_bars(
    trust: Sequence[Optional[float]], start: int, left: int, right: int, most: int
) -> List[TrustBar]:
    """What is drawn along a strip: at most `most` bars, each as its least trusted frame.

    Args:
        trust: per frame, 0..1; None where it is not known.
        start: timeline frame of the first picture.
        left: the strip's handles, right exclusive.
        right: the strip's handles, right exclusive.
        most: how many at most.
    """
    step = max(1, -(-len(trust) // max(most, 1)))
    bars: List[TrustBar] = []
    for begin in range(0, len(trust), step):
        values = [value for value in trust[begin : begin + step] if value is not None]
        low, high = max(start + begin, left), min(start + begin + step, start + len(trust), right)
        if values and low < high:
            bars.append(TrustBar(low, high, colour_of(min(values))))
    return bars
