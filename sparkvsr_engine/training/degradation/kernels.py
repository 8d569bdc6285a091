"""Blur kernels of the second-order degradation.

Gaussian families follow Liu et al., "Estimating generalized Gaussian blur kernels for out-of-focus image
deblurring" (generalised: exp(-q^b / 2), plateau: 1 / (1 + q^b), with q the Mahalanobis distance squared);
the sinc kernel is the circular low-pass of Wang et al., "Real-ESRGAN", section 3.3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

Kernel = NDArray[np.float32]

_FAMILIES = ("iso", "aniso", "generalized_iso", "generalized_aniso", "plateau_iso", "plateau_aniso", "sinc")
_SHARES = (0.405, 0.225, 0.108, 0.027, 0.108, 0.027, 0.1)


@dataclass(frozen=True)
class KernelRanges:
    """What is drawn from: sigma in pixels."""

    sigma: tuple[float, float] = (0.2, 3.0)
    largest: int = 21


def draw_kernel(ranges: KernelRanges, rng: np.random.Generator) -> Kernel:
    """A random kernel, float32 [k, k], k odd from 7, summing to 1."""
    side = int(rng.choice(np.arange(7, ranges.largest + 1, 2)))
    family = str(rng.choice(_FAMILIES, p=np.array(_SHARES) / sum(_SHARES)))
    if family == "sinc":
        return sinc_kernel(side, float(rng.uniform(np.pi / 3, np.pi)))
    wide = float(rng.uniform(*ranges.sigma))
    narrow = wide if family.endswith("_iso") or family == "iso" else float(rng.uniform(*ranges.sigma))
    distance = _mahalanobis(side, wide, narrow, float(rng.uniform(-np.pi, np.pi)))
    if family.startswith("generalized"):
        weights = np.exp(-0.5 * distance ** _shape_exponent(rng, 0.5, 4.0))
    elif family.startswith("plateau"):
        weights = 1.0 / (1.0 + distance ** _shape_exponent(rng, 1.0, 2.0))
    else:
        weights = np.exp(-0.5 * distance)
    return (weights / weights.sum()).astype(np.float32)


def sinc_kernel(side: int, cutoff: float) -> Kernel:
    """The circular ideal low-pass of `cutoff` radians per pixel (pi/3..pi), which rings as bad scalers do."""
    centre = (side - 1) / 2
    y, x = np.mgrid[0:side, 0:side] - centre
    radius = torch.from_numpy(np.hypot(x, y))
    weights = cutoff * torch.special.bessel_j1(cutoff * radius) / (2 * np.pi * radius)
    weights[radius == 0] = cutoff**2 / (4 * np.pi)
    kernel = weights.numpy()
    return (kernel / kernel.sum()).astype(np.float32)


def _shape_exponent(rng: np.random.Generator, low: float, high: float) -> float:
    """Half the draws on either side of 1, as the published draw does, so that neither shape is rare."""
    return float(rng.uniform(low, 1.0) if low < 1.0 and rng.random() < 0.5 else rng.uniform(1.0, high))


def _mahalanobis(side: int, sigma_x: float, sigma_y: float, angle: float) -> NDArray[np.float64]:
    """Squared distance from the centre under a rotated covariance."""
    centre = (side - 1) / 2
    y, x = np.mgrid[0:side, 0:side] - centre
    along = x * np.cos(angle) + y * np.sin(angle)
    across = -x * np.sin(angle) + y * np.cos(angle)
    return (along / sigma_x) ** 2 + (across / sigma_y) ** 2
