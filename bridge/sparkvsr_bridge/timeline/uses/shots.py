"""Uses of one medium that overlap or nearly touch become one job; distant ones never drag the gap in."""

from __future__ import annotations

from collections import defaultdict
from typing import Dict, Iterable, List, Tuple

from ..records import ClipPlan, ShotPlan

NEAR_FRAMES = 8
"""Frames between two uses that are rendered rather than paid for with a second start."""


def merge(uses: Iterable[ClipPlan]) -> Tuple[ShotPlan, ...]:
    """The jobs of all uses, in the order in which their first clips come.

    Args:
        uses: plans of clips, in order.
    """
    by_medium: Dict[str, List[ClipPlan]] = defaultdict(list)
    for use in uses:
        by_medium[use.medium.path].append(use)
    shots = [shot for group in by_medium.values() for shot in _merged(group)]
    return tuple(sorted(shots, key=lambda shot: min(use.index for use in shot.uses)))


def _merged(uses: List[ClipPlan]) -> List[ShotPlan]:
    groups: List[List[ClipPlan]] = []
    last = 0
    for use in sorted(uses, key=lambda use: (use.used.first, use.index)):
        if groups and use.used.first - last - 1 <= NEAR_FRAMES and not _gap_is_missing(use, last):
            groups[-1].append(use)
            last = max(last, use.used.last)
        else:
            groups.append([use])
            last = use.used.last
    return [_shot(group) for group in groups]


def _gap_is_missing(use: ClipPlan, last: int) -> bool:
    return any(last < number < use.used.first for number in use.medium.missing)


def _shot(uses: List[ClipPlan]) -> ShotPlan:
    return ShotPlan(
        medium=uses[0].medium,
        first=min(use.used.first for use in uses),
        last=max(use.used.last for use in uses),
        keyframes=tuple(sorted({frame for use in uses for frame in use.keyframes})),
        uses=tuple(sorted(uses, key=lambda use: use.index)),
    )
