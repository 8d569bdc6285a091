# SPDX-License-Identifier: Apache-2.0
"""The frame under a timecode as a still: graded, in the output's colours, at the timeline's size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..failures import gone, refused
from ..finding import in_front, project_of

if TYPE_CHECKING:
    from fusionscript import Resolve


def export_still(resolve: Resolve, timeline_uid: str, timecode: str, path: str) -> str:
    """Write a still; the playhead is where it was afterwards. Returns the path. Raises HostFailure."""
    project = project_of(resolve)
    timeline = in_front(project, timeline_uid)
    before = str(timeline.GetCurrentTimecode())
    try:
        if not timeline.SetCurrentTimecode(timecode) or str(timeline.GetCurrentTimecode()) != timecode:
            raise gone(f"The playhead does not go to {timecode}; the timeline has changed, read it again.")
        if not project.ExportCurrentFrameAsStill(path):
            raise refused(f"Resolve exports no still to {path}; choose another folder.")
    finally:
        timeline.SetCurrentTimecode(before)
    return path
