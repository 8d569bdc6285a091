"""SPAN's building block, for the image model itself and for the restorer whose trunk starts from it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class AttentionBlock(nn.Module):
    """Three convolutions whose result weighs itself: parameter-free attention, sigmoid(x) - 1/2.

    SPAN, Wan et al. 2024 (arXiv:2311.12770). Weights files hold the convolutions as c1, c2 and c3.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.c1, self.c2, self.c3 = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(3))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """[N, C, h, w] to the block's result and its first layer's, both the same shape."""
        # In place where nothing is learnt: these passes take as long as memory does.
        is_free = not torch.is_grad_enabled()
        first = F.silu(self.c1(features), inplace=is_free)
        deep = self.c3(F.silu(self.c2(first), inplace=is_free))
        if is_free:
            return torch.sigmoid(deep).sub_(0.5).mul_(deep.add_(features)), first
        return (deep + features) * (torch.sigmoid(deep) - 0.5), first
