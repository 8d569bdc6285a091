"""What a division of bytes gives: excerpts are encoded, decoded and restored as a receiver would, and
measured.

Encoding is done on whole pictures, so that bytes are true; restoring on a part of them, which is what takes
the time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.jobs.running.in_memory import ShotInMemory, restore_parts
from sparkvsr_engine.media.colours.tags import judged_rows
from sparkvsr_engine.media.movies.frame_index.index import open_movie
from sparkvsr_engine.media.movies.writing.codecs import Encoding
from sparkvsr_engine.media.movies.writing.segments import write_segment
from sparkvsr_engine.media.movies.yuv import RgbReader
from sparkvsr_engine.models.base import Restorer
from sparkvsr_engine.streams.dividing.excerpt_pictures import ExcerptPictures
from sparkvsr_engine.streams.encodings import StreamEncodings

# Pixels of the reduced picture that are restored in a trial, a side. In a smaller part motion carries a
# keyframe's detail out of it, and keyframes seem of less use.
_PART = 192
# Frames of an excerpt that are looked at: few of large parts, more of small ones, which cost less.
FEWEST_LOOKED_AT, MOST_LOOKED_AT = 6, 12
_LOOKED_AT_PIXELS = FEWEST_LOOKED_AT * _PART * _PART


class Measure(Protocol):
    """A distance between two pictures [H, W, 3]: 0 for equal ones."""

    def __call__(self, truth: Pixels) -> Callable[[Pixels], float]:
        """The distance of a result from this truth; what is computed of the truth alone is held."""
        ...


@dataclass(frozen=True)
class Part:
    """The middle of the reduced picture, and its place in the full one: (top, left, height, width) each."""

    small: tuple[int, int, int, int]
    full: tuple[int, int, int, int]

    @classmethod
    def middle(cls, small: tuple[int, int], full: tuple[int, int]) -> Part:
        """small, full: (height, width) of the two pictures."""
        sides = [min(side, _PART) for side in small]
        starts = [(side - part) // 2 for side, part in zip(small, sides, strict=True)]
        ratios = [whole / side for whole, side in zip(full, small, strict=True)]
        placed = [round(start * ratio) for start, ratio in zip(starts, ratios, strict=True)]
        sizes = [round(side * ratio) for side, ratio in zip(sides, ratios, strict=True)]
        return cls((*starts, *sides), (*placed, *sizes))  # type: ignore[arg-type]


def cut(pixels: NDArray[Any], place: tuple[int, int, int, int]) -> NDArray[np.float32]:
    """A part of a picture, float32 0..1."""
    top, left, height, width = place
    part = pixels[top : top + height, left : left + width, :3]
    if np.issubdtype(part.dtype, np.integer):
        return part.astype(np.float32) / np.float32(np.iinfo(part.dtype).max)
    return np.ascontiguousarray(part, np.float32)


class Trials:
    """Restores excerpts of a source at given qualities.

    excerpts: consecutive frames of one shot each. measure: what is asked of a restored frame.
    """

    def __init__(
        self,
        pictures: ExcerptPictures,
        excerpts: Sequence[FrameSpan],
        restorer: Restorer,
        measure: Measure,
        folder: Path,
    ) -> None:
        self._pictures, self._excerpts = pictures, excerpts
        self._restorer, self._measure, self._folder = restorer, measure, folder
        first = excerpts[0].start
        small, full = pictures.small(first).shape[:2], pictures.full(first).shape[:2]
        self._part = Part.middle((small[0], small[1]), (full[0], full[1]))
        self._distance_of: dict[int, Callable[[Pixels], float]] = {}

    def distance(self, encodings: StreamEncodings, keyframes: Sequence[int]) -> float:
        """Mean distance of an excerpt's frames from the source, lower is better, the mean of all excerpts.

        encodings: at the qualities to be tried. keyframes: of the whole source.
        """
        return fmean(
            self._distance(excerpt, encodings, [k for k in keyframes if k in excerpt])
            for excerpt in self._excerpts
        )

    def _distance(self, excerpt: FrameSpan, encodings: StreamEncodings, keyframes: Sequence[int]) -> float:
        """Keyframes count for themselves and looked-at frames for all others: were a keyframe looked at
        instead, it would count for many, and sets would win by where they lie.
        """
        base = self._coded([self._pictures.small(frame) for frame in excerpt], encodings.base)
        coded = self._coded([self._pictures.full(k) for k in keyframes], encodings.keyframes)
        pictures = {k: cut(pixels, self._part.full) for k, pixels in zip(keyframes, coded, strict=True)}
        frames = [cut(pixels, self._part.small) for pixels in base]
        height, width = self._part.full[2:]
        geometry = Geometry(frames[0].shape[1], frames[0].shape[0], width, height)
        shot = ShotInMemory(dict(zip(excerpt, frames, strict=True)), excerpt, geometry, pictures)
        most = looked_at_count(self._part.small[2] * self._part.small[3])
        parts = [FrameSpan(frame, frame + 1) for frame in looked_at(excerpt, keyframes, most)]
        distances = [
            self._from_truth(result.frame)(np.clip(result.pixels[..., :3], 0, 1))
            for result in restore_parts(self._restorer, shot, parts)
        ]
        total = sum(self._from_truth(k)(picture) for k, picture in pictures.items())
        if distances:
            total += (len(excerpt) - len(pictures)) * fmean(distances)
        return total / len(excerpt)

    def _from_truth(self, frame: int) -> Callable[[Pixels], float]:
        if frame not in self._distance_of:
            self._distance_of[frame] = self._measure(cut(self._pictures.full(frame), self._part.full))
        return self._distance_of[frame]

    def _coded(self, pictures: Sequence[NDArray[Any]], encoding: Encoding) -> list[Pixels]:
        if not pictures:
            return []
        path = self._folder / f"trial{'.mkv' if encoding.container == 'matroska' else '.mp4'}"
        write_segment(path, pictures, encoding)
        frames = list(decoded_segment(path, encoding))
        path.unlink(missing_ok=True)
        return frames


def looked_at_count(pixels: int) -> int:
    """How many frames of an excerpt are looked at where so many pixels of a reduced one are restored."""
    return max(FEWEST_LOOKED_AT, min(MOST_LOOKED_AT, _LOOKED_AT_PIXELS // pixels))


def looked_at(excerpt: FrameSpan, keyframes: Sequence[int], most: int) -> list[int]:
    """The frames of an excerpt that are measured: evenly over those that are no keyframes, its first one
    never alone.

    Args:
        excerpt: at least one frame.
        keyframes: none of them is looked at.
        most: how many there are at most, 1 or more.
    """
    free = [frame for frame in excerpt if frame not in keyframes]
    count = min(most, len(free))
    return [free[round((at + 0.5) * len(free) / count - 0.5)] for at in range(count)]


def decoded_segment(path: Path, encoding: Encoding) -> list[Pixels]:
    """All frames of a segment, full-range RGB [H, W, 3]."""
    rgb = RgbReader(encoding.tags, judged_rows(encoding.width, encoding.height))
    with open_movie(path) as container:
        return [rgb.rgb(frame) for frame in container.decode(video=0)]
