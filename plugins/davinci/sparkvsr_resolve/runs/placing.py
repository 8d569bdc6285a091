# SPDX-License-Identifier: Apache-2.0
"""Results into Resolve: imported with their source's colour properties, then as takes or on a new track."""

from __future__ import annotations

import dataclasses
from typing import Dict, List, Sequence, Tuple

from ..connections.host import Host
from ..exchange.facts import MediaFacts
from ..exchange.requests import MediaImport, Piece, TakeRequest, TrackRequest
from ..plans.clip_plans import ClipPlan
from ..plans.spans import original_media
from ..refusals import Refused

COLOURS = ("IDT", "Input Color Space", "Data Level")
TRACK_NAME = "SparkVSR"


@dataclasses.dataclass(frozen=True)
class Result:
    """A finished result. path: a movie or a pattern; first, last: numbers of its pictures, -1 for a movie.

    start: the frame of it, from 0, that the clip's record frame shows.
    """

    clip: ClipPlan
    path: str
    first: int
    last: int
    start: int


@dataclasses.dataclass(frozen=True)
class Imported:
    """A result in the media pool. warnings: what did not take its source's value."""

    result: Result
    media: MediaFacts
    warnings: Tuple[str, ...] = ()


def import_result(host: Host, result: Result) -> Imported:
    """Bring a result into the media pool. Raises Refused."""
    properties = properties_to_copy(result)
    done = host.import_media(MediaImport(result.path, result.first, result.last, properties))
    warnings = tuple(
        f"{result.clip.name}: {name} of the result is '{value}' instead of '{properties[name]}'; set it by"
        " hand."
        for name, value in sorted(done.differing.items())
    )
    return Imported(result, done.media, warnings)


def properties_to_copy(result: Result) -> Dict[str, str]:
    """What the result's clip takes over from the original's: colour; the rate of pictures, which carry none.

    What was rendered has the timeline's colours and no input colour space to copy.
    """
    original = original_media(result.clip.item)
    properties: Dict[str, str] = {}
    if result.clip.route == "path" and original is not None:
        properties = {name: original.get(name) for name in COLOURS if original.get(name)}
        if result.first >= 0 and original.get("FPS"):
            properties["FPS"] = original.get("FPS")
    return properties


def place_take(host: Host, timeline: str, imported: Imported) -> str:
    """Add and select the take; returns what was done. Raises Refused."""
    result = imported.result
    clip = result.clip
    placed = host.add_take(
        TakeRequest(
            timeline,
            clip.item.uid,
            imported.media.uid,
            result.start,
            result.start + clip.shown_frames,
            clip.scaling,
            clip.is_retimed,
        )
    )
    text = (
        f"{clip.name}: take {placed.index} is selected; the clip's take menu compares it with the original."
    )
    if not placed.has_scaling:
        text += " Its scaling could not be set to Fit: look at the framing."
    return text


def place_on_track(
    host: Host, timeline: str, imported: Sequence[Imported], copies_grades: bool
) -> Tuple[str, Tuple[str, ...]]:
    """All results on a new track; what was done, and warnings. Raises Refused where pieces do not stay."""
    pieces = tuple(_piece(entry, copies_grades) for entry in imported)
    done = host.place_on_track(TrackRequest(timeline, TRACK_NAME, pieces))
    missing = [entry.result.clip.name for entry in imported if entry.result.clip.record not in done.placed]
    if missing:
        raise Refused(
            f"Resolve did not keep {', '.join(missing)} on track {done.track}, asked three times; drag the"
            " results from the bin SparkVSR onto it."
        )
    warnings: List[str] = []
    ungraded = [entry.result.clip.name for entry in imported if entry.result.clip.record in done.ungraded]
    if ungraded:
        warnings.append(
            f"The grade was not copied to {', '.join(ungraded)} on the new track; copy it by hand."
        )
    if not done.saved:
        warnings.append("The project was not saved; save it, then look whether all results are still there.")
    return f"{len(pieces)} results are on track {done.track}, '{TRACK_NAME}'.", tuple(warnings)


def _piece(imported: Imported, copies_grades: bool) -> Piece:
    result = imported.result
    clip = result.clip
    # What was rendered has its grade in it.
    grade_of = clip.item.uid if copies_grades and clip.route == "path" else ""
    return Piece(imported.media.uid, result.start, result.start + clip.frames, clip.record, grade_of)
