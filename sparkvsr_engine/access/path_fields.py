"""Which fields of records hold paths: all of them, by a table that a test holds complete.

Requests are judged and answers respelt by walking a record and what lies in it: no message has code of its
own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

from sparkvsr_bridge import media, reports, settings
from sparkvsr_bridge import messages as m
from sparkvsr_bridge.records import Record, fields_of

R = TypeVar("R", bound=Record)

READ, WRITE, COLOUR_CONFIG, MODEL, KEYFRAME_MAKER, SHARED, SENT, TEXT = (
    "read",
    "write",
    "colour config",
    "model",
    "keyframe maker",
    "shared memory",
    "sent",
    "text",
)
"""What a field means. `sent`: a path in an answer. `text`: a sentence that may hold paths."""

MEANINGS: dict[tuple[type[Record], str], str] = {
    (media.SourceMedia, "path"): READ,
    (media.ImageRef, "path"): READ,
    (media.ImageRef, "shared"): SHARED,
    (media.MediaInfo, "path"): SENT,
    (settings.OutputTarget, "path"): WRITE,
    (settings.UpscaleSettings, "model"): MODEL,
    (settings.UpscaleSettings, "isr"): KEYFRAME_MAKER,
    (settings.UpscaleSettings, "ocio_config"): COLOUR_CONFIG,
    (m.PreviewRequest, "target"): WRITE,
    (m.ConfidenceRequest, "target"): WRITE,
    (m.HelloReply, "shared_folder"): SENT,
    (m.EngineReply, "home"): SENT,
    (m.FramesFinished, "paths"): SENT,
    (m.JobWarning, "message"): TEXT,
    (m.PreviewReady, "warnings"): TEXT,
    (m.KeyframesReply, "note"): TEXT,
    (reports.JobReport, "source"): SENT,
    (reports.JobReport, "target"): SENT,
    (reports.JobReport, "warnings"): TEXT,
    (reports.JobReport, "run_notes"): TEXT,
    (reports.ErrorReport, "message"): TEXT,
    (reports.ErrorReport, "details"): TEXT,
}

Change = Callable[[str, str], str]
"""From a field's meaning and its value to the value that takes its place."""


def rewritten(record: R, change: Change) -> R:
    """The record with every field of the table put through `change`, however deep it lies."""
    values: dict[str, Any] = {}
    for field in fields_of(type(record)):
        value = getattr(record, field.name)
        fresh = _rewritten_value(MEANINGS.get((type(record), field.name), ""), value, change)
        if fresh is not value:
            values[field.name] = fresh
    return dataclasses.replace(cast("Any", record), **values) if values else record


def paths_in(record: Record, *meanings: str) -> Iterator[str]:
    """Values of the fields of these meanings, empty ones left out."""
    for field in fields_of(type(record)):
        value = getattr(record, field.name)
        is_wanted = MEANINGS.get((type(record), field.name)) in meanings
        for item in cast("tuple[Any, ...]", value) if isinstance(value, tuple) else (value,):
            if isinstance(item, Record):
                yield from paths_in(item, *meanings)
            elif is_wanted and isinstance(item, str) and item:
                yield item


def names_anything(record: Record) -> bool:
    """Whether a request names a file or a model, or revises a job, whose files are named already."""
    named = paths_in(record, READ, WRITE, COLOUR_CONFIG, MODEL, KEYFRAME_MAKER, SHARED)
    return isinstance(record, m.ReviseJobRequest) or any(True for _ in named)


def _rewritten_value(meaning: str, value: Any, change: Change) -> Any:
    if isinstance(value, Record):
        return rewritten(value, change)
    if isinstance(value, tuple):
        return _rewritten_tuple(meaning, cast("tuple[Any, ...]", value), change)
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value)
        fresh = {name: _rewritten_value(meaning, item, change) for name, item in items.items()}
        return value if fresh == items else fresh
    return change(meaning, value) if meaning and isinstance(value, str) and value else value


def _rewritten_tuple(meaning: str, items: tuple[Any, ...], change: Change) -> tuple[Any, ...]:
    fresh = tuple(_rewritten_value(meaning, item, change) for item in items)
    return items if all(new is old for new, old in zip(fresh, items, strict=True)) else fresh
