"""How far textures differ, as a loss: the strength of detail around each pixel, wherever edges lie.

`evaluation/measures/texture.py` for luma planes of torch, with gradients. Errors of pixels alone teach
softness where a keyframe's detail cannot be placed exactly; this needs no weights, unlike LPIPS.
"""

from __future__ import annotations

import torch
from torch import Tensor

from sparkvsr_engine.models.lite.pixels.filters import blurred

_OCTAVES = 4
# Of an octave, in pixels.
_SMALLEST_SIDE = 8
# Pixels of an octave: what counts as detail, over what its strength is a mean, and what halving takes away.
_DETAIL, _AROUND, _HALVING = 1.2, 3.0, 1.0
# Of luma 0..1, squared: strengths below pass for none. The first constant of structural similarity.
_NOTHING = 0.01**2
# Keeps the slope of a root finite where there is no detail.
_FINITE = 1e-7


def texture_error(result: Tensor, target: Tensor) -> Tensor:
    """The mean difference of two batches of luma [N, 1, H, W], 0 for none to 1.

    For each octave 1 less the mean of (2xy + c) / (x^2 + y^2 + c), x and y being the root mean squares of
    detail around a pixel (the contrast term of structural similarity, Wang et al. 2004, of detail alone),
    and the same of the luma left below; the mean of these. In single precision whatever runs around it:
    detail is a difference of nearly equal values.

    Args:
        result: luma, 0..1.
        target: the luma that is wanted, of the same size.
    """
    with torch.autocast(result.device.type, enabled=False):
        errors: list[Tensor] = []
        result, target = result.float(), target.float()
        for _ in range(_OCTAVES):
            errors.append(_difference(_strength(result), _strength(target)))
            result, target = _halved(result), _halved(target)
            if min(result.shape[-2:]) < _SMALLEST_SIDE:
                break
        return torch.stack([*errors, _difference(result, target)]).mean()


def _difference(x: Tensor, y: Tensor) -> Tensor:
    return 1 - ((2 * x * y + _NOTHING) / (x * x + y * y + _NOTHING)).mean()


def _strength(luma: Tensor) -> Tensor:
    detail = luma - _blurred(luma, _DETAIL)
    return (_blurred(detail * detail, _AROUND) + _FINITE).sqrt()


def _halved(luma: Tensor) -> Tensor:
    return _blurred(luma, _HALVING)[..., ::2, ::2]


def _blurred(luma: Tensor, sigma: float) -> Tensor:
    return blurred(luma, sigma, "reflect")
