"""Whether a result keeps the source's grade: CIE delta E of their low frequencies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.evaluation.pixels import to_unit

LOW_PASS_SIGMA_SOURCE_PIXELS = 4.0

Lab = NDArray[Any]


@dataclass(frozen=True)
class ColourShift:
    """Delta E 2000 over a frame: mean and 99th percentile. About 1 is just noticeable side by side."""

    mean: float
    high: float


def colour_shift(result: Pixels, source: Pixels) -> ColourShift:
    """The shift of a result [H, W, 3] against its source [h, w, 3] of the same or a smaller size.

    Both are compared at source size under a Gaussian of 4 source pixels: what is left is the grade, and the
    cast of an object, without the detail that upscaling is meant to add.
    """
    height, width = source.shape[:2]
    small = cv2.resize(to_unit(result), (width, height), interpolation=cv2.INTER_AREA)
    difference = delta_e_2000(_low_lab(small), _low_lab(to_unit(source)))
    return ColourShift(float(difference.mean()), float(np.percentile(difference, 99)))


def delta_e_2000(first: Lab, second: Lab) -> NDArray[np.float64]:
    """CIEDE2000 of two CIELAB arrays [..., 3] (Sharma, Wu and Dalal 2005, all parametric factors 1)."""
    l1, a1, b1 = np.moveaxis(np.asarray(first, np.float64), -1, 0)
    l2, a2, b2 = np.moveaxis(np.asarray(second, np.float64), -1, 0)
    grey = 0.5 * (1.0 - _chroma_weight((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2.0))
    a1, a2 = a1 * (1.0 + grey), a2 * (1.0 + grey)
    chroma_1, chroma_2 = np.hypot(a1, b1), np.hypot(a2, b2)
    hue_1, hue_2 = (np.degrees(np.arctan2(b, a)) % 360.0 for a, b in ((a1, b1), (a2, b2)))
    hue_gap, hue = _hue_gap_and_mean(hue_1, hue_2, chroma_1 * chroma_2 == 0.0)
    lightness, chroma = (l1 + l2) / 2.0, (chroma_1 + chroma_2) / 2.0
    lightness_term = (l2 - l1) / _lightness_scale(lightness)
    chroma_term = (chroma_2 - chroma_1) / (1.0 + 0.045 * chroma)
    hue_term = 2.0 * np.sqrt(chroma_1 * chroma_2) * _sine(hue_gap / 2.0) / _hue_scale(chroma, hue)
    turn = -_sine(60.0 * np.exp(-np.square((hue - 275.0) / 25.0))) * 2.0 * _chroma_weight(chroma)
    return np.sqrt(lightness_term**2 + chroma_term**2 + hue_term**2 + turn * chroma_term * hue_term)


def _low_lab(picture: NDArray[Any]) -> Lab:
    low = cv2.GaussianBlur(picture, (0, 0), LOW_PASS_SIGMA_SOURCE_PIXELS, borderType=cv2.BORDER_REFLECT)
    return cv2.cvtColor(low, cv2.COLOR_RGB2LAB)


def _chroma_weight(chroma: NDArray[np.float64]) -> NDArray[np.float64]:
    """sqrt(C^7 / (C^7 + 25^7))."""
    return np.sqrt(chroma**7 / (chroma**7 + 25.0**7))


def _hue_gap_and_mean(
    first: NDArray[np.float64], second: NDArray[np.float64], is_grey: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The signed difference and the mean of two hue angles on the circle, degrees; a grey has no hue."""
    gap = second - first
    gap = np.where(gap > 180.0, gap - 360.0, np.where(gap < -180.0, gap + 360.0, gap))
    total = first + second
    wraps = np.abs(first - second) > 180.0
    mean = np.where(wraps, np.where(total < 360.0, total + 360.0, total - 360.0), total) / 2.0
    return np.where(is_grey, 0.0, gap), np.where(is_grey, total, mean)


def _lightness_scale(lightness: NDArray[np.float64]) -> NDArray[np.float64]:
    away = np.square(lightness - 50.0)
    return 1.0 + 0.015 * away / np.sqrt(20.0 + away)


def _hue_scale(chroma: NDArray[np.float64], hue: NDArray[np.float64]) -> NDArray[np.float64]:
    ripple = (
        1.0
        - 0.17 * _cosine(hue - 30.0)
        + 0.24 * _cosine(2.0 * hue)
        + 0.32 * _cosine(3.0 * hue + 6.0)
        - 0.20 * _cosine(4.0 * hue - 63.0)
    )
    return 1.0 + 0.015 * chroma * ripple


def _sine(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sin(np.radians(degrees))


def _cosine(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.cos(np.radians(degrees))
