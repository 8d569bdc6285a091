"""What a restored frame is judged by in training."""

from __future__ import annotations

import torch
from torch import Tensor

from sparkvsr_engine.models.lite.motion.warping import grow_flow, warp


def change_loss(change: Tensor, truth: Tensor) -> Tensor:
    """Temporal consistency, L1: the change from each frame [F, ...] to the next should be the truth's.

    0 for a single frame.
    """
    if len(change) < 2:
        return 0 * change.sum()
    return (change.diff(dim=0) - truth.diff(dim=0)).abs().mean()


def flicker_loss(error: Tensor, following: Tensor, ahead: Tensor) -> Tensor:
    """Temporal consistency along motion, L1: a frame's error should be the next one's, brought back to it.

    That is the difference of two warped frame differences, the restored one's and the truth's.

    Args:
        error: [N, 1, H, W].
        following: [N, 1, H, W].
        ahead: flow to the next frame, [N, 2, H/2, W/2], in pixels of its own grid. Where the flow leaves the
            picture nothing is asked.
    """
    flow = grow_flow(ahead.float(), 2)
    inside = _stays_inside(flow)[:, None]
    return ((warp(following, flow) - error).abs() * inside).mean()


def _stays_inside(flow: Tensor) -> Tensor:
    """Where p + flow[p] is in the picture, bool [N, H, W]."""
    rows, columns = flow.shape[-2:]
    x = torch.arange(columns, device=flow.device) + flow[:, 0]
    y = torch.arange(rows, device=flow.device)[:, None] + flow[:, 1]
    return (x >= 0) & (x <= columns - 1) & (y >= 0) & (y <= rows - 1)
