# SPDX-License-Identifier: Apache-2.0
"""The speeds of a timeline by its .otio export, which Resolve writes since 18.5. JSON alone, no library."""

from __future__ import annotations

import dataclasses
import json
from fractions import Fraction
from typing import Any, Dict, Iterator, Optional, Tuple

from .speeds import Place, Speed

_VIDEO = "video"


def exported_speeds(text: str) -> Dict[Place, Speed]:
    """Track and record frame of each clip -> its speed. Raises ValueError for text that is no timeline.

    A speed that is a curve is not known.
    """
    try:
        content = json.loads(text)
        start = _frames(content.get("global_start_time"))
        tracks = [
            track for track in content["tracks"]["children"] if str(track.get("kind", "")).lower() == _VIDEO
        ]
        return {
            (number, record): speed
            for number, track in enumerate(tracks, 1)
            for record, speed in _speeds_on(track, start)
        }
    except (KeyError, TypeError, AttributeError, ZeroDivisionError) as error:
        raise ValueError(f"no timeline that Resolve wrote: {error!r}") from error


def _speeds_on(track: Dict[str, Any], start: int) -> Iterator[Tuple[int, Speed]]:
    record = start
    for child in track["children"]:
        schema = str(child["OTIO_SCHEMA"]).split(".")[0]
        if schema == "Transition":
            continue
        if schema != "Gap":
            yield record, dataclasses.replace(_speed(child.get("effects") or []), begin=_begin(child))
        record += _frames(child["source_range"]["duration"])


def _speed(effects: Any) -> Speed:
    speed = Fraction(1)
    for effect in effects:
        schema = str(effect["OTIO_SCHEMA"]).split(".")[0]
        if schema == "FreezeFrame":
            return Speed(Fraction(0))
        if schema == "LinearTimeWarp":
            speed *= Fraction(str(effect["time_scalar"]))
        elif schema == "TimeEffect":
            return Speed(None, is_curve=True)
    return Speed(speed)


def _begin(clip: Dict[str, Any]) -> Optional[int]:
    """Where a clip begins in its medium; None where the medium's range is not given."""
    references = clip.get("media_references") or {}
    reference = references.get(clip.get("active_media_reference_key") or "DEFAULT_MEDIA") or {}
    available, source_range = reference.get("available_range"), clip["source_range"]
    if not available:
        return None
    rates = {float(part["start_time"]["rate"]) for part in (available, source_range)}
    begin = _frames(source_range["start_time"]) - _frames(available["start_time"])
    return begin if len(rates) == 1 else None


def _frames(time: Any) -> int:
    return round(float(time["value"])) if time else 0
