"""NIQE: how far a picture's local statistics lie from those of undistorted photographs; needs no truth.

Mittal, Soundararajan and Bovik, "Making a completely blind image quality analyzer" (2013). The constants of
the photographs are the authors', in `niqe_pris_params.npz`.
"""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.core.arrays import AnyPlane, Pixels
from sparkvsr_engine.evaluation.pixels import studio_luma

BLOCK = 96
"""Side of a block in pixels; statistics are taken per block."""

_NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))

_SHAPES = np.arange(0.2, 10.001, 0.001)
_GAMMA_1, _GAMMA_2, _GAMMA_3 = (
    np.array([math.gamma(order / shape) for shape in _SHAPES]) for order in (1.0, 2.0, 3.0)
)
# Equation 7's moment ratio of a generalised Gaussian; it rises with the shape, so it can be searched.
_RATIOS = _GAMMA_2**2 / (_GAMMA_1 * _GAMMA_3)


class Niqe:
    """The distance of a picture from the model of undistorted photographs; lower is more natural."""

    def __init__(self, parameters: Path) -> None:
        """Raises ModelMissing when the parameter file is absent or damaged."""
        try:
            with np.load(parameters) as stored:
                self._mean = stored["mu_pris_param"].reshape(-1)
                self._covariance = stored["cov_pris_param"]
                self._window = stored["gaussian_window"]
        except (OSError, KeyError, ValueError) as error:
            raise ModelMissing(f"{parameters} cannot be read ({error}); fetch the weights again.") from error

    @staticmethod
    def accepts(width: int, height: int) -> bool:
        """Whether the picture holds the two blocks a covariance needs."""
        return (width // BLOCK) * (height // BLOCK) >= 2

    def measure(self, picture: Pixels) -> float:
        """The distance of one picture; ValueError when it is too small (see `accepts`).

        nan for a picture so flat that fewer than two blocks have statistics.
        """
        height, width = picture.shape[:2]
        if not self.accepts(width, height):
            raise ValueError(f"NIQE needs two blocks of {BLOCK} pixels; {width}x{height} has fewer")
        luma = np.rint(studio_luma(picture))[: height // BLOCK * BLOCK, : width // BLOCK * BLOCK]
        fine = self._features(luma, BLOCK)
        coarse = self._features(_halved(luma), BLOCK // 2)
        features = np.concatenate([fine, coarse], axis=1)
        complete = features[~np.isnan(features).any(axis=1)]
        if len(complete) < 2:
            return math.nan
        inverse = np.linalg.pinv((self._covariance + np.cov(complete, rowvar=False)) / 2.0)
        away = self._mean - np.nanmean(features, axis=0)
        return float(np.sqrt(away @ inverse @ away))

    def _features(self, luma: AnyPlane, side: int) -> NDArray[np.float64]:
        """18 statistics of each block, float64 [blocks, 18]."""
        blocks = _blocks(self._normalised(luma), side)
        shape, left, right = _asymmetric_gaussian(blocks)
        columns = [_SHAPES[shape], (left + right) / 2.0]
        for shift in _NEIGHBOURS:
            shape, left, right = _asymmetric_gaussian(blocks * np.roll(blocks, shift, axis=(1, 2)))
            mean = (right - left) * _GAMMA_2[shape] / _GAMMA_1[shape]
            columns += [_SHAPES[shape], mean, left, right]
        return np.stack(columns, axis=1)

    def _normalised(self, luma: AnyPlane) -> AnyPlane:
        """Equation 1: local mean taken off, local contrast divided out."""
        mean = self._blurred(luma)
        deviation = np.sqrt(np.abs(self._blurred(luma * luma) - mean * mean))
        return (luma - mean) / (deviation + 1.0)

    def _blurred(self, plane: AnyPlane) -> AnyPlane:
        return cv2.filter2D(plane, cv2.CV_64F, self._window, borderType=cv2.BORDER_REPLICATE)


def _blocks(plane: AnyPlane, side: int) -> AnyPlane:
    """The plane cut into squares, [blocks, side, side]; its sides are multiples of `side`."""
    rows, columns = plane.shape[0] // side, plane.shape[1] // side
    return plane.reshape(rows, side, columns, side).swapaxes(1, 2).reshape(-1, side, side)


def _asymmetric_gaussian(
    blocks: AnyPlane,
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
    """Fit an asymmetric generalised Gaussian to each block by its moments (equations 4 to 7).

    Returns the index of the shape in `_SHAPES` and the left and right scale, [blocks] each; nan scales
    where a block has no negative or no positive value.
    """
    values = blocks.reshape(len(blocks), -1)
    left, right = _side_deviation(values, values < 0), _side_deviation(values, values > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        skew = left / right
        flatness = np.mean(np.abs(values), axis=1) ** 2 / np.mean(values**2, axis=1)
        ratio = flatness * (skew**3 + 1) * (skew + 1) / (skew**2 + 1) ** 2
    above = np.clip(np.searchsorted(_RATIOS, ratio), 1, len(_RATIOS) - 1)
    is_below_nearer = np.abs(ratio - _RATIOS[above - 1]) <= np.abs(_RATIOS[above] - ratio)
    # The published code takes the first shape where the moments are undefined.
    shape = np.where(np.isnan(ratio), 0, np.where(is_below_nearer, above - 1, above))
    spread = np.sqrt(_GAMMA_1[shape] / _GAMMA_3[shape])
    return shape, left * spread, right * spread


def _side_deviation(values: NDArray[np.float64], chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Root mean square of each row's chosen values; nan where none is chosen."""
    with np.errstate(invalid="ignore"):
        return np.sqrt((values**2 * chosen).sum(axis=1) / chosen.sum(axis=1))


def _halved(plane: AnyPlane) -> AnyPlane:
    """MATLAB's antialiased bicubic at one half, edges mirrored; float64 [H / 2, W / 2]."""
    distance = np.abs(np.arange(-4, 5) - 0.5) / 2.0
    near = 1.5 * distance**3 - 2.5 * distance**2 + 1.0
    far = -0.5 * distance**3 + 2.5 * distance**2 - 4.0 * distance + 2.0
    kernel = np.where(distance <= 1, near, np.where(distance <= 2, far, 0.0))
    kernel /= kernel.sum()
    return cv2.sepFilter2D(plane, cv2.CV_64F, kernel, kernel, borderType=cv2.BORDER_REFLECT)[::2, ::2]
