"""Primaries: from one set of RGB to another by way of XYZ, whites adapted by Bradford."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

REC709 = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)
REC2020 = (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290)
P3_D65 = (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290)
P3_DCI = (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351)
ADOBE_RGB = (0.640, 0.330, 0.210, 0.710, 0.150, 0.060, 0.3127, 0.3290)
AP1 = (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767)
AP0 = (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.0770, 0.32168, 0.33767)

# Cone responses of Lam's Bradford transform (http://www.brucelindbloom.com/Eqn_ChromAdapt.html).
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])

# ICC.1:2022 section 7.2.16: the white of profiles' connection space.
_D50 = np.array([0.9642, 1.0, 0.8249])


def conversion(source: Sequence[float], target: Sequence[float]) -> NDArray[np.float32]:
    """The matrix [3, 3] that takes linear RGB columns of `source` primaries to `target` ones.

    Each: x and y of red, green, blue, white.
    """
    adapted = _adaptation(_white(source), _white(target)) @ _to_xyz(source)
    return (np.linalg.inv(_to_xyz(target)) @ adapted).astype(np.float32)


def from_connection_space(target: Sequence[float]) -> NDArray[np.float32]:
    """The matrix [3, 3] from an ICC profile's XYZ, white D50, to linear RGB on `target` primaries."""
    adapted = _adaptation(_D50, _white(target))
    return (np.linalg.inv(_to_xyz(target)) @ adapted).astype(np.float32)


def are_alike(first: Sequence[float], second: Sequence[float]) -> bool:
    """Whether two sets are the same to the rounding of files."""
    return bool(np.allclose(first, second, atol=2e-3))


def _xyz(x: float, y: float) -> NDArray[np.float64]:
    return np.array([x / y, 1.0, (1.0 - x - y) / y])


def _white(primaries: Sequence[float]) -> NDArray[np.float64]:
    return _xyz(primaries[6], primaries[7])


def _to_xyz(primaries: Sequence[float]) -> NDArray[np.float64]:
    # Columns are scaled so that R = G = B = 1 is the white (SMPTE RP 177). Homogeneous, because a blue may
    # have y = 0 (ACES AP0 comes close).
    pairs = [(primaries[2 * i], primaries[2 * i + 1]) for i in range(3)]
    columns = np.array([[x, y, 1.0 - x - y] for x, y in pairs]).T
    scale = np.linalg.solve(columns, _white(primaries))
    return np.asarray(columns * scale, np.float64)


def _adaptation(source_white: NDArray[np.float64], target_white: NDArray[np.float64]) -> NDArray[np.float64]:
    ratio = (_BRADFORD @ target_white) / (_BRADFORD @ source_white)
    return np.linalg.inv(_BRADFORD) @ np.diag(ratio) @ _BRADFORD
