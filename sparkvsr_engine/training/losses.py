"""What a restored frame is judged by in training."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from sparkvsr_engine.models.lite.planes import Planes

CHROMA_WEIGHT = 0.5


def charbonnier(difference: Tensor) -> Tensor:
    """sqrt(x^2 + 1e-6), mean: L1 that is smooth at zero (Charbonnier et al., 1994)."""
    return (difference * difference + 1e-6).sqrt().mean()


def planes_loss(found: Planes, truth: Planes) -> Tensor:
    """Charbonnier on luma and half-size chroma."""
    return charbonnier(found.luma - truth.luma) + CHROMA_WEIGHT * charbonnier(found.chroma - truth.chroma)


def alignment_loss(brought: Tensor, truth: Tensor, blind: Tensor, present: Tensor) -> Tensor:
    """How badly a warped keyframe's luma residual [N, 1, H, W] fits the true one where it can fit at all.

    Where a keyframe's detail is occluded no flow is right, so that per neighbourhood the loss is capped a
    little above the blind path's error. present: bool [N].
    """
    error = F.avg_pool2d((brought - truth).abs(), 5, 1, 2)
    cap = F.avg_pool2d((blind - truth).abs(), 5, 1, 2) * 1.3 + 0.004
    capped = torch.minimum(error, cap).mean((1, 2, 3))
    weight = present.float()
    return (capped * weight).sum() / weight.sum().clamp(min=1.0)


def frame_difference_loss(found: Tensor, following: Tensor, truth: Tensor, truth_following: Tensor) -> Tensor:
    """Temporal consistency: the change from one frame to the next should be the truth's."""
    return charbonnier((found - following) - (truth - truth_following))


def flow_loss(flow: Tensor, true_flow: Tensor, weight: Tensor, present: Tensor) -> Tensor:
    """How far a flow [N, 2, h, w] is from the one found on full-size frames, half-grid pixels.

    weight: [N, 1, h, w], 0 where no flow is right. present: bool [N]. Large misses count linearly, beyond
    a few pixels not more: there the search itself has failed.
    """
    apart = (flow - true_flow).square().sum(1, keepdim=True).add(1e-4).sqrt().clamp(max=4.0)
    each = (apart * weight).mean((1, 2, 3))
    chosen = present.float()
    return (each * chosen).sum() / chosen.sum().clamp(min=1.0)
