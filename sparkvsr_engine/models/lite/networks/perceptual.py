"""LPIPS (Zhang et al., 2018) as a loss, on the features of AlexNet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.models.distances.files import LPIPS_ALEXNET
from sparkvsr_engine.models.distances.picture_features import alexnet_features, channel_values, load_weights
from sparkvsr_engine.models.lite.pixels.planes import Planes, add_planes

# Mean and spread the features were trained on, for pictures of -1..1.
_SHIFT = (-0.030, -0.088, -0.188)
_SPREAD = (0.458, 0.448, 0.450)
# Of AlexNet's first layer, in pixels.
_STRIDE = 4
# In which the first layer may look at a picture.
POSITIONS = _STRIDE**2


class Perceptual:
    """LPIPS as a loss on a device. folder: where the weights lie ('sparkvsr models fetch metrics').

    Raises ModelMissing when they do not, or cannot be read.
    """

    def __init__(self, folder: Path, device: torch.device | str = "cpu") -> None:
        path = folder / LPIPS_ALEXNET
        if not path.is_file():
            raise ModelMissing(
                f"{path} is missing; run 'sparkvsr models fetch metrics', or train without it."
            )
        self._weights = load_weights(path, device)
        self._shift, self._spread = (channel_values(values, device) for values in (_SHIFT, _SPREAD))

    def __call__(
        self, result: Tensor, target: Tensor, weight: Tensor, positions: Tensor | None = None
    ) -> Tensor:
        """Distance of two batches of pictures [N, 3, H, W], 0..1; mean over the batch under `weight` [N].

        Args:
            result: the pictures.
            target: what is wanted.
            weight: of each picture.
            positions: [N] of 0..POSITIONS - 1; None for one after the other.
        """
        places = range(len(result)) if positions is None else positions.tolist()
        with torch.no_grad():
            aim = self._features(_shifted(target, places))
        total = torch.zeros((), device=result.device)
        for index, (feature, target_feature) in enumerate(
            zip(self._features(_shifted(result, places)), aim, strict=True)
        ):
            apart = (_unit(feature) - _unit(target_feature)).square()
            total = total + F.conv2d(apart, self._weights[f"lin{index}.weight"]).mean((1, 2, 3))
        return (total * weight).mean()

    def _features(self, picture: Tensor) -> list[Tensor]:
        x = (picture.clamp(0, 1) * 2 - 1 - self._shift) / self._spread
        return [features.float() for features in alexnet_features(self._weights, x)]


def _shifted(pictures: Tensor, positions: Sequence[int]) -> Tensor:
    """A batch, each picture cut off by another share of the first layer's stride.

    That stride is as wide as a cell of the network's output: looked at in one position alone, dots that
    the layer does not see there are learnt along edges, and LPIPS is better for it.
    """
    rows, columns = (side - _STRIDE for side in pictures.shape[-2:])
    places = [(i % _STRIDE, (i // _STRIDE) % _STRIDE) for i in positions]
    cut = [
        picture[:, y : y + rows, x : x + columns] for picture, (x, y) in zip(pictures, places, strict=True)
    ]
    return torch.stack(cut)


def picture_of(planes: Planes) -> Tensor:
    """Whole-picture planes back to RGB [N, 3, H, W]."""
    return add_planes(planes.luma.new_zeros(planes.luma.shape[0], 3, *planes.luma.shape[-2:]), planes)


def _unit(features: Tensor) -> Tensor:
    return features / (features.square().sum(1, keepdim=True).sqrt() + 1e-10)
