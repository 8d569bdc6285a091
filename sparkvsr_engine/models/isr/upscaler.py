"""What every image super-resolution model is, and how its picture becomes a keyframe of any size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from sparkvsr_bridge.errors import KeyframeMakingFailed
from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.pictures.headroom import add_headroom, resize_headroom, split_headroom
from sparkvsr_engine.core.pictures.light_curve import LightCurve

# Counted up when the code changes what the same weights put out; part of every identity.
REVISION = 3

Cancelled = Callable[[], bool]


def never_cancelled() -> bool:
    """The answer where nobody can cancel."""
    return False


class ImageUpscaler(Protocol):
    """A model that enlarges one picture, loaded and ready.

    name: what the user called it, or the bundled model the default stands for.
    identity: hash of weights and of every setting that changes pixels; part of the keyframe's cache key.
    scale: output over input size, the model's own.
    """

    @property
    def name(self) -> str:
        """What the user calls it."""
        ...

    @property
    def identity(self) -> str:
        """Of everything results depend on beside the picture."""
        ...

    @property
    def scale(self) -> int:
        """How many times larger a result is."""
        ...

    def upscale(self, picture: Picture, is_cancelled: Cancelled = never_cancelled) -> Picture:
        """Enlarge float32 [H, W, 3] RGB, 0..1, to float32 [H * scale, W * scale, 3], 0..1.

        The same input gives the same bits on the same machine. Raises JobCancelled soon after
        `is_cancelled` returns True, OutOfMemory, and KeyframeMakingFailed where the model fails.
        """
        ...


def make_keyframe(
    upscaler: ImageUpscaler,
    picture: Picture,
    width: int,
    height: int,
    is_cancelled: Cancelled = never_cancelled,
    *,
    curve: LightCurve | None = None,
) -> Picture:
    """A keyframe of `width` x `height` pixels: float32 [height, width, 3], nominally 0..1.

    Args:
        upscaler: the model.
        picture: the source frame, float32 [H, W, 3] RGB, nominally 0..1; what lies outside goes past the
            model (`core.pictures.headroom`), and is in the keyframe again.
        width: in pixels.
        height: in pixels.
        is_cancelled: asked between two steps; true ends the work with JobCancelled.
        curve: of scene-linear light, whose codes it then holds; None for display values. The result is
            bounded by the source's neighbourhoods (`source_bound`), and is grey where the whole source is.
            The model runs at its own scale and its result is resampled to the output grid, also where the
            output is no larger than the source (scale 1 is restoration).

    Raises:
        KeyframeMakingFailed: for a frame with pixels that are not numbers, and what `upscale` raises.
    """
    if picture.ndim != 3 or picture.shape[2] != 3 or min(picture.shape) < 1:
        raise ValueError(f"a picture of shape {picture.shape} is not [H, W, 3]")
    if not np.isfinite(picture).all():
        raise KeyframeMakingFailed(
            "The source frame holds pixels that are not numbers (NaN or infinite); supply an image for this"
            " keyframe or repair the frame."
        )
    inner, light = split_headroom(picture)
    enlarged = upscaler.upscale(inner.astype(np.float32, copy=False), is_cancelled)
    bounded = _bounded(resample(enlarged, width, height), inner, curve)
    return bounded if light is None else add_headroom(bounded, resize_headroom(light, width, height))


def _bounded(enlarged: Picture, source: Picture, curve: LightCurve | None) -> Picture:
    import torch

    from sparkvsr_engine.models.source_bound import SourceRange, grey_of, is_grey, limit

    if is_grey(source):
        enlarged = grey_of(enlarged)
    planes = torch.from_numpy(np.ascontiguousarray(enlarged.transpose(2, 0, 1)))
    limit(planes, SourceRange.of(source).limits(curve))
    return np.ascontiguousarray(planes.numpy().transpose(1, 2, 0))


def resample(picture: Picture, width: int, height: int) -> Picture:
    """Resample float32 [H, W, 3], 0..1, to [height, width, 3] on the same field of view.

    Bicubic whose kernel widens when it shrinks, so that nothing aliases; both grids share their outer
    edges (pixel centres at (i + 1/2) * size ratio), each axis on its own.

    Args:
        picture: float32 [H, W, 3], 0..1.
        width: in pixels.
        height: in pixels.
    """
    if picture.shape[:2] == (height, width):
        return picture
    import torch
    from torch.nn import functional as F

    planes = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None]
    with torch.inference_mode():
        resized = F.interpolate(planes, (height, width), mode="bicubic", antialias=True, align_corners=False)
        rows = resized.clamp_(0, 1)[0].permute(1, 2, 0).contiguous()
    return rows.numpy()
