"""AlexNet and VGG16 feature stacks, as plain functions over a table of weights.

Not torchvision: two lists of layers are all that is needed of it, and it is not installable everywhere.
Weight names follow torchvision (`features.<n>.weight`), `lin<n>.weight` are the LPIPS channel weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from sparkvsr_bridge.errors import ModelMissing

Weights = Mapping[str, Tensor]

SMALLEST_SIDE = 32
"""Pixels a side below which the stacks run out of picture."""

_VGG_STAGES = ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28))


def load_weights(path: Path, device: torch.device | str) -> Weights:
    """The tensors of a safetensors file as float32 on `device`.

    Raises ModelMissing when the file is absent or damaged.
    """
    try:
        return {name: tensor.float().to(device) for name, tensor in load_file(path).items()}
    except (OSError, SafetensorError) as error:
        raise ModelMissing(f"{path} cannot be read ({error}); fetch the metric weights again.") from error


def channel_values(values: tuple[float, float, float], device: torch.device | str) -> Tensor:
    """Three per-channel numbers, shaped to act on a batch."""
    return torch.tensor(values, device=device).view(1, 3, 1, 1)


def alexnet_features(weights: Weights, batch: Tensor) -> list[Tensor]:
    """The five activations of AlexNet after each convolution; `batch` is normalised already."""
    convolve = _convolution(weights)
    first = convolve(batch, 0, stride=4, padding=2)
    second = convolve(F.max_pool2d(first, 3, 2), 3, padding=2)
    third = convolve(F.max_pool2d(second, 3, 2), 6)
    fourth = convolve(third, 8)
    return [first, second, third, fourth, convolve(fourth, 10)]


def vgg_features(weights: Weights, batch: Tensor, pool: Callable[[Tensor], Tensor]) -> list[Tensor]:
    """The activations of VGG16 at the end of its five stages; `pool` halves between the stages.

    Args:
        weights: see `load_weights`.
        batch: float32 [N, 3, H, W], 0..1.
        pool: halves a feature map.
    """
    convolve = _convolution(weights)
    features: list[Tensor] = []
    x = batch
    for stage in _VGG_STAGES:
        x = pool(features[-1]) if features else x
        for layer in stage:
            x = convolve(x, layer)
        features.append(x)
    return features


def _convolution(weights: Weights) -> Callable[..., Tensor]:
    def convolve(x: Tensor, layer: int, stride: int = 1, padding: int = 1) -> Tensor:
        kernel, bias = weights[f"features.{layer}.weight"], weights[f"features.{layer}.bias"]
        return F.relu_(F.conv2d(x, kernel, bias, stride=stride, padding=padding))

    return convolve
