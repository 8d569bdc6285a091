"""Clips that are compared, and small streams as they arrive: all frames in memory, 8 bits a channel."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.core.arrays import BytePicture, Pixels
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.evaluation.pixels import to_eight_bits
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.movies.small_streams.keyframe_track import decode_keyframes
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.media.probe import probe


@dataclass(frozen=True, eq=False)
class ComparedClip:
    """A clip as the truth. rate: frames per second. folder: for files made of it."""

    name: str
    path: Path
    frames: Sequence[BytePicture]
    rate: Fraction
    folder: Path

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.frames[0].shape[:2]
        return width, height

    def kbps(self, file_bytes: int) -> float:
        """Thousand bits per second of a file of all its frames."""
        return file_bytes * 8 / float(len(self.frames) / self.rate) / 1000

    def middle(self, count: int) -> FrameSpan:
        """So many frames in its middle; all of them where it has fewer."""
        start = max(0, len(self.frames) - count) // 2
        return FrameSpan(start, min(len(self.frames), start + count))


def read_clip(path: Path, count: int, work: Path) -> ComparedClip:
    """The first frames of a movie.

    Args:
        path: of the movie.
        count: frames wanted; all there are where it has fewer.
        work: an existing folder, in which the clip has one of its own.

    Raises:
        MediaUnreadable: for a movie that cannot be read.
    """
    whole = probe(SourceMedia(str(path)))
    first = whole.span.start
    last = min(whole.span.last, first + count - 1)
    info = probe(SourceMedia(str(path), first, last))
    folder = work / path.stem
    folder.mkdir(exist_ok=True)
    av.logging.set_level(av.logging.ERROR)
    return ComparedClip(path.stem, path, _frames(info), info.rate or Fraction(24), folder)


def unpacked_stream(path: Path) -> tuple[list[BytePicture], dict[int, BytePicture]]:
    """The frames of a small stream, and its keyframes by their frame numbers."""
    info = probe(SourceMedia(str(path)))
    track = info.keyframes
    keyframes = decode_keyframes(path, track, track.frames, info.colour) if track else ()
    return _frames(info), {frame: _in_bytes(pixels) for frame, pixels in keyframes}


def _frames(info: ClipInfo) -> list[BytePicture]:
    with closing(open_source(info)) as source:
        return [_in_bytes(source.read(number).pixels) for number in info.span]


def _in_bytes(pixels: Pixels) -> BytePicture:
    scale = np.iinfo(pixels.dtype).max
    return to_eight_bits(pixels[..., :3].astype(np.float32) / scale)
