"""Closeness to the truth, on BT.601 studio luma with the border cropped, as the literature reports it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.evaluation.pixels import require_same_size, studio_luma, without_border

PSNR_CEILING = 100.0
"""dB reported for equal pictures, so that means stay finite."""

_PEAK = 255.0
_WINDOW = 11
_SIGMA = 1.5


def psnr_y(result: Pixels, reference: Pixels, border: int = 4) -> float:
    """Peak signal-to-noise ratio of the luma, dB; `border` pixels on each side do not count.

    Args:
        result: the restored frame, as the true one.
        reference: the true frame, [H, W, 3], uint8 or float 0..1.
        border: pixels on each side that do not count.
    """
    require_same_size(result, reference)
    difference = without_border(studio_luma(result) - studio_luma(reference), border)
    error = float(np.mean(np.square(difference)))
    if error == 0.0:
        return PSNR_CEILING
    return min(PSNR_CEILING, 10.0 * float(np.log10(_PEAK**2 / error)))


def ssim_y(result: Pixels, reference: Pixels, border: int = 4) -> float:
    """Structural similarity of the luma, up to 1 (Wang et al. 2004: 11x11 Gaussian, sigma 1.5).

    ValueError when less than one window is left inside the border.

    Args:
        result: the restored frame, as the true one.
        reference: the true frame, [H, W, 3], uint8 or float 0..1.
        border: pixels on each side that do not count.
    """
    require_same_size(result, reference)
    x, y = (without_border(studio_luma(picture), border) for picture in (result, reference))
    if min(x.shape) < _WINDOW:
        raise ValueError(f"SSIM needs {_WINDOW} pixels a side inside the border, not {x.shape[::-1]}")
    mean_x, mean_y = _windowed(x), _windowed(y)
    variance_x = _windowed(x * x) - mean_x * mean_x
    variance_y = _windowed(y * y) - mean_y * mean_y
    covariance = _windowed(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * _PEAK) ** 2, (0.03 * _PEAK) ** 2
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    structure = (2 * covariance + c2) / (variance_x + variance_y + c2)
    return float(np.mean(luminance * structure))


def _windowed(plane: NDArray[Any]) -> NDArray[Any]:
    """The Gaussian-weighted mean around each pixel whose window lies inside."""
    kernel = cv2.getGaussianKernel(_WINDOW, _SIGMA, cv2.CV_64F)
    inset = _WINDOW // 2
    return cv2.sepFilter2D(plane, cv2.CV_64F, kernel, kernel)[inset:-inset, inset:-inset]
