# SPDX-License-Identifier: Apache-2.0
"""Timelines out and in as .otio. A name in use gives the old timeline or nothing, so identities are
compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict

from ...exchange.requests import TimelineImport, TimelineImported
from ..failures import refused
from ..finding import current_timeline, items_of, open_result_bin, project_of, timelines_of

if TYPE_CHECKING:
    from fusionscript import MediaPool, Project, Resolve, Timeline


def export_timeline(resolve: Resolve, path: str) -> str:
    """Write the timeline in front as .otio; returns its path. Raises HostFailure."""
    timeline = current_timeline(project_of(resolve))
    if not timeline.Export(path, resolve.EXPORT_OTIO, resolve.EXPORT_NONE):
        raise refused(f"Resolve does not export {timeline.GetName()} to {path}; choose another folder.")
    return path


def import_timeline(resolve: Resolve, request: TimelineImport) -> TimelineImported:
    """Import an .otio file as a new timeline, under a name that is free. Raises HostFailure."""
    project = project_of(resolve)
    before = {str(timeline.GetUniqueId()): str(timeline.GetName()) for timeline in timelines_of(project)}
    name = _free_name(request.name, set(before.values()))
    with open_result_bin(project) as pool:
        _import(pool, request, name)
    timeline = _new_timeline(project, before)
    if timeline is None:
        raise refused(
            f"Resolve does not import {request.path}; import it by hand with File > Import > Timeline."
        )
    items = [item for _, item in items_of(timeline)]
    offline = tuple(str(item.GetName()) for item in items if item.GetMediaPoolItem() is None)
    return TimelineImported(str(timeline.GetName()), str(timeline.GetUniqueId()), len(items), offline)


def _import(pool: MediaPool, request: TimelineImport, name: str) -> None:
    options: Dict[str, Any] = {
        "timelineName": name,
        "importSourceClips": True,
        "sourceClipsPath": request.sources,
    }
    # The stubs ask for every key; those left out have no meaning for .otio.
    pool.ImportTimelineFromFile(request.path, options)  # type: ignore[arg-type]


def _new_timeline(project: Project, before: Dict[str, str]) -> Timeline | None:
    return next(
        (timeline for timeline in timelines_of(project) if str(timeline.GetUniqueId()) not in before), None
    )


def _free_name(name: str, used_names: set[str]) -> str:
    number, free = 1, name
    while free in used_names:
        number += 1
        free = f"{name} {number}"
    return free
