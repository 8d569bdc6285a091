"""Finished frames as numbered pictures: a sink whose every frame is its own file, written atomically."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.core.frames import FrameSpan, describe_frames
from sparkvsr_engine.media.buffering.background import BoundedWorkers
from sparkvsr_engine.media.faults import make_folder, require_space
from sparkvsr_engine.media.images import largest_file, write_image
from sparkvsr_engine.media.sequences.numbering import NumberedPattern
from sparkvsr_engine.media.sequences.picture_files.carrying import Carriage, PartOut
from sparkvsr_engine.media.sequences.picture_files.layered import write_layered
from sparkvsr_engine.media.sequences.picture_files.metadata import FrameMetadata
from sparkvsr_engine.media.sequences.standing_in import nearest_whole

# Compression is most of the work and runs without Python's lock: a few threads, a few frames waiting.
_WORKERS = max(1, min(4, os.cpu_count() or 1))
_WAITING = _WORKERS + 2


@dataclass(frozen=True, eq=False)
class PicturesPlan:
    """What is written: where, of what size, sample format and channels, with which headers.

    bits: of the source, so that a 10-bit DPX stays one. is_premultiplied: see `write_image`.
    carriage: how layers and overscan of the frames of `source` come along; None where there are none.
    source_span: its frames. conceals: layers of damaged files are those of the nearest whole one.
    is_grey: frames, which come in three channels, are written as one, or as three equal ones where the
        format does not hold that (holds_grey).
    """

    pattern: NumberedPattern
    width: int
    height: int
    sample: str
    channels: int
    metadata: FrameMetadata
    quality: int = 0
    bits: int = 0
    is_premultiplied: bool = False
    source: NumberedPattern | None = None
    source_span: FrameSpan | None = None
    carriage: Carriage | None = None
    conceals: bool = True
    is_grey: bool = False
    holds_grey: bool = True


class SequenceSink:
    """A `FrameSink` of numbered pictures. Existing files are replaced: ask before whether they may be."""

    def __init__(self, plan: PicturesPlan) -> None:
        self._plan = plan
        self._replaced: set[int] = set()
        make_folder(plan.pattern.folder)

    def open_run(self, span: FrameSpan) -> _PicturesRun:
        """Start to write the frames of `span`, in order; they appear one by one."""
        return _PicturesRun(self._plan, span, self._replaced)

    def files_of(self, span: FrameSpan) -> list[Path]:
        """The pictures of a run."""
        return [self._plan.pattern.path_of(number) for number in span]

    def finish(self, spans: Sequence[FrameSpan]) -> list[str]:
        """Nothing is left to be done; a sentence about frames whose layers are other ones'."""
        del spans
        if not self._replaced:
            return []
        return [
            f"Layers beside the picture of {describe_frames(sorted(self._replaced))} cannot be decoded and"
            f" are those of the nearest whole frame of {self._plan.source}; render these frames again, or use"
            " --on-damage stop to be refused."
        ]


class _PicturesRun:
    """A `FrameRun`. Unlike a movie's, frames finished before an error stay: each is whole by itself."""

    def __init__(self, plan: PicturesPlan, span: FrameSpan, replaced: set[int]) -> None:
        """replaced: to be filled with frames whose layers are those of another one."""
        self._plan, self._span, self._replaced = plan, span, replaced
        self._next = span.start
        self._work = BoundedWorkers(_WORKERS, _WAITING, "sparkvsr-write")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._work.abort()
            return
        self._work.finish()
        if self._next != self._span.stop:
            raise ValueError(
                f"the run {self._span.first}-{self._span.last} got frames to {self._next - 1} only"
            )

    def write(self, pixels: Pixels) -> None:
        """The next frame, [H, W, C] of the plan's sample format and size; it is not copied.

        Raises OutputUnwritable or DiskFull, for an earlier frame too.
        """
        plan, number = self._plan, self._next
        shape = (plan.height, plan.width, plan.channels)
        if pixels.shape != shape or pixels.dtype != np.dtype(plan.sample):
            raise ValueError(
                f"a frame is {pixels.shape} {pixels.dtype}, the sink takes {shape} {plan.sample}"
            )
        if number not in self._span:
            raise ValueError(f"frame {number} is outside the run {self._span.first}-{self._span.last}")
        self._next += 1
        # Several frames are written at a time, and each may be the one that does not fit any more.
        require_space(plan.pattern.path_of(number), _WORKERS * largest_file(pixels.nbytes))
        self._work.submit(self._write_frame, number, pixels)

    def _write_frame(self, number: int, pixels: Pixels) -> None:
        plan = self._plan
        if plan.is_grey:
            pixels = _as_grey(pixels, plan.holds_grey)
        source_number, parts = _parts(plan, number, pixels)
        if source_number != number:
            self._replaced.add(number)
        _write(plan, number, pixels, parts)


def _parts(plan: PicturesPlan, number: int, pixels: Pixels) -> tuple[int, list[PartOut] | None]:
    """The parts of a frame with whose layers they are; None where the picture is all there is."""
    carriage, source = plan.carriage, plan.source
    if carriage is None or source is None:
        return number, None
    if not plan.conceals or plan.source_span is None:
        return number, carriage.parts_of(source.path_of(number), pixels)
    return nearest_whole(number, plan.source_span, lambda at: carriage.parts_of(source.path_of(at), pixels))


def _write(plan: PicturesPlan, number: int, pixels: Pixels, parts: list[PartOut] | None) -> None:
    path = plan.pattern.path_of(number)
    if parts is not None:
        for part in parts[1:]:
            part.attributes = plan.metadata.still_true(part.attributes)
        parts[0].attributes = plan.metadata.of(number)
        write_layered(path, parts)
        return
    write_image(
        path,
        pixels,
        plan.metadata.of(number),
        quality=plan.quality,
        bits=plan.bits,
        is_premultiplied=plan.is_premultiplied,
    )


def _as_grey(pixels: Pixels, as_one: bool) -> Pixels:
    """The mean of R, G and B, [H, W, 1] or thrice, with alpha behind it where there is one."""
    red, green, blue = (pixels[..., index, None] for index in range(3))
    mean = pixels[..., :3].mean(axis=2, keepdims=True, dtype=np.float32)
    rounded = (np.rint(mean) if pixels.dtype.kind == "u" else mean).astype(pixels.dtype)
    # The mean of three equal floats need not be that float.
    grey = np.where((red == green) & (green == blue), red, rounded)
    if not as_one:
        grey = np.repeat(grey, 3, axis=2)
    return grey if pixels.shape[2] == 3 else np.concatenate([grey, pixels[..., 3:]], axis=2)
