"""The three network families of the bundled models, written for inference.

SRVGGNetCompact and RRDBNet are Real-ESRGAN's (Wang et al. 2021, arXiv:2107.10833; RRDB blocks from ESRGAN,
arXiv:1809.00219) and keep its parameter names; SPAN is Wan et al. 2024 (arXiv:2311.12770) in its
re-parametrised form. Modules are defined in the order in which published ncnn files store their weights.
Not here: where weights come from (`locating`), tiles and devices (`torch_upscaler`).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sparkvsr_engine.models.attention_block import AttentionBlock

# Source pixels per strip of RRDBNet's last layers, whose tensors are 16 times the source's area:
# 64 channels of this are 67 MB in half precision.
STRIP_PIXELS = 32_768
# The last four convolutions reach 1 1/4 source pixels.
STRIP_REACH = 2


def _convolution(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1)


class IsrNetwork(nn.Module):
    """float32 [1, 3, H, W], 0..1, to float32 [1, 3, H * scale, W * scale], roughly 0..1.

    reach: source pixels, in each direction, that one output pixel depends on.
    Convolutions run in the format of the weights; sums that make the picture are float32.
    """

    scale: int
    reach: int


class SRVGGNetCompact(IsrNetwork):
    """A plain stack of convolutions that adds its residual to the picture enlarged by repetition."""

    def __init__(self, features: int, blocks: int, scale: int) -> None:
        super().__init__()
        self.scale, self.reach = scale, blocks + 2
        layers: list[nn.Module] = [_convolution(3, features), nn.PReLU(features)]
        for _ in range(blocks):
            layers += [_convolution(features, features), nn.PReLU(features)]
        self.body = nn.ModuleList([*layers, _convolution(features, 3 * scale * scale)])

    def forward(self, picture: Tensor) -> Tensor:
        """Enlarge [N, 3, H, W], 0..1."""
        deep = picture.to(_format_of(self))
        for layer in self.body:
            deep = layer(deep)
        residual = F.pixel_shuffle(deep.float(), self.scale)
        return residual + F.interpolate(picture, scale_factor=self.scale, mode="nearest")


class _DenseBlock(nn.Module):
    """Five convolutions, each on everything before it; 0.2 of their result is added to the input."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        for index in range(1, 6):
            outputs = features if index == 5 else growth
            self.add_module(f"conv{index}", _convolution(features + (index - 1) * growth, outputs))

    def forward(self, features: Tensor) -> Tensor:
        first, *inner, last = self.children()
        maps = [features, _leaky(first(features))]
        for convolution in inner:
            maps.append(_leaky(convolution(torch.cat(maps, 1))))
        return last(torch.cat(maps, 1)) * 0.2 + features


class _ResidualInResidual(nn.Module):
    """Three dense blocks; 0.2 of their result is added to the input."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        self.rdb1 = _DenseBlock(features, growth)
        self.rdb2 = _DenseBlock(features, growth)
        self.rdb3 = _DenseBlock(features, growth)

    def forward(self, features: Tensor) -> Tensor:
        return self.rdb3(self.rdb2(self.rdb1(features))) * 0.2 + features


class RRDBNet(IsrNetwork):
    """ESRGAN's generator, scale 4. The deep part runs whole, the large last layers in strips: exact, and
    four times smaller in memory.
    """

    def __init__(self, features: int, blocks: int, growth: int = 32) -> None:
        super().__init__()
        self.scale, self.reach = 4, 15 * blocks + 2 + STRIP_REACH
        self.conv_first = _convolution(3, features)
        self.body = nn.Sequential(*(_ResidualInResidual(features, growth) for _ in range(blocks)))
        self.conv_body = _convolution(features, features)
        self.conv_up1 = _convolution(features, features)
        self.conv_up2 = _convolution(features, features)
        self.conv_hr = _convolution(features, features)
        self.conv_last = _convolution(features, 3)

    def forward(self, picture: Tensor) -> Tensor:
        """Enlarge [N, 3, H, W], 0..1."""
        shallow = self.conv_first(picture.to(_format_of(self)))
        deep = shallow + self.conv_body(self.body(shallow))
        height, width = deep.shape[2:]
        rows = max(1, STRIP_PIXELS // width)
        return torch.cat(
            [self._strip(deep, top, min(top + rows, height)) for top in range(0, height, rows)], 2
        )

    def _strip(self, deep: Tensor, top: int, bottom: int) -> Tensor:
        """The output rows of source rows `top` to `bottom`."""
        start, stop = max(0, top - STRIP_REACH), min(deep.shape[2], bottom + STRIP_REACH)
        wide = _leaky(self.conv_up1(_doubled(deep[:, :, start:stop])))
        wide = _leaky(self.conv_hr(_leaky(self.conv_up2(_doubled(wide)))))
        last = self.conv_last
        # In float32: bfloat16 has no finer steps than 1/256 near white.
        picture = F.conv2d(wide.float(), last.weight.float(), _bias(last).float(), padding=1)
        return picture[:, :, (top - start) * 4 : (bottom - start) * 4]


class SPAN(IsrNetwork):
    """Six attention blocks; four stages of them are joined and shuffled into the picture."""

    mean: Tensor

    def __init__(self, features: int, blocks: int, scale: int) -> None:
        super().__init__()
        self.scale, self.reach = scale, 3 * blocks + 3
        self.register_buffer("mean", torch.zeros(3))
        self.conv_1 = _convolution(3, features)
        self.blocks = nn.ModuleList([AttentionBlock(features) for _ in range(blocks)])
        self.conv_2 = _convolution(features, features)
        self.conv_cat = nn.Conv2d(4 * features, features, 1)
        self.upsampler = _convolution(features, 3 * scale * scale)

    def forward(self, picture: Tensor) -> Tensor:
        """Enlarge [N, 3, H, W], 0..1."""
        centred = (picture - self.mean.float().view(1, 3, 1, 1)) * 255
        shallow = self.conv_1(centred.to(_format_of(self)))
        stages: list[Tensor] = []
        deep, first = shallow, shallow
        for block in self.blocks:
            deep, first = block(deep)
            stages.append(deep)
        joined = self.conv_cat(torch.cat([shallow, self.conv_2(deep), stages[0], first], 1))
        return F.pixel_shuffle(self.upsampler(joined).float(), self.scale)


def _format_of(network: nn.Module) -> torch.dtype:
    return next(network.parameters()).dtype


def _bias(convolution: nn.Conv2d) -> Tensor:
    assert convolution.bias is not None
    return convolution.bias


def _leaky(features: Tensor) -> Tensor:
    return F.leaky_relu(features, 0.2)


def _doubled(features: Tensor) -> Tensor:
    return F.interpolate(features, scale_factor=2, mode="nearest")
