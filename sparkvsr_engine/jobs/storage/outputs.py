"""Finished chunks as files: written, recorded, found again, linked from the version that made them.

Files are never changed once they bear their final name, so versions may share them by hard links. Frames
that lay in the target before the job came are kept unless the artist asked to overwrite them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from sparkvsr_bridge.system.held_files import replace_when_free, unlink_when_free
from sparkvsr_engine.access.boundary import is_bounded, require_inside
from sparkvsr_engine.access.confinement.threads import run_outside
from sparkvsr_engine.core.frames import FrameSpan, spans_of
from sparkvsr_engine.core.windows import Chunk
from sparkvsr_engine.jobs.storage.claims import claim_movie
from sparkvsr_engine.jobs.storage.records import FinishedChunk, FinishedFile, JobVersion
from sparkvsr_engine.jobs.storage.store import JobStore
from sparkvsr_engine.media.base import FrameRun, FrameSink
from sparkvsr_engine.media.faults import media_faults
from sparkvsr_engine.media.opening import OutputPlan, existing_files, open_sink
from sparkvsr_engine.storage.whole_files import partial_name

# The key of a chunk that holds frames the engine did not make: it must never be taken for its own work.
FOREIGN = ""


class ChunkRun:
    """Writes the frames of a chunk that are wanted, in order; all of them are there afterwards, or none.

    A context manager. spans: the frames to write; frames outside them are passed over.
    """

    def __init__(self, sink: FrameSink, spans: list[FrameSpan]) -> None:
        self._sink = sink
        self._spans = spans
        self._stack = ExitStack()
        self._runs: dict[int, FrameRun] = {}

    def __enter__(self) -> ChunkRun:
        for span in self._spans:
            run = self._stack.enter_context(self._sink.open_run(span))
            self._runs |= dict.fromkeys(span, run)
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    def write(self, frame: int, pixels: NDArray[Any]) -> None:
        """The next frame, in the sink's sample format."""
        run = self._runs.get(frame)
        if run is not None:
            run.write(pixels)


class Outputs:
    """The files of one version."""

    def __init__(self, plan: OutputPlan, store: JobStore, version: JobVersion, span: FrameSpan) -> None:
        """span: all frames that are put out."""
        self._sink = open_sink(plan)
        self._plan = plan
        self._store = store
        self._version = version
        self._finished: dict[int, FinishedChunk] = {}
        self._kept_frames = store.keep_frames(version.job, version.version, self._existing_frames(span))
        self._load()

    def is_finished(self, chunk: Chunk) -> bool:
        """Whether the chunk was recorded and its files are still what was recorded."""
        return chunk.span.start in self._finished

    def finished(self, span: FrameSpan) -> FinishedChunk:
        """The chunk of these frames, as it was recorded; it has to be finished."""
        return self._finished[span.start]

    def forget_others(self, keys: Mapping[FrameSpan, str]) -> int:
        """Drop finished chunks that are not, under these keys, what is wanted now; returns their frames.

        keys: all chunks there are to be. Files stay until they are written anew, the artist's own for good.
        """
        unplanned = [
            chunk
            for chunk in self._finished.values()
            if chunk.span not in keys or chunk.key not in (FOREIGN, keys[chunk.span])
        ]
        for chunk in unplanned:
            del self._finished[chunk.span.start]
        spans = [chunk.span for chunk in unplanned]
        self._store.drop_chunks(self._version.job, self._version.version, spans)
        return sum(map(len, spans))

    def open_run(self, span: FrameSpan) -> ChunkRun:
        """Start to write a chunk's frames."""
        return ChunkRun(self._sink, spans_of(sorted(set(span) - self._kept_in(span))))

    def record(self, chunk: Chunk, key: str) -> None:
        """The chunk's files are in place."""
        self._record(chunk.span, FOREIGN if self._kept_in(chunk.span) else key, reused=False)

    def adopt(self, chunk: FinishedChunk) -> None:
        """Take a chunk that another process put in place."""
        self._store.add_chunk(self._version.job, self._version.version, chunk)
        self._finished[chunk.span.start] = chunk

    def reuse(self, chunk: Chunk, key: str) -> bool:
        """Take the chunk from whoever made it under the same key, or keep what was there before the job."""
        finished_files = self._kept_in(chunk.span)
        if len(finished_files) == len(chunk.span):
            self._record(chunk.span, FOREIGN, reused=True)
            return True
        if finished_files:
            return False
        for candidate in self._store.chunks_of_key(key):
            targets = self._sink.files_of(chunk.span)
            if candidate.span == chunk.span and _are_usable(candidate, targets):
                for file, path in zip(candidate.files, targets, strict=True):
                    _put_in_place(Path(file.path), path)
                self._record(chunk.span, key, reused=True)
                return True
        return False

    def paths(self, span: FrameSpan) -> list[Path]:
        """One file per frame; empty for a movie, which has none."""
        return [] if self._plan.is_movie else self._sink.files_of(span)

    def kept_frames(self) -> int:
        """How many frames of the target were there before the job and stay as they were."""
        return len(self._kept_frames)

    def finish(self) -> list[str]:
        """Make the target of the finished chunks; sentences about what could not be kept.

        Done again after a crash: joining costs little, and an older movie of that name may lie there.
        Raises TargetExists for a movie that came there meanwhile.
        """
        claim_movie(self._plan, self._version.spec.output.overwrite)
        return self._sink.finish(sorted(chunk.span for chunk in self._finished.values()))

    def _record(self, span: FrameSpan, key: str, reused: bool) -> None:
        frames = list(span)
        paths = self._sink.files_of(span)
        files = tuple(_finished_file(frames[index], path) for index, path in enumerate(paths))
        chunk = FinishedChunk(span, key, reused, files)
        self._store.add_chunk(self._version.job, self._version.version, chunk)
        self._finished[span.start] = chunk

    def _load(self) -> None:
        """What an earlier run recorded; records whose files were touched or removed are dropped."""
        lost: list[FrameSpan] = []
        for chunk in self._store.chunks(self._version.job, self._version.version):
            if all(file.is_intact() for file in chunk.files):
                self._finished[chunk.span.start] = chunk
            else:
                lost.append(chunk.span)
        self._store.drop_chunks(self._version.job, self._version.version, lost)

    def _existing_frames(self, span: FrameSpan) -> list[int]:
        """Frames of the target that are there and are not to be overwritten."""
        if self._plan.is_movie or self._version.spec.output.overwrite:
            return []
        existing = set(existing_files(self._plan, span))
        return [
            frame for frame, path in zip(span, self._sink.files_of(span), strict=True) if path in existing
        ]

    def _kept_in(self, span: FrameSpan) -> frozenset[int]:
        """Frames of a chunk that were there before the job, and still are."""
        files = zip(span, self._sink.files_of(span), strict=False)
        return frozenset(frame for frame, path in files if frame in self._kept_frames and path.exists())


def link_file(existing: Path, target: Path) -> None:
    """The same file under another name: linked where the file system can, else copied; in one step."""
    require_inside(target, writing=True)
    if existing == target:
        return
    # Always the same name, so that what a killed run left is taken away by the next one.
    partial = partial_name(target)
    with media_faults(target, writing=True):
        unlink_when_free(partial)
        try:
            os.link(existing, partial)
        except OSError:
            shutil.copy2(existing, partial)
        replace_when_free(partial, target)
        # Renaming one name of a file to another name of the same file does nothing: a killed run's link.
        unlink_when_free(partial)


def _are_usable(chunk: FinishedChunk, targets: list[Path]) -> bool:
    """Whether a chunk's files are as they were recorded, and can be read where they are to be linked."""
    return all(
        file.is_intact() and (not is_bounded(str(target.parent)) or _is_readable(file.path))
        for file, target in zip(chunk.files, targets, strict=True)
    )


def _is_readable(path: str) -> bool:
    """Whether a remote client's job may open it: a local job's result may lie outside its folders."""
    try:
        with Path(path).open("rb"):
            return True
    except OSError:
        return False


def _put_in_place(existing: Path, target: Path) -> None:
    """Link a finished file. In the engine's own folders nobody swaps links: there all may be linked."""
    if is_bounded(str(target.parent)):
        link_file(existing, target)
    else:
        run_outside(lambda: link_file(existing, target))


def _finished_file(frame: int, path: Path) -> FinishedFile:
    state = path.stat()
    return FinishedFile(frame, str(path.absolute()), state.st_size, state.st_mtime_ns)
