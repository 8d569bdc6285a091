"""Timelines as .otio files, written and read as Resolve does: plain JSON, no library."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.fakes.resolve import real_media

_VERSION = {"Resolve OTIO Meta Version": "1.0"}


def export_file(timeline, path: str) -> bool:
    """Write a timeline."""
    rate = float(timeline.rate)
    tracks = [
        {
            "OTIO_SCHEMA": "Track.1",
            "name": track.name,
            "kind": "Video",
            "children": list(_children(track, timeline.start, rate)),
            "metadata": {},
        }
        for track in timeline.tracks
    ]
    Path(path).write_text(
        json.dumps(
            {
                "OTIO_SCHEMA": "Timeline.1",
                "name": timeline.name,
                "global_start_time": _time(timeline.start, rate),
                "tracks": {"OTIO_SCHEMA": "Stack.1", "name": "", "children": tracks, "metadata": {}},
                "metadata": {"Resolve_OTIO": _VERSION},
            }
        )
    )
    return True


def _children(track, start, rate):
    at = start
    for item in track.items:
        if item.kind == "transition":
            continue
        if item.start > at:
            yield {"OTIO_SCHEMA": "Gap.1", "name": "", "source_range": _range(0, item.start - at, rate)}
        yield _clip(item, rate)
        at = item.end


def _clip(item, rate):
    media = item.shown_media
    effects = []
    if item.is_curved:
        effects = [{"OTIO_SCHEMA": "TimeEffect.1", "effect_name": "", "name": "", "metadata": {}}]
    elif item.shown_speed != 1.0:
        effects = [
            {
                "OTIO_SCHEMA": "LinearTimeWarp.1",
                "effect_name": "",
                "time_scalar": item.shown_speed,
                "name": "",
                "metadata": {},
            }
        ]
    reference: dict[str, Any] = {"OTIO_SCHEMA": "MissingReference.1", "name": item.name, "metadata": {}}
    first = 0
    if media is not None and media.media is not None:
        first = frames_at(media.media.timecode, media.media.rate)
        reference = _reference(media.media, first)
    return {
        "OTIO_SCHEMA": "Clip.2",
        "name": item.name,
        "source_range": _range(first + int(item.shown_source), item.duration, rate),
        "effects": effects,
        "markers": [_marker(frame, marker, first, rate) for frame, marker in item.markers.items()],
        "media_references": {"DEFAULT_MEDIA": reference},
        "active_media_reference_key": "DEFAULT_MEDIA",
        "enabled": item.is_enabled,
        "metadata": {},
    }


def _marker(frame, marker, first, rate):
    return {
        "OTIO_SCHEMA": "Marker.2",
        "name": marker["name"],
        "color": marker["color"].upper(),
        "marked_range": _range(first + int(frame), 1, rate),
        "metadata": {},
    }


def _reference(media, first):
    rate = float(media.rate)
    available = _range(first, media.frames, rate)
    if media.first < 0:
        return {
            "OTIO_SCHEMA": "ExternalReference.1",
            "target_url": media.path,
            "available_range": available,
            "name": "",
            "metadata": {},
        }
    folder, _, name = media.path.rpartition("/")
    head, _, tail = name.partition("%04d")
    return {
        "OTIO_SCHEMA": "ImageSequenceReference.1",
        "target_url_base": folder,
        "name_prefix": head,
        "name_suffix": tail,
        "start_frame": media.first,
        "frame_step": 1,
        "rate": rate,
        "frame_zero_padding": 4,
        "available_range": available,
        "name": "",
        "metadata": {},
    }


def import_file(pool, path: str, options: dict[str, Any]):
    """A name in use gives the old timeline, a file of another shape nothing, sources not imported all
    offline.
    """
    from tests.fakes.resolve.items import TimelineItem
    from tests.fakes.resolve.timeline import Track

    old = [item for item in pool.project.timelines if item.name == options.get("timelineName")]
    if old:
        return old[0]
    content = json.loads(Path(path).read_text())
    if "Resolve_OTIO" not in content.get("metadata", {}) or not content.get("global_start_time"):
        return None
    timeline = pool.project.add_timeline(options.get("timelineName") or content["name"])
    timeline.tracks = []
    for entry in content["tracks"]["children"]:
        track = Track(entry["name"])
        timeline.tracks.append(track)
        at = timeline.start
        for child in entry["children"]:
            length = _frames(child["source_range"]["duration"], timeline.rate)
            if child["OTIO_SCHEMA"].startswith("Clip."):
                media = _media(child, timeline.rate) if options.get("importSourceClips") else None
                clip = pool.add(media) if media is not None else None
                item = TimelineItem(pool.app, child["name"], clip, at, length)
                item.source = _source(child, media)
                track.items.append(item)
            at += length
    return timeline


def _media(child, rate: Fraction):
    reference = child["media_references"][child["active_media_reference_key"]]
    if reference["OTIO_SCHEMA"].startswith("ExternalReference"):
        url = reference["target_url"]
        return None if "://" in url else real_media.look(url)
    if reference["OTIO_SCHEMA"].startswith("ImageSequenceReference"):
        base = reference["target_url_base"]
        if base.endswith("/") or "://" in base:
            return None
        pattern = (
            f"{base}/{reference['name_prefix']}%0{reference['frame_zero_padding']}d{reference['name_suffix']}"
        )
        first = reference["start_frame"]
        count = _frames(reference["available_range"]["duration"], rate)
        return real_media.look(pattern, first, first + count - 1, rate)
    return None


def _source(child, media):
    if media is None:
        return 0.0
    reference = child["media_references"][child["active_media_reference_key"]]
    start, origin = child["source_range"]["start_time"], reference["available_range"]["start_time"]
    seconds = Fraction(start["value"]) / Fraction(start["rate"]) - Fraction(origin["value"]) / Fraction(
        origin["rate"]
    )
    return float(round(seconds * media.rate))


def frames_at(timecode: str, rate: Fraction) -> int:
    """A timecode as frames."""
    from tests.fakes.resolve.timeline import frames_of

    return frames_of(timecode, rate)


def _frames(time, rate):
    return round(Fraction(time["value"]) / Fraction(time["rate"]) * Fraction(rate))


def _time(value, rate):
    return {"OTIO_SCHEMA": "RationalTime.1", "value": float(value), "rate": rate}


def _range(start, duration, rate):
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(start, rate), "duration": _time(duration, rate)}
