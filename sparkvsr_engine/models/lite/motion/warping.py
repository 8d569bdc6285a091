"""Backward warps of tensors along a flow.

Warps stay in float32 everywhere: `grid_sample` on the CPU crashes or returns garbage in bfloat16
(torch 2.13). Where no gradient is asked for on a CPU, OpenCV's remap does the same twice as fast (its
coordinates are rounded to 1/32 pixel).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from sparkvsr_engine.core.pictures.motion import remap
from sparkvsr_engine.models.lite.pixels.filters import enlarged_to


def grow_flow(flow: Tensor, factor: int) -> Tensor:
    """[N, 2, h, w] to [N, 2, factor*h, factor*w], in pixels of the larger grid."""
    return enlarged_to(flow, factor * flow.shape[-2], factor * flow.shape[-1]) * factor


def warp(picture: Tensor, flow: Tensor, cubic: bool = False) -> Tensor:
    """Sample `picture` [N, C, H, W] at p + flow[p]; the edge is repeated beyond the border.

    Returns float32 [N, C, h, w].

    Args:
        picture: [N, C, H, W].
        flow: float32 [N, 2, h, w] in picture pixels, x then y.
        cubic: bicubic instead of bilinear.
    """
    if picture.device.type == "cpu" and not torch.is_grad_enabled():
        return _remap(picture, flow, cubic)
    height, width = picture.shape[-2:]
    rows, columns = flow.shape[-2:]
    x = torch.arange(columns, device=flow.device, dtype=torch.float32)[None, None, :] + flow[:, 0]
    y = torch.arange(rows, device=flow.device, dtype=torch.float32)[None, :, None] + flow[:, 1]
    grid = torch.stack([(x + 0.5) * 2 / width - 1, (y + 0.5) * 2 / height - 1], -1)
    mode = "bicubic" if cubic else "bilinear"
    return F.grid_sample(picture.float(), grid.float(), mode=mode, padding_mode="border", align_corners=False)


def _remap(picture: Tensor, flow: Tensor, cubic: bool) -> Tensor:
    out = torch.empty((*picture.shape[:2], *flow.shape[-2:]), dtype=torch.float32)
    pixels, moves = picture.float().numpy(), flow.float().numpy()
    for n in range(picture.shape[0]):
        across, down = (np.ascontiguousarray(plane) for plane in moves[n])
        for c in range(picture.shape[1]):
            plane = np.ascontiguousarray(pixels[n, c])
            remap(plane, across, down, cubic, out[n, c].numpy())
    return out
