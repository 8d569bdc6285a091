# SPDX-License-Identifier: Apache-2.0
"""A result as a further take of its clip: selected, never finalised, so that the take menu compares both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...exchange.requests import TakePlaced, TakeRequest
from .. import newer
from ..failures import refused
from ..finding import clip_of, item_of, project_of, timeline_of

if TYPE_CHECKING:
    from fusionscript import Resolve, TimelineItem

_SCALING = "Scaling"


def add_take(resolve: Resolve, request: TakeRequest) -> TakePlaced:
    """Add the take, select it, and read back what the clip shows now. Raises HostFailure.

    Where it shows anything else afterwards, the take is removed and the take before it selected again.
    """
    project = project_of(resolve)
    item = item_of(timeline_of(project, request.timeline), request.item)
    clip = clip_of(project, request.media)
    count, selected = int(item.GetTakesCount() or 0), int(item.GetSelectedTakeIndex() or 0)
    place, pace = _place(item), _pace(item)
    item.AddTake(clip, request.start, request.end)
    index = int(item.GetTakesCount() or 0)
    if index <= count:
        raise refused(f"Resolve adds no take to {item.GetName()}; place the result on a new track instead.")
    item.SelectTakeByIndex(index)
    pool_item = item.GetMediaPoolItem()
    is_shown = pool_item is not None and pool_item.GetUniqueId() == request.media
    problem, name = "", item.GetName()
    if not is_shown or int(item.GetSelectedTakeIndex() or 0) != index or _place(item) != place:
        problem = f"The take of {name} does not lie where the clip does, so it was removed again"
    elif request.is_retimed and (pace is None or _pace(item) != pace):
        problem = f"Resolve does not run the take of {name} at the clip's speed, so it was removed again"
    if problem:
        _take_back(item, index, selected)
        elsewhere = "as a new timeline" if request.is_retimed else "on a new track"
        raise refused(f"{problem}; place the result {elsewhere} instead.")
    return TakePlaced(index, _set_scaling(item, request.scaling))


def _place(item: TimelineItem) -> tuple[int, int]:
    counted = newer.counted(item)
    return int(counted.GetStart()), int(counted.GetDuration())


def _pace(item: TimelineItem) -> int | None:
    """How many frames of its medium an item runs over; None where Resolve does not report it."""
    start, end = newer.source_span(item)
    return None if start is None or end is None else end - start


def _take_back(item: TimelineItem, index: int, selected: int) -> None:
    item.SelectTakeByIndex(max(selected, 1))
    item.DeleteTakeByIndex(index)


def _set_scaling(item: TimelineItem, scaling: int) -> bool:
    if scaling < 0:
        return True
    item.SetProperty(_SCALING, scaling)
    return int(newer.item_properties(item).get(_SCALING, 0) or 0) == scaling
