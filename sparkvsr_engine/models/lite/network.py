"""The network of `lite`: a blind path, an aligner, and a keyed path that never touches the blind one.

Every part works on cells (`planes`). The blind path sees the source alone, so guidance 0 is exactly
what it says. A keyframe enters as the *residual* it adds to its own upsampled source frame; the aligner
refines the flow that brings it to the target frame, the keyed path decides per pixel how far each of
the two nearest keyframes is to be trusted and what to mend beside it:

    output = upsampled source + blind + sum over keyframes k of influence_k * (gate_k * (warped_k - blind) + mend_k)
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sparkvsr_engine.models.lite.planes import CELL, CELL_CHANNELS, LUMA_CHANNELS

NEIGHBOURS = (-2, -1, 1, 2)
MOST_KEYFRAMES = 2
_HALF_CHANNELS = 16
# Residuals are an order of magnitude smaller than pictures; this brings both to one range.
_RESIDUAL_GAIN = 4.0


@dataclass(frozen=True)
class LiteConfig:
    """Sizes of the network; stored with the weights."""

    channels: int = 64
    blind_blocks: int = 6
    keyed_blocks: int = 5
    key_channels: int = 48
    align_channels: int = 48
    align_blocks: int = 2

    def to_dict(self) -> dict[str, int]:
        """JSON values."""
        return asdict(self)


class ResidualBlock(nn.Module):
    """x + conv(relu(conv(x))): plain 3x3 convolutions are what CPUs run fastest."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.second.weight.data.mul_(0.1)

    def forward(self, x: Tensor) -> Tensor:
        """[N, C, h, w] to the same."""
        return x + self.second(F.relu(self.first(x)))


class BlindPath(nn.Module):
    """Source frame and its four warped neighbours to features and the blind residual."""

    def __init__(self, config: LiteConfig) -> None:
        super().__init__()
        inputs = CELL_CHANNELS + len(NEIGHBOURS) * _HALF_CHANNELS
        self.stem = nn.Conv2d(inputs, config.channels, 3, padding=1)
        self.blocks = nn.Sequential(*[ResidualBlock(config.channels) for _ in range(config.blind_blocks)])
        self.head = nn.Conv2d(config.channels, CELL_CHANNELS, 3, padding=1)
        self.head.weight.data.mul_(0.1)

    def forward(self, source: Tensor, half: Tensor, neighbours: Tensor) -> tuple[Tensor, Tensor]:
        """source: cells [N, 96, h, w]; half: luma cells [N, 16, h, w]; neighbours: [N, 4*16, h, w] warped luma cells.

        Returns features [N, C, h, w] and residual cells [N, 96, h, w].
        """
        centred = torch.cat([source[:, :LUMA_CHANNELS] - 0.5, source[:, LUMA_CHANNELS:]], 1)
        change = (neighbours - half.repeat(1, len(NEIGHBOURS), 1, 1)) * _RESIDUAL_GAIN
        features = self.blocks(self.stem(torch.cat([centred, change], 1)))
        return features, self.head(features)


class Aligner(nn.Module):
    """Refines the flow from the target frame to a keyframe, first by the source frames, then by detail.

    Its flows live on the half grid. The first pass compares the two source frames; the second also the
    keyframe's own detail, warped by the first, with what the blind path restored on the target.
    """

    def __init__(self, config: LiteConfig) -> None:
        super().__init__()
        width = config.align_channels
        self.context = nn.Conv2d(config.channels, config.channels // 2, 1)
        self.coarse = _FlowHead(3 * _HALF_CHANNELS + config.channels // 2, width, config.align_blocks)
        self.fine = _FlowHead(width + 2 * _HALF_CHANNELS + 2 * LUMA_CHANNELS, width, config.align_blocks)

    def see(self, features: Tensor, target: Tensor, brought: Tensor) -> tuple[Tensor, Tensor]:
        """First pass. features: the target's [N, C, h, w]; target, brought: luma cells [N, 16, h, w] of the target
        frame and of the keyframe's source frame warped onto it.

        Returns the flow's change [N, 2, 4h, 4w] in half-grid pixels, and what was seen [N, A, h, w].
        """
        seen = [target - 0.5, brought - 0.5, (brought - target) * _RESIDUAL_GAIN, self.context(features)]
        return self.coarse(torch.cat(seen, 1))

    def look_closer(
        self, seen: Tensor, target: Tensor, brought: Tensor, detail: Tensor, blind: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Second pass. seen: the first one's; brought: warped anew; detail, blind: luma residual cells
        [N, 64, h, w] of the warped keyframe and of the blind path. Returns as `see` does.
        """
        change = (brought - target) * _RESIDUAL_GAIN
        closer = [seen, brought - 0.5, change, detail * _RESIDUAL_GAIN, blind * _RESIDUAL_GAIN]
        return self.fine(torch.cat(closer, 1))


class _FlowHead(nn.Module):
    """Cells to a change of flow on the half grid, and the features behind it."""

    def __init__(self, inputs: int, width: int, blocks: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(inputs, width, 3, padding=1)
        self.blocks = nn.Sequential(*[ResidualBlock(width) for _ in range(blocks)])
        self.head = nn.Conv2d(width, 2 * _HALF_CHANNELS, 3, padding=1)
        for weight in self.head.parameters():
            nn.init.zeros_(weight)

    def forward(self, cells: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.blocks(F.relu(self.stem(cells)))
        return F.pixel_shuffle(self.head(hidden).float(), CELL // 2), hidden


class KeyedPath(nn.Module):
    """Blind features and up to two warped keyframes to gates and mends."""

    def __init__(self, config: LiteConfig) -> None:
        super().__init__()
        inputs = CELL_CHANNELS + _HALF_CHANNELS + config.align_channels + 2
        self.encoder = nn.Conv2d(inputs, config.key_channels, 3, padding=1)
        self.stem = nn.Conv2d(
            config.channels + MOST_KEYFRAMES * config.key_channels, config.channels, 3, padding=1
        )
        self.blocks = nn.Sequential(*[ResidualBlock(config.channels) for _ in range(config.keyed_blocks)])
        self.head = nn.Conv2d(config.channels, MOST_KEYFRAMES * (LUMA_CHANNELS + CELL_CHANNELS), 3, padding=1)
        self.head.weight.data.mul_(0.1)

    def encode(self, residual: Tensor, change: Tensor, hidden: Tensor, distance: Tensor) -> Tensor:
        """One keyframe's features [N, K, h, w].

        residual: its warped residual cells [N, 96, h, w]; change: luma cells [N, 16, h, w] of its warped
        source frame minus the target's; hidden: the aligner's; distance: [N] frames, 0 for an absent one.
        """
        rows, columns = residual.shape[-2:]
        present = (distance > 0).to(residual.dtype)
        far = torch.log1p(distance.float()).to(residual.dtype) / 3.0
        told = torch.stack([present, far], 1)[:, :, None, None].expand(-1, -1, rows, columns)
        inputs = [residual * _RESIDUAL_GAIN, change * _RESIDUAL_GAIN, hidden, told]
        return self.encoder(torch.cat(inputs, 1)) * present[:, None, None, None]

    def forward(self, features: Tensor, encoded: list[Tensor], present: Tensor) -> tuple[Tensor, Tensor]:
        """encoded: two of [N, K, h, w]; present: bool [N, 2].

        Returns gates [N, 2, 64, h, w] (per output pixel, 0..1, their sum at most 1) and mends [N, 2, 96, h, w].
        """
        out = self.head(self.blocks(self.stem(torch.cat([features, *encoded], 1)))).float()
        size = out.shape[-2:]
        logits, mends = out.split([MOST_KEYFRAMES * LUMA_CHANNELS, MOST_KEYFRAMES * CELL_CHANNELS], 1)
        logits = logits.reshape(-1, MOST_KEYFRAMES, LUMA_CHANNELS, *size)
        absent = ~present[:, :, None, None, None]
        logits = logits.masked_fill(absent, -math.inf)
        # The blind result is the third candidate, with logit 0: trust is relative to it.
        blind = torch.zeros_like(logits[:, :1])
        gates = torch.cat([blind, logits], 1).softmax(1)[:, 1:]
        mends = mends.reshape(-1, MOST_KEYFRAMES, CELL_CHANNELS, *size).masked_fill(absent, 0.0)
        return gates, mends


class LiteNetwork(nn.Module):
    """The three parts with their sizes."""

    def __init__(self, config: LiteConfig | None = None) -> None:
        super().__init__()
        self.config = config or LiteConfig()
        self.blind = BlindPath(self.config)
        self.aligner = Aligner(self.config)
        self.keyed = KeyedPath(self.config)
