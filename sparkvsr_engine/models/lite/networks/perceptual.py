"""LPIPS (Zhang et al., 2018) as a loss, on the features of AlexNet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.models.lite.learning.recipe import LOOKS_NAME
from sparkvsr_engine.models.lite.pixels.planes import Planes, add_planes

# Mean and spread the features were trained on, for pictures of -1..1.
_SHIFT = (-0.030, -0.088, -0.188)
_SPREAD = (0.458, 0.448, 0.450)
# (index of the layer in torchvision's AlexNet, stride, padding, pooled before)
_LAYERS = ((0, 4, 2, False), (3, 1, 2, True), (6, 1, 1, True), (8, 1, 1, False), (10, 1, 1, False))
_STRIDE = _LAYERS[0][1]
# In which the first layer may look at a picture.
POSITIONS = _STRIDE**2
WEIGHTS_NAME = LOOKS_NAME


class Perceptual:
    """LPIPS as a loss on a device. folder: where the weights lie ('sparkvsr models fetch metrics').

    Raises ModelMissing when they do not.
    """

    def __init__(self, folder: Path, device: torch.device | str = "cpu") -> None:
        from safetensors.torch import load_file

        path = folder / WEIGHTS_NAME
        if not path.is_file():
            raise ModelMissing(
                f"{path} is missing; run 'sparkvsr models fetch metrics', or train without it."
            )
        self._weights = {name: value.float().to(device) for name, value in load_file(path).items()}
        self._shift = torch.tensor(_SHIFT, device=device).view(1, 3, 1, 1)
        self._spread = torch.tensor(_SPREAD, device=device).view(1, 3, 1, 1)

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
        features: list[Tensor] = []
        for layer, stride, padding, pooled in _LAYERS:
            x = F.max_pool2d(x, 3, 2) if pooled else x
            weight, bias = self._weights[f"features.{layer}.weight"], self._weights[f"features.{layer}.bias"]
            x = F.relu(F.conv2d(x, weight, bias, stride, padding))
            features.append(x.float())
        return features


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
