"""How a camera would have seen a picture, and means over a neighbourhood. Planes are float32 [N, C, H, W].

Where no gradient is asked for on a CPU, OpenCV resizes: the same but for the last bits, up to fifteen times
as fast.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import torch
from torch import Tensor
from torch.nn import functional as F


def reduced(planes: Tensor, like: Tensor) -> Tensor:
    """Planes at the size of `like`, antialiased."""
    return F.interpolate(planes, size=like.shape[-2:], mode="bicubic", antialias=True)


def missing_of(picture: Tensor, source: Tensor) -> Tensor:
    """What a picture's luma [N, 1, H, W], reduced, lacks of its source's [N, 1, h, w]."""
    return source - reduced(picture, source)


def enlarged(planes: Tensor, like: Tensor) -> Tensor:
    """Planes at the size of `like`, bicubic (a = -0.75)."""
    return cubic(planes, like.shape[-2], like.shape[-1])


def cubic(planes: Tensor, rows: int, columns: int) -> Tensor:
    """Planes at a larger size, bicubic (a = -0.75).

    Args:
        planes: [N, C, h, w].
        rows: rows of the result.
        columns: columns of the result.
    """
    if _is_plain(planes):
        return _resized(planes, rows, columns, cv2.INTER_CUBIC)
    return F.interpolate(planes, size=(rows, columns), mode="bicubic", align_corners=False)


def lanczos(planes: Tensor, rows: int, columns: int) -> Tensor:
    """Planes at a larger size, Lanczos over eight samples; on the processor, nothing to be learnt through.

    Args:
        planes: [N, C, h, w].
        rows: rows of the result.
        columns: columns of the result.
    """
    return _resized(planes.cpu(), rows, columns, cv2.INTER_LANCZOS4)


def averaged(planes: Tensor, like: Tensor) -> Tensor:
    """Planes at the size of `like`, the mean of what each of its pixels covers."""
    if _is_plain(planes) and _divides(planes.shape, like.shape):
        return _resized(planes, like.shape[-2], like.shape[-1], cv2.INTER_AREA)
    return F.interpolate(planes, size=like.shape[-2:], mode="area")


def halved(planes: Tensor) -> Tensor:
    """Planes of even sides at half the size, the mean of four pixels each."""
    if _is_plain(planes):
        return _resized(planes, planes.shape[-2] // 2, planes.shape[-1] // 2, cv2.INTER_AREA)
    return F.avg_pool2d(planes, 2)


def enlarged_to(planes: Tensor, rows: int, columns: int) -> Tensor:
    """Planes at a larger size, bilinear.

    Args:
        planes: [N, C, h, w].
        rows: rows of the result.
        columns: columns of the result.
    """
    if _is_plain(planes):
        return _resized(planes, rows, columns, cv2.INTER_LINEAR)
    return F.interpolate(planes, size=(rows, columns), mode="bilinear", align_corners=False)


def slopes(planes: Tensor) -> tuple[Tensor, Tensor]:
    """How planes change from row to row and from column to column: central differences, one-sided at edges.

    `torch.gradient` gives the same bits in twice the time.
    """
    return _slope(planes.mT).mT, _slope(planes)


def blurred(planes: Tensor, sigma: float, edge: str = "replicate") -> Tensor:
    """Planes under a Gaussian.

    Args:
        planes: [N, C, H, W].
        sigma: pixels.
        edge: what lies beyond: `replicate`, the edge repeated, or `reflect`, the planes mirrored, which ends
            the Gaussian where small planes do.
    """
    radius = math.ceil(3 * sigma)
    if edge == "reflect":
        radius = min(radius, min(planes.shape[-2:]) - 1)
    at = torch.arange(-radius, radius + 1, device=planes.device, dtype=planes.dtype)
    kernel = torch.exp(-at.square() / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).expand(planes.shape[1], 1, -1)
    wider = F.pad(planes, (radius,) * 4, mode=edge)
    rows = F.conv2d(wider, kernel[:, :, None, :], groups=planes.shape[1])
    return F.conv2d(rows, kernel[:, :, :, None], groups=planes.shape[1])


def _slope(planes: Tensor) -> Tensor:
    """Along rows; two columns at least."""
    slope = torch.empty_like(planes)
    torch.sub(planes[..., 2:], planes[..., :-2], out=slope[..., 1:-1]).mul_(0.5)
    torch.sub(planes[..., 1], planes[..., 0], out=slope[..., 0])
    torch.sub(planes[..., -1], planes[..., -2], out=slope[..., -1])
    return slope


def _is_plain(planes: Tensor) -> bool:
    return planes.device.type == "cpu" and not torch.is_grad_enabled()


def _divides(size: Sequence[int], divisor: Sequence[int]) -> bool:
    """Whether whole pixels of one make a pixel of the other."""
    return all(side % two == 0 for side, two in zip(size[-2:], divisor[-2:], strict=True))


def _resized(planes: Tensor, rows: int, columns: int, how: int) -> Tensor:
    out = torch.empty((*planes.shape[:2], rows, columns), dtype=torch.float32)
    for entry, resized in zip(planes, out, strict=True):
        for plane, resized_plane in zip(entry, resized, strict=True):
            cv2.resize(plane.float().numpy(), (columns, rows), resized_plane.numpy(), interpolation=how)
    return out
