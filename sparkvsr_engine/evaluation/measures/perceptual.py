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
from sparkvsr_engine.evaluation.pixels import require_same_size, to_unit
from sparkvsr_engine.models.distances.dists import DistsLoss
from sparkvsr_engine.models.distances.picture_features import (
    alexnet_features,
    channel_values,
    load_weights,
    vgg_features,
)


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
        levels = self._features(_to_batch(result, reference, device=self._device))
        return self._distance([(level[:1], level[1:]) for level in levels])

    @torch.inference_mode()
    def against(self, reference: Pixels) -> Callable[[Pixels], float]:
        """The distance of pictures from one reference, whose features are computed once and held.

        Args:
            reference: the true frame, [H, W, 3], uint8 or float 0..1.
        """
        levels = self._features(_to_batch(reference, device=self._device))

        @torch.inference_mode()
        def distance(result: Pixels) -> float:
            require_same_size(result, reference)
            result_levels = self._features(_to_batch(result, device=self._device))
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
        """See `DistsLoss`."""
        self._loss = DistsLoss(vgg_weights, alpha_beta, device)
        self._device = device

    @torch.inference_mode()
    def measure(self, result: Pixels, reference: Pixels) -> float:
        """The distance of two pictures of one size."""
        require_same_size(result, reference)
        return float(self._loss.distance(_to_batch(result, reference, device=self._device)))


def _to_batch(*pictures: Pixels, device: str) -> Tensor:
    """Pictures of one size as float32 [N, 3, H, W], 0..1.

    Args:
        pictures: [H, W, 3] each, uint8 or float 0..1.
        device: `cpu` or `cuda[:i]`.
    """
    stacked = np.stack([to_unit(picture) for picture in pictures]).transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(stacked)).to(device)
