"""How a camera would have seen a picture, and means over a neighbourhood. Planes are float32 [N, C, H, W]."""

from __future__ import annotations

import math

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
    """Planes at the size of `like`, bicubic (a = -0.75).

    Where no gradient is asked for on a CPU, OpenCV does the same ten times as fast.
    """
    if planes.device.type == "cpu" and not torch.is_grad_enabled():
        return _resized(planes, like.shape[-2], like.shape[-1])
    return F.interpolate(planes, size=like.shape[-2:], mode="bicubic", align_corners=False)


def averaged(planes: Tensor, like: Tensor) -> Tensor:
    """Planes at the size of `like`, the mean of what each of its pixels covers."""
    return F.interpolate(planes, size=like.shape[-2:], mode="area")


def blurred(planes: Tensor, sigma: float) -> Tensor:
    """Planes under a Gaussian, the edge repeated."""
    radius = math.ceil(3 * sigma)
    at = torch.arange(-radius, radius + 1, device=planes.device, dtype=planes.dtype)
    kernel = torch.exp(-at.square() / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).expand(planes.shape[1], 1, -1)
    wider = F.pad(planes, (radius,) * 4, mode="replicate")
    rows = F.conv2d(wider, kernel[:, :, None, :], groups=planes.shape[1])
    return F.conv2d(rows, kernel[:, :, :, None], groups=planes.shape[1])


def _resized(planes: Tensor, rows: int, columns: int) -> Tensor:
    out = torch.empty((*planes.shape[:2], rows, columns), dtype=torch.float32)
    for plane, grown in zip(planes.flatten(0, 1), out.flatten(0, 1), strict=True):
        cv2.resize(plane.float().numpy(), (columns, rows), grown.numpy(), interpolation=cv2.INTER_CUBIC)
    return out
