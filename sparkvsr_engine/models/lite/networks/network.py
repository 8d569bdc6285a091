"""The network of `lite`: a blind path, and a keyed path that never touches it.

Both work on cells (`planes`): 4x4 output pixels folded into channels, at scale 4 the source's own grid. The
blind path sees the source alone, so guidance 0 is exactly the source alone. A keyframe enters as the
*residual* it adds to its own upsampled source frame, warped onto the target; the keyed path decides per
output pixel how far each of the two nearest keyframes is to be trusted, and what to mend beside it:

    output = upsampled source + blind + sum over keyframes k of influence_k * change_k
    change_k = gate_k * (warped_k - blind) + mend_k
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sparkvsr_engine.models.attention_block import AttentionBlock
from sparkvsr_engine.models.lite.pixels.planes import CELL_CHANNELS, HALF_CHANNELS, LUMA_CHANNELS

NEIGHBOURS = (-2, -1, 1, 2)
MOST_KEYFRAMES = 2
# Residuals are an order of magnitude smaller than pictures; this brings both to one range.
RESIDUAL_GAIN = 4.0
# The trunk works in the range of 8-bit pictures; with this gain, what the stem learns is near 1.
STEM_GAIN = 64.0
# Brings the blind path's features to the range of the keyed path.
FEATURE_GAIN = 4.0
MOST_SCALE = 4.0
# Change of luma that is more likely a wrong match than detail.
OUTLIER = 0.1


@dataclass(frozen=True)
class LiteConfig:
    """Sizes of the network; stored with the weights."""

    channels: int = 48
    blind_blocks: int = 6
    key_channels: int = 32
    keyed_blocks: int = 3

    def to_dict(self) -> dict[str, int]:
        """JSON values."""
        return asdict(self)


def _convolution(inputs: int, outputs: int, dilation: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=dilation, dilation=dilation)


def _plausible(change: Tensor) -> Tensor:
    """A neighbour's change with outliers drawn to zero (a Lorentzian's influence, Black and Anandan, 1996).

    Aliased detail changes luma by a few hundredths; what changes by tenths was occluded or warped wrongly,
    and the trunk, which multiplies features with each other, bursts on it.
    """
    return change / (1 + (change / OUTLIER).square())


def _short(features: Tensor) -> Tensor:
    """In the format convolutions run in: sums with a float32 tensor would drag the whole trunk to float32."""
    device = features.device.type
    return features.to(torch.get_autocast_dtype(device)) if torch.is_autocast_enabled(device) else features


def _inside(cells: Tensor, margin: int) -> Tensor:
    return cells[..., margin:-margin, margin:-margin] if margin else cells


class BlindPath(nn.Module):
    """The source frame and its four warped neighbours to features and the blind residual.

    The trunk is SPAN's; its stem and head are our own: cells of the upsampled frame in, residual cells out.
    """

    def __init__(self, config: LiteConfig) -> None:
        super().__init__()
        channels = config.channels
        # The picture's edge is repeated: black beyond it would show in the residual.
        self.stem = nn.Conv2d(CELL_CHANNELS + len(NEIGHBOURS) * HALF_CHANNELS + 1, channels, 3)
        self.blocks = nn.ModuleList([AttentionBlock(channels) for _ in range(config.blind_blocks)])
        self.last = _convolution(channels, channels)
        self.join = nn.Conv2d(4 * channels, channels, 1)
        self.head = _convolution(channels, CELL_CHANNELS)
        self.faith = nn.Conv2d(channels, 1, 1)
        # Shut until something is learnt: what a result lacks of its source may be noise.
        self.faith.weight.data.zero_()
        self.faith.get_parameter("bias").data.fill_(-2.0)

    def forward(
        self, source: Tensor, half: Tensor, neighbours: Tensor, scale: Tensor, margin: int = 0
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The blind path.

        Returns features [N, C, h, w], residual cells [N, 24, h, w] and per cell how far the source's own
        samples are to be believed, 0..1 [N, 1, h, w].

        Args:
            source: cells [N, 24, h, w].
            half: luma cells [N, 4, h, w].
            neighbours: warped luma cells [N, 4*4, h, w].
            scale: [N] output size over source size.
            margin: cells the picture's edge is repeated for, so that the trunk's own zero padding does not
                show.
        """
        change = _plausible(neighbours - half.repeat(1, len(NEIGHBOURS), 1, 1))
        scale_input = (scale.clamp(max=MOST_SCALE) / MOST_SCALE).to(source.dtype)[:, None, None, None]
        # The stem undoes the upsampling, which takes differences of near values: too fine for short floats.
        with torch.autocast(source.device.type, enabled=False):
            seen = torch.cat([source, change, scale_input.expand(-1, 1, *source.shape[-2:])], 1) * STEM_GAIN
            wider = F.pad(seen, (1 + margin,) * 4, mode="replicate")
            shallow = self.stem(wider.contiguous(memory_format=torch.channels_last))
        shallow = _short(shallow)
        deep, early, late = shallow, shallow, shallow
        for index, block in enumerate(self.blocks):
            deep, late = block(deep)
            early = deep if index == 0 else early
        features = self.join(torch.cat([shallow, self.last(deep), early, late], 1))
        inner = _inside(features, margin)
        return inner, _inside(self.head(features), margin), self.faith(inner).float().sigmoid()


class ResidualBlock(nn.Module):
    """x + conv(relu(conv(x)))."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.first = _convolution(channels, channels, dilation)
        self.second = _convolution(channels, channels)
        self.second.weight.data.mul_(0.1)

    def forward(self, x: Tensor) -> Tensor:
        """[N, C, h, w] to the same."""
        return x + self.second(F.relu(self.first(x)))


class KeyedPath(nn.Module):
    """Blind features and up to two warped keyframes to gates and mends."""

    def __init__(self, config: LiteConfig) -> None:
        super().__init__()
        self.encoder = _convolution(CELL_CHANNELS + HALF_CHANNELS + 2, config.key_channels)
        self.stem = _convolution(config.channels + MOST_KEYFRAMES * config.key_channels, config.channels)
        # Every other block looks farther: trust is a matter of the surroundings.
        self.blocks = nn.Sequential(
            *[ResidualBlock(config.channels, 1 + index % 2) for index in range(config.keyed_blocks)]
        )
        self.head = _convolution(config.channels, MOST_KEYFRAMES * (LUMA_CHANNELS + CELL_CHANNELS))
        self.head.weight.data.mul_(0.1)

    def encode(self, residual: Tensor, change: Tensor, distance: Tensor) -> Tensor:
        """One keyframe's features [N, K, h, w].

        Args:
            residual: its warped residual cells [N, 24, h, w].
            change: luma cells [N, 4, h, w] of its warped source frame minus the target's.
            distance: [N] frames, 0 for an absent one.
        """
        present = (distance > 0).to(residual.dtype)
        far = torch.log1p(distance.float()).to(residual.dtype) / 3.0
        inputs = torch.stack([present, far], 1)[:, :, None, None].expand(-1, -1, *residual.shape[-2:])
        seen = torch.cat([residual * RESIDUAL_GAIN, change * RESIDUAL_GAIN, inputs], 1)
        features = self.encoder(seen.contiguous(memory_format=torch.channels_last))
        # In the encoder's own format: a float32 factor would drag all that follows to float32.
        return features * present.to(features.dtype)[:, None, None, None]

    def forward(self, features: Tensor, encoded: list[Tensor], present: Tensor) -> tuple[Tensor, Tensor]:
        """features: the blind path's.

        Returns gates [N, 2, 16, h, w] (per output pixel, 0..1, their sum at most 1) and mends
        [N, 2, 24, h, w].

        Args:
            features: of the blind path, [N, C, h, w].
            encoded: two of [N, K, h, w].
            present: bool [N, 2].
        """
        out = self.head(self.blocks(self.stem(torch.cat([features * FEATURE_GAIN, *encoded], 1))))
        # Plane by plane: what follows takes them apart.
        out = out.to(torch.float32, memory_format=torch.contiguous_format)
        logits, mends = out.split([MOST_KEYFRAMES * LUMA_CHANNELS, MOST_KEYFRAMES * CELL_CHANNELS], 1)
        logits = logits.unflatten(1, (MOST_KEYFRAMES, LUMA_CHANNELS))
        mends = mends.unflatten(1, (MOST_KEYFRAMES, CELL_CHANNELS))
        if not present.all():
            absent = ~present[:, :, None, None, None]
            logits, mends = logits.masked_fill(absent, -math.inf), mends.masked_fill(absent, 0.0)
        # The blind result is the third candidate, with logit 0: trust is relative to it.
        blind = torch.zeros_like(logits[:, :1])
        return torch.cat([blind, logits], 1).softmax(1)[:, 1:], mends


class LiteNetwork(nn.Module):
    """Both paths with their sizes. origins: the networks its weights were mixed of, or learnt from."""

    def __init__(self, config: LiteConfig | None = None) -> None:
        super().__init__()
        self.origins: tuple[LiteNetwork, ...] = ()
        self.config = config or LiteConfig()
        self.blind = BlindPath(self.config)
        self.keyed = KeyedPath(self.config)
