# SPDX-License-Identifier: Apache-2.0
"""Stills that a colorist repairs: exported at keyframes, taken as their pictures once they were saved anew.

A still is graded, so it can lead a result only where keyframes carry their look.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Tuple

from ..connections.host import Host
from ..plans.clip_plans import ClipPlan, RunPlan
from ..plans.rates import rate_of, timecode_of
from ..refusals import Refused
from .outputs import plain_name

LIST = "stills.json"
GRADED = (
    "Stills are exported with their grade, which would be applied twice; add --look propagate, so that"
    " keyframes carry their look, or take the repaired stills away."
)


@dataclasses.dataclass(frozen=True)
class Still:
    """A still. source, frame: of the medium, in its own numbers. stamp: when it was exported, nanoseconds."""

    file: str
    source: str
    frame: int
    stamp: int


def export_stills(host: Host, plan: RunPlan, folder: str) -> Tuple[Still, ...]:
    """A still of every keyframe of a plan. Raises Refused; stills that were repaired before stay as they
    are.
    """
    rate = rate_of(plan.timeline.rate)
    if rate is None:
        raise Refused("The timeline has no frame rate; open another one.")
    place = Path(folder)
    earlier = {(still.source, still.frame): still for still in read_list(folder)}
    is_drop = ";" in plan.timeline.start_timecode
    for clip, frame, record in _keyframes(plan):
        key = (clip.source.path, frame)
        if key in earlier and is_repaired(place, earlier[key]):
            continue
        path = place / f"{plain_name(clip.name)}_{frame:04d}.png"
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Refused(f"{folder} cannot be made ({error.strerror}); name another folder.") from error
        host.export_still(plan.timeline.uid, timecode_of(record, rate, is_drop), str(path))
        if not path.is_file():
            raise Refused(f"Resolve wrote no still to {path}; choose another folder.")
        earlier[key] = Still(path.name, *key, path.stat().st_mtime_ns)
    stills = tuple(earlier.values())
    (place / LIST).write_text(json.dumps([dataclasses.asdict(still) for still in stills], indent=1), "utf-8")
    return stills


def repaired_stills(folder: str) -> Dict[Tuple[str, int], Path]:
    """Source and frame of each still that was saved anew since it was exported -> its file."""
    place = Path(folder)
    return {
        (still.source, still.frame): place / still.file
        for still in read_list(folder)
        if is_repaired(place, still)
    }


def require_usable(stills: Mapping[Tuple[str, int], Path], options: Mapping[str, Any]) -> None:
    """Raise Refused for repaired stills whose grade would be applied twice."""
    if stills and options.get("look", "lock") != "propagate":
        raise Refused(GRADED)


def read_list(folder: str) -> List[Still]:
    """The stills of a folder; none where it has no list."""
    try:
        return [Still(**values) for values in json.loads(Path(folder, LIST).read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def is_repaired(folder: Path, still: Still) -> bool:
    """Whether a still was saved anew."""
    try:
        return (folder / still.file).stat().st_mtime_ns != still.stamp
    except OSError:
        return False


def _keyframes(plan: RunPlan) -> Iterator[Tuple[ClipPlan, int, int]]:
    """Every keyframe of a clip with a file: its frame in the source's numbers, and its record frame."""
    for clip in plan.work:
        if clip.span is None:
            continue
        for frame in clip.keyframes:
            yield clip, frame, clip.record + frame - clip.source.first - clip.span.shown_first
