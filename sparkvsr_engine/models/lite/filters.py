"""How a camera would have seen a picture, and means over a neighbourhood. Planes are float32 [N, C, H, W]."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F


def reduced(planes: Tensor, like: Tensor) -> Tensor:
    """Planes at the size of `like`, antialiased."""
    return F.interpolate(planes, size=like.shape[-2:], mode="bicubic", antialias=True)


def enlarged(planes: Tensor, like: Tensor) -> Tensor:
    """Planes at the size of `like`, bicubic."""
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
