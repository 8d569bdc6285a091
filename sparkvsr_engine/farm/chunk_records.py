"""Finished chunks of a bundle as files, one each: hosts write them at the same time and share no database.

A record names files and their sizes, not when they were written: a farm may carry them from host to host.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.farm.folder import BundleFolder, write_json
from sparkvsr_engine.jobs.storage.records import FinishedChunk, FinishedFile, JobVersion
from sparkvsr_engine.jobs.storage.store import JobStore
from sparkvsr_engine.storage.listing import visible_files

log = logging.getLogger(__name__)


def write_record(folder: BundleFolder, chunk: FinishedChunk, target: Path) -> None:
    """Record a chunk.

    Args:
        folder: the bundle's.
        chunk: the rendered chunk.
        target: the folder of the result on this host.
    """
    files = [[file.frame, *_place(folder, Path(file.path), target), file.size_bytes] for file in chunk.files]
    values = {"frames": [chunk.span.first, chunk.span.last], "key": chunk.key, "files": files}
    write_json(folder.chunks / f"{chunk.span.first}.json", values)


def restore_records(
    folder: BundleFolder, store: JobStore, version: JobVersion, target: Path, frames: FrameSpan | None
) -> None:
    """Enter in a store the chunks whose files are there and whole.

    Args:
        folder: the bundle's.
        store: the engine's jobs.
        version: the job's version in that store.
        target: the folder of the result on this host.
        frames: those that begin among these; None for all.
    """
    for chunk in _records(folder, target, frames):
        store.add_chunk(version.job, version.version, chunk)


def _records(folder: BundleFolder, target: Path, frames: FrameSpan | None) -> Iterator[FinishedChunk]:
    for path in visible_files(folder.chunks, "*.json"):
        if frames is not None and int(path.stem) not in frames:
            continue
        try:
            chunk = _chunk(json.loads(path.read_text(encoding="utf-8")), folder, target)
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("the record %s cannot be used (%s); its frames are rendered again", path, error)
            continue
        yield chunk


def _chunk(values: dict[str, Any], folder: BundleFolder, target: Path) -> FinishedChunk:
    """Raises OSError for a file that is gone, ValueError for one of another size."""
    files: list[FinishedFile] = []
    for frame, root, name, size_bytes in values["files"]:
        path = (folder.work if root == "work" else target) / name
        state = path.stat()
        if state.st_size != size_bytes:
            raise ValueError(f"{path} has {state.st_size} bytes instead of {size_bytes}")
        files.append(FinishedFile(frame, str(path.absolute()), size_bytes, state.st_mtime_ns))
    return FinishedChunk(FrameSpan.from_inclusive(*values["frames"]), values["key"], False, tuple(files))


def _place(folder: BundleFolder, path: Path, target: Path) -> tuple[str, str]:
    """(which folder, the name in it) of a file: of a movie's segments, or of the result."""
    if path.is_relative_to(folder.work):
        return "work", path.relative_to(folder.work).as_posix()
    return "target", path.relative_to(target.absolute()).as_posix()
