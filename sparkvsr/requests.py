"""Python values to the records of a request: paths made absolute, arrays made pictures of the protocol."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.media import SAMPLE_FORMATS, ImageRef, PixelFormat, SourceMedia
from sparkvsr_bridge.pictures import image_ref
from sparkvsr_bridge.settings import JobSpec, Keyframe, KeyframePolicy, OutputTarget, UpscaleSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

PathLike: TypeAlias = "str | os.PathLike[str]"
Source: TypeAlias = "PathLike | SourceMedia"
Target: TypeAlias = "PathLike | OutputTarget"
KeyframeValue: TypeAlias = "PathLike | NDArray[Any] | Keyframe | None"
Keyframes: TypeAlias = "Mapping[int, KeyframeValue]"


def source_record(source: Source, frames: tuple[int, int] | None = None) -> SourceMedia:
    """A source with its path made absolute.

    Args:
        source: a movie, a numbered pattern, a folder with one sequence, or the record.
        frames: first and last frame, inclusive, in the source's own numbers; None for all of them.

    Raises:
        InvalidSettings: where frames are given twice or run backwards.
    """
    if isinstance(source, SourceMedia):
        if frames is not None:
            raise InvalidSettings("The source's record has frames of its own; leave frames out.")
        return source
    first, last = frames or (None, None)
    return SourceMedia(absolute(source), first, last)


def target_record(target: Target) -> OutputTarget:
    """A target with its path made absolute.

    Args:
        target: a path, or a record with codec and quality.
    """
    return target if isinstance(target, OutputTarget) else OutputTarget(absolute(target))


def settings_record(
    settings: UpscaleSettings | None, keyframes: Keyframes | None, source: SourceMedia | None = None
) -> UpscaleSettings:
    """The settings of a request; without any, keyframes are those given, or chosen where none are.

    Args:
        settings: None for the defaults.
        keyframes: by frame number; None for none.
        source: a small stream is then brought to the size it was made from.
    """
    if settings is not None:
        return settings
    from sparkvsr_engine.media.movies.small_streams.sizes import full_size_of

    width, height = full_size_of(source.path) if source else (0, 0)
    policy = KeyframePolicy("manual" if keyframes else "adaptive")
    return UpscaleSettings(policy=policy, width=width, height=height)


def keyframe_records(keyframes: Keyframes | None) -> tuple[Keyframe, ...]:
    """Keyframes in frame order.

    Args:
        keyframes: by frame number: a picture's path, an array [H, W, C] of any size (see `picture_of`), a
            record with strength or matte, or None to have it made by the image model.

    Raises:
        InvalidSettings: for an array that is no picture, or a record of another frame.
    """
    return tuple(_keyframe(frame, value) for frame, value in sorted((keyframes or {}).items()))


def picture_of(pixels: NDArray[Any]) -> ImageRef:
    """An array as a picture of the protocol.

    Args:
        pixels: [H, W, C] with 1 to 4 channels, or [H, W]; uint8, uint16, float16 or float32; rows from the
            top, sRGB, alpha straight.

    Raises:
        InvalidSettings: for another shape or type.
    """
    import numpy as np

    shaped = pixels[..., None] if pixels.ndim == 2 else pixels
    if shaped.ndim != 3 or shaped.dtype.name not in SAMPLE_FORMATS:
        raise InvalidSettings(
            f"A picture is [H, W, C] of {', '.join(SAMPLE_FORMATS)}, not {pixels.dtype} of shape"
            f" {tuple(pixels.shape)}; convert it."
        )
    height, width, channels = shaped.shape
    layout = PixelFormat(width, height, channels, shaped.dtype.name)
    return image_ref(np.ascontiguousarray(shaped), layout)


def spec_record(
    source: Source,
    target: Target,
    settings: UpscaleSettings | None,
    keyframes: Keyframes | None,
    frames: tuple[int, int] | None,
) -> JobSpec:
    """A whole request; see the functions above for what each value may be.

    Args:
        source: a movie, a numbered pattern, a folder with one sequence, or a record.
        target: a path, or a record with codec and quality.
        settings: the request's settings; None for the defaults.
        keyframes: by frame number; None for none.
        frames: first and last frame, inclusive; None for all.
    """
    media = source_record(source, frames)
    return JobSpec(
        media,
        target_record(target),
        settings_record(settings, keyframes, media),
        keyframe_records(keyframes),
    )


def absolute(path: PathLike) -> str:
    """A path that means the same to the engine, which runs in another folder.

    Args:
        path: the path, relative to this program's folder or absolute.
    """
    return str(Path(path).expanduser().absolute())


def _keyframe(frame: int, value: KeyframeValue) -> Keyframe:
    if value is None:
        return Keyframe(frame)
    if isinstance(value, Keyframe):
        if value.frame != frame:
            raise InvalidSettings(f"The keyframe of frame {value.frame} stands under frame {frame}; move it.")
        return replace(value)
    if isinstance(value, (str, os.PathLike)):
        return Keyframe(frame, ImageRef(path=absolute(value)))
    return Keyframe(frame, picture_of(value))
