"""DISTS (Ding et al., 2020) as a loss: how far textures and structures of two pictures differ."""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.models.distances.picture_features import channel_values, load_weights, vgg_features

_CHANNELS = [3, 64, 128, 256, 512, 512]
_FLOOR = 1e-6


class DistsLoss:
    """The distance of two pictures on a device."""

    def __init__(self, vgg_weights: Path, alpha_beta: Path, device: torch.device | str = "cpu") -> None:
        """`alpha_beta`: the published `weights.pt`, its tensors `alpha` (texture) and `beta` (structure).

        Raises ModelMissing when one of the files cannot be read.
        """
        self._weights = load_weights(vgg_weights, device)
        shares = _read_shares(alpha_beta, device)
        total = shares["alpha"].sum() + shares["beta"].sum()
        self._alpha = torch.split(shares["alpha"] / total, _CHANNELS, dim=1)
        self._beta = torch.split(shares["beta"] / total, _CHANNELS, dim=1)
        self._mean = channel_values((0.485, 0.456, 0.406), device)
        self._deviation = channel_values((0.229, 0.224, 0.225), device)
        window = torch.from_numpy(np.hanning(5)[1:-1]).float().to(device)
        self._window = (window[:, None] * window[None, :] / window.sum().square())[None, None]

    def distance(self, batch: Tensor) -> Tensor:
        """The distance of the two pictures of a batch [2, 3, H, W], 0..1; it can be differentiated."""
        levels = [batch, *vgg_features(self._weights, (batch - self._mean) / self._deviation, self._pool)]
        likeness = torch.zeros((), device=batch.device)
        for features, alpha, beta in zip(levels, self._alpha, self._beta, strict=True):
            # Means of squares in short floats would be too coarse for their differences.
            texture, structure = _similarities(features.float())
            likeness = likeness + (alpha * texture + beta * structure).sum()
        return 1.0 - likeness

    def _pool(self, x: Tensor) -> Tensor:
        """Halve by the root of Hann-weighted squares, which does not alias as max pooling does."""
        channels = x.shape[1]
        kernel = self._window.expand(channels, 1, 3, 3)
        return (F.conv2d(x.square(), kernel, stride=2, padding=1, groups=channels) + 1e-12).sqrt()


def _read_shares(path: Path, device: torch.device | str) -> dict[str, Tensor]:
    """`alpha` and `beta`, [1, channels, 1, 1] each."""
    try:
        content = torch.load(path, map_location=device, weights_only=True)
        return {name: content[name].reshape(1, sum(_CHANNELS), 1, 1) for name in ("alpha", "beta")}
    except (OSError, EOFError, RuntimeError, LookupError, TypeError, UnpicklingError) as error:
        raise ModelMissing(f"{path} cannot be read ({error}); fetch the metric weights again.") from error


def _similarities(features: Tensor) -> tuple[Tensor, Tensor]:
    """Per channel: how like the means are (texture) and how correlated the maps are (structure)."""
    x, y = features[:1], features[1:]
    mean_x, mean_y = x.mean((2, 3), keepdim=True), y.mean((2, 3), keepdim=True)
    texture = (2 * mean_x * mean_y + _FLOOR) / (mean_x**2 + mean_y**2 + _FLOOR)
    spread = _variance(x, mean_x) + _variance(y, mean_y)
    covariance = (x * y).mean((2, 3), keepdim=True) - mean_x * mean_y
    return texture, (2 * covariance + _FLOOR) / (spread + _FLOOR)


def _variance(x: Tensor, mean: Tensor) -> Tensor:
    return (x - mean).square().mean((2, 3), keepdim=True)
