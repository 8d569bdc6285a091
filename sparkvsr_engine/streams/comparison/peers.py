"""What small streams are held against: plain codecs at full size, and small movies enlarged or restored
blind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from sparkvsr_engine.core.arrays import BytePicture, Pixels
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.evaluation.pixels import resize_bicubic, to_eight_bits, to_unit
from sparkvsr_engine.jobs.running.in_memory import ShotInMemory, restore_shot
from sparkvsr_engine.media.movies.writing.codecs import Encoding, MovieTraits, Picture, make_encoding
from sparkvsr_engine.media.movies.writing.segments import write_segment
from sparkvsr_engine.models.base import Restorer
from sparkvsr_engine.models.isr.upscaler import ImageUpscaler, make_keyframe
from sparkvsr_engine.streams.dividing.trials import decoded_segment
from sparkvsr_engine.streams.encodings import slow_preset, with_crf

PLAIN_ENCODERS = {"x264": "libx264", "x265": "libx265", "SVT-AV1": "libsvtav1"}
"""Encoders at full size by their names in tables, each at its slow preset."""

_FULL_VALUES = {
    "libx264": (45, 40, 35, 30, 25),
    "libx265": (45, 40, 35, 30, 25),
    "libsvtav1": (70, 63, 57, 50, 42, 34),
}


@dataclass(frozen=True, eq=False)
class CodedClip:
    """A clip as it was sent. file_bytes: of the whole file. frames: as they are decoded."""

    file_bytes: int
    frames: Sequence[BytePicture]


def code_clip(
    frames: Sequence[BytePicture], rate: Fraction, encoder: str, crf: float, folder: Path
) -> CodedClip:
    """Encode frames to a Matroska file at a constant quality, and decode it again.

    Args:
        frames: the clip, uint8 [H, W, 3], all of one size; at least one.
        rate: frames per second.
        encoder: FFmpeg's name of an encoder in `PLAIN_ENCODERS`, such as libx264.
        crf: the encoder's constant-quality value; lower is better and larger.
        folder: an existing folder for the file, which is removed afterwards.
    """
    height, width = frames[0].shape[:2]
    encoding = make_encoding("peer.mkv", encoder, 0, Picture(width, height, 8), MovieTraits(rate))
    encoding = with_crf(slow_preset(encoding), crf)
    path = folder / "peer.mkv"
    write_segment(path, frames, encoding)
    size, decoded = path.stat().st_size, _decoded(path, encoding)
    path.unlink()
    return CodedClip(size, decoded)


def plain_values(encoder: str) -> tuple[int, ...]:
    """Constant-quality values of an encoder at full size, from very few bytes to many."""
    return _FULL_VALUES[encoder]


def restored_frames(
    restorer: Restorer,
    small: Sequence[BytePicture],
    keyframes: Mapping[int, Pixels],
    size: tuple[int, int],
    window: FrameSpan,
) -> list[BytePicture]:
    """The frames of `window`, restored as a job restores them.

    Args:
        restorer: the model that restores, opened.
        small: all frames of the small movie, uint8 [h, w, 3].
        keyframes: pictures at full size, uint8 or uint16 [H, W, C], by frame number; empty for none.
        size: (width, height) of the results in pixels.
        window: numbers of the frames wanted, counted in `small`.
    """
    height, width = small[0].shape[:2]
    shot = ShotInMemory(
        [to_unit(frame) for frame in small],
        FrameSpan(0, len(small)),
        Geometry(width, height, *size),
        {frame: to_unit(pixels) for frame, pixels in keyframes.items()},
    )
    return [
        to_eight_bits(np.clip(frame.pixels[..., :3], 0, 1)) for frame in restore_shot(restorer, shot, window)
    ]


def bicubic_frames(
    small: Sequence[BytePicture], size: tuple[int, int], window: FrameSpan
) -> list[BytePicture]:
    """The frames of `window`, enlarged.

    Args:
        small: all frames of the small movie, uint8 [h, w, 3].
        size: (width, height) of the results in pixels.
        window: numbers of the frames wanted, counted in `small`.
    """
    return [resize_bicubic(small[number], *size) for number in window]


def upscaler_frames(
    upscaler: ImageUpscaler, small: Sequence[BytePicture], size: tuple[int, int], window: FrameSpan
) -> list[BytePicture]:
    """The frames of `window`, each made larger by an image model.

    Args:
        upscaler: the image model, opened.
        small: all frames of the small movie, uint8 [h, w, 3].
        size: (width, height) of the results in pixels.
        window: numbers of the frames wanted, counted in `small`.
    """
    return [
        to_eight_bits(np.clip(make_keyframe(upscaler, to_unit(small[number]), *size), 0, 1))
        for number in window
    ]


Enlarge = Callable[[Sequence[BytePicture], tuple[int, int], FrameSpan], Iterable[BytePicture]]


def _decoded(path: Path, encoding: Encoding) -> list[BytePicture]:
    return [to_eight_bits(pixels.astype(np.float32) / 65535) for pixels in decoded_segment(path, encoding)]
