"""SPAN's building block, for the image model itself and for the restorer whose trunk starts from it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# Features of footage stay within 7.5, block for block. On pictures that no training showed, products of
# features grew from block to block to 1500 and more, and the picture with them.
LARGEST_FEATURE = 12.0


class AttentionBlock(nn.Module):
    """Three convolutions whose result weighs itself: parameter-free attention, sigmoid(x) - 1/2.

    SPAN, Wan et al. 2024 (arXiv:2311.12770), its result limited to `LARGEST_FEATURE` as EfRLFN limits its own
    by tanh (arXiv:2602.11339). Weights files hold the convolutions as c1, c2 and c3.
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
            weighed = torch.sigmoid(deep).sub_(0.5).mul_(deep.add_(features))
            return weighed.clamp_(-LARGEST_FEATURE, LARGEST_FEATURE), first
        weighed = (deep + features) * (torch.sigmoid(deep) - 0.5)
        return weighed.clamp(-LARGEST_FEATURE, LARGEST_FEATURE), first
