"""Evaluation clips: movies or folders of lossless frames, the truth that sources are made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_engine.core.arrays import BytePicture
from sparkvsr_engine.evaluation.pixels import cropped_to_multiple, halved, resize_bicubic
from sparkvsr_engine.storage.listing import visible_files

MOVIE_SUFFIXES = frozenset({".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v"})
FRAME_SUFFIXES = frozenset({".png", ".webp", ".tif", ".tiff", ".bmp"})

# Movies of this height and more are compressed; at half size their blocking is gone and they serve as truth.
_HALVED_FROM_HEIGHT = 720


@dataclass(frozen=True, eq=False)
class TruthClip:
    """The frames a result is judged against, uint8 [H, W, 3] each, all of one size."""

    name: str
    frames: tuple[BytePicture, ...]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        height, width = self.frames[0].shape[:2]
        return width, height


def find_clips(path: Path) -> tuple[Path, ...]:
    """The clips at `path`: itself when it is a movie or a frame folder, else those in the folder.

    Raises MediaUnreadable when there is none.
    """
    if _is_clip(path):
        return (path,)
    clips = tuple(entry for entry in visible_files(path) if _is_clip(entry))
    if not clips:
        raise MediaUnreadable(
            f"{path} holds no evaluation clip; name a movie, a folder of frames, or a folder of both."
        )
    return clips


def read_truth(path: Path, count: int, multiple: int) -> TruthClip:
    """The first `count` frames of a clip, their sides cut to a multiple of `multiple`.

    Movies of 720 lines and more are halved.

    Args:
        path: the file.
        count: frames to read.
        multiple: of pixels.

    Raises:
        MediaUnreadable: for fewer frames or unequal sizes.
    """
    frames: list[BytePicture] = []
    for frame in islice(_decoded(path), count):
        whole = halved(frame) if path.is_file() and frame.shape[0] >= _HALVED_FROM_HEIGHT else frame
        frames.append(np.ascontiguousarray(cropped_to_multiple(whole, multiple)))
    if len(frames) < count:
        raise MediaUnreadable(
            f"{path} has {len(frames)} frames, the benchmark needs {count}; give a longer clip."
        )
    if len({frame.shape for frame in frames}) > 1:
        raise MediaUnreadable(f"the frames of {path} differ in size; give frames of one size.")
    return TruthClip(path.stem, tuple(frames))


def downscaled(clip: TruthClip, scale: int) -> tuple[BytePicture, ...]:
    """The clip at 1/`scale` of its size, antialiased bicubic."""
    width, height = clip.size
    return tuple(resize_bicubic(frame, width // scale, height // scale) for frame in clip.frames)


def read_picture(path: Path) -> BytePicture:
    """An 8-bit picture file as uint8 [H, W, 3] RGB; raises MediaUnreadable."""
    import cv2

    decoded = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR_RGB) if path.stat().st_size else None
    if decoded is None:
        raise MediaUnreadable(f"{path} is not a picture that can be read; give PNG, WebP, TIFF or BMP.")
    return np.asarray(decoded, np.uint8)


def _decoded(path: Path) -> Iterator[BytePicture]:
    return _movie_frames(path) if path.is_file() else (read_picture(file) for file in _frame_files(path))


def _movie_frames(path: Path) -> Iterator[BytePicture]:
    import av

    try:
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    except av.FFmpegError as error:
        raise MediaUnreadable(f"{path} cannot be decoded ({error.strerror}); give another clip.") from error


def _frame_files(folder: Path) -> list[Path]:
    return [file for file in visible_files(folder) if file.suffix.lower() in FRAME_SUFFIXES]


def _is_clip(path: Path) -> bool:
    if path.is_file():
        return path.suffix.lower() in MOVIE_SUFFIXES
    return path.is_dir() and len(_frame_files(path)) > 1
