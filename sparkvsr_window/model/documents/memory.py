"""What outlives the window: the documents worked on and its set-up, in one JSON file."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from sparkvsr_bridge.media import MediaInfo
from sparkvsr_bridge.system.held_files import replace_when_free
from sparkvsr_window.model.documents.records import Clip, Document, KeyframeMark, Settings, Version

_MOST_DOCUMENTS = 100


def read_memory(path: Path) -> dict[str, Any]:
    """What `write_memory` wrote; empty where there is nothing, or nothing that can be read."""
    try:
        values = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def write_memory(path: Path, values: dict[str, Any]) -> str:
    """Write in one step: a kill or a full disk leaves the file before. Returns why it failed, or nothing."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8") as file:
            json.dump(values, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        replace_when_free(partial, path)
    except OSError as error:
        return f"The window's state cannot be written to {path} ({error.strerror}); free some space."
    return ""


def with_document(values: dict[str, Any], document: Document) -> dict[str, Any]:
    """The memory with a document put first; those used longest ago are forgotten."""
    documents = {document.clip.path: document_values(document)}
    documents.update(
        {path: each for path, each in values.get("documents", {}).items() if path != document.clip.path}
    )
    remaining = dict(list(documents.items())[:_MOST_DOCUMENTS])
    return {**values, "documents": remaining, "last": document.clip.path}


def document_values(document: Document) -> dict[str, Any]:
    """A document as JSON values, without what a look at the source shows anew."""
    values = asdict(document)
    del values["clip"]
    return values


def restored(values: Any, clip: Clip) -> Document:
    """A document as it was left, of a clip as it is now; a new one where nothing fits."""
    fresh = Document.of(clip)
    if not isinstance(values, dict):
        return fresh
    try:
        info: MediaInfo = clip.info
        first, last = clip.nearest(values["first"]), clip.nearest(values["last"])
        return replace(
            fresh,
            first=min(first, last),
            last=max(first, last),
            settings=Settings(**_of(Settings, values["settings"])),
            keyframes=tuple(
                KeyframeMark(**_of(KeyframeMark, each))
                for each in values["keyframes"]
                if info.first_frame <= each["frame"] <= info.last_frame
            ),
            versions=tuple(Version(**_of(Version, each)) for each in values["versions"]),
            cuts=tuple(values["cuts"]),
            region=tuple(values["region"]) if values.get("region") else None,
            target=str(values.get("target", "")),
        )
    except (KeyError, TypeError, ValueError):
        return fresh


def _of(kind: Any, values: dict[str, Any]) -> dict[str, Any]:
    """The values that a record has a field for; another version of the window may have had others."""
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in values.items() if name in names}
