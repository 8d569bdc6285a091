"""Learned distances between a result and its truth: LPIPS and DISTS. 0 means alike, lower is better."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.evaluation.measures.features import (
    alexnet_features,
    channel_values,
    load_weights,
    to_batch,
    vgg_features,
)
from sparkvsr_engine.evaluation.pixels import require_same_size

_DISTS_CHANNELS = [3, 64, 128, 256, 512, 512]
_DISTS_FLOOR = 1e-6


class Distance(Protocol):
    """A distance between two pictures of one size."""

    def measure(self, result: Pixels, reference: Pixels) -> float:
        """0 for equal pictures, higher the more they differ."""
        ...


class Lpips:
    """Learned perceptual image patch similarity, version 0.1 (Zhang et al. 2018)."""

    def __init__(self, weights: Path, device: str = "cpu") -> None:
        """`weights`: `lpips_alexnet.safetensors` or `lpips_vgg16.safetensors`; its layers show which."""
        self._weights = load_weights(weights, device)
        self._is_vgg = "features.28.weight" in self._weights
        self._device = device
        # The published shift and scale of pictures in -1..1, applied here to 0..1.
        self._mean = (channel_values((-0.030, -0.088, -0.188), device) + 1.0) / 2.0
        self._deviation = channel_values((0.458, 0.448, 0.450), device) / 2.0

    @torch.inference_mode()
    def measure(self, result: Pixels, reference: Pixels) -> float:
        """The distance of two pictures of one size."""
        require_same_size(result, reference)
        levels = self._features(to_batch(result, reference, device=self._device))
        return self._distance([(level[:1], level[1:]) for level in levels])

    @torch.inference_mode()
    def against(self, reference: Pixels) -> Callable[[Pixels], float]:
        """The distance of pictures from one reference, whose features are computed once and held.

        Args:
            reference: the true frame, [H, W, 3], uint8 or float 0..1.
        """
        levels = self._features(to_batch(reference, device=self._device))

        @torch.inference_mode()
        def distance(result: Pixels) -> float:
            require_same_size(result, reference)
            result_levels = self._features(to_batch(result, device=self._device))
            return self._distance(list(zip(result_levels, levels, strict=True)))

        return distance

    def _distance(self, levels: Sequence[tuple[Tensor, Tensor]]) -> float:
        distance = torch.zeros((), device=self._device)
        for level, (restored, true) in enumerate(levels):
            squared = (restored - true).square()
            distance = distance + F.conv2d(squared, self._weights[f"lin{level}.weight"]).mean()
        return float(distance)

    def _features(self, batch: Tensor) -> list[Tensor]:
        """The activations of each level, of unit length along their channels."""
        batch = (batch - self._mean) / self._deviation
        if self._is_vgg:
            levels = vgg_features(self._weights, batch, lambda x: F.max_pool2d(x, 2, 2))
        else:
            levels = alexnet_features(self._weights, batch)
        return [level / (level.square().sum(1, keepdim=True).sqrt() + 1e-10) for level in levels]


class Dists:
    """Deep image structure and texture similarity (Ding et al. 2020)."""

    def __init__(self, vgg_weights: Path, alpha_beta: Path, device: str = "cpu") -> None:
        """`alpha_beta`: the published `weights.pt`, its tensors `alpha` (texture) and `beta` (structure)."""
        self._weights = load_weights(vgg_weights, device)
        self._device = device
        mixed = torch.load(alpha_beta, map_location=device, weights_only=True)
        total = mixed["alpha"].sum() + mixed["beta"].sum()
        self._alpha = torch.split(mixed["alpha"] / total, _DISTS_CHANNELS, dim=1)
        self._beta = torch.split(mixed["beta"] / total, _DISTS_CHANNELS, dim=1)
        self._mean = channel_values((0.485, 0.456, 0.406), device)
        self._deviation = channel_values((0.229, 0.224, 0.225), device)
        window = torch.from_numpy(np.hanning(5)[1:-1]).float().to(device)
        self._window = (window[:, None] * window[None, :] / window.sum().square())[None, None]

    @torch.inference_mode()
    def measure(self, result: Pixels, reference: Pixels) -> float:
        """The distance of two pictures of one size."""
        require_same_size(result, reference)
        return float(self.distance(to_batch(result, reference, device=self._device)))

    def distance(self, batch: Tensor) -> Tensor:
        """The distance of the two pictures of a batch [2, 3, H, W], 0..1; it can be differentiated."""
        levels = [batch, *vgg_features(self._weights, (batch - self._mean) / self._deviation, self._pool)]
        likeness = torch.zeros((), device=self._device)
        for features, alpha, beta in zip(levels, self._alpha, self._beta, strict=True):
            texture, structure = _similarities(features)
            likeness = likeness + (alpha * texture + beta * structure).sum()
        return 1.0 - likeness

    def _pool(self, x: Tensor) -> Tensor:
        """Halve by the root of Hann-weighted squares, which does not alias as max pooling does."""
        channels = x.shape[1]
        kernel = self._window.expand(channels, 1, 3, 3)
        return (F.conv2d(x.square(), kernel, stride=2, padding=1, groups=channels) + 1e-12).sqrt()


def _similarities(features: Tensor) -> tuple[Tensor, Tensor]:
    """Per channel: how like the means are (texture) and how correlated the maps are (structure)."""
    x, y = features[:1], features[1:]
    mean_x, mean_y = x.mean((2, 3), keepdim=True), y.mean((2, 3), keepdim=True)
    texture = (2 * mean_x * mean_y + _DISTS_FLOOR) / (mean_x**2 + mean_y**2 + _DISTS_FLOOR)
    spread = _variance(x, mean_x) + _variance(y, mean_y)
    covariance = (x * y).mean((2, 3), keepdim=True) - mean_x * mean_y
    return texture, (2 * covariance + _DISTS_FLOOR) / (spread + _DISTS_FLOOR)


def _variance(x: Tensor, mean: Tensor) -> Tensor:
    return (x - mean).square().mean((2, 3), keepdim=True)
