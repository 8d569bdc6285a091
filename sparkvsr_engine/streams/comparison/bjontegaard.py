"""Bjontegaard's rate difference: how many more bytes one method takes than another for the same quality.

Gisle Bjontegaard, VCEG-M33 (2001), with monotone cubic interpolation (PCHIP) in place of one cubic, as
VCEG-AJ... and
later studies use it: log rate as a function of quality, averaged over the qualities both methods reach.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

RatePoint = tuple[float, float]
"""(rate above 0, quality)."""

_SAMPLES = 400


def rate_difference(
    anchor: Sequence[RatePoint], tested: Sequence[RatePoint], higher_is_better: bool
) -> float | None:
    """Per cent of bytes that `tested` takes more than `anchor` at equal quality; negative where it takes
    fewer.

    None where the two share no quality, or a curve has fewer than two qualities.

    Args:
        anchor: points of the method compared with, in any order; rates in any unit, above 0.
        tested: points of the method that is judged, in the same units.
        higher_is_better: whether a larger quality value means a better picture.
    """
    curves = [_monotone(points, higher_is_better) for points in (anchor, tested)]
    if any(len(qualities) < 2 for qualities, _ in curves):
        return None
    low = max(qualities[0] for qualities, _ in curves)
    high = min(qualities[-1] for qualities, _ in curves)
    if high <= low:
        return None
    at = np.linspace(low, high, _SAMPLES)
    of_anchor, of_tested = (_interpolated(qualities, rates, at) for qualities, rates in curves)
    return 100.0 * (math.exp(float(np.mean(of_tested - of_anchor))) - 1.0)


def _monotone(
    points: Sequence[RatePoint], higher_is_better: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(rising qualities, log rates): points that take more bytes for no better quality are left out."""
    sign = 1.0 if higher_is_better else -1.0
    qualities: list[float] = []
    rates: list[float] = []
    for rate, quality in sorted(points):
        if not qualities or sign * quality > qualities[-1]:
            qualities.append(sign * quality)
            rates.append(math.log(rate))
    return np.array(qualities), np.array(rates)


def _interpolated(
    x: NDArray[np.float64], y: NDArray[np.float64], at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Monotone piecewise cubic Hermite interpolation (Fritsch and Carlson, 1980; slopes as Fritsch and
    Butland's).
    """
    steps, slopes = np.diff(x), np.diff(y) / np.diff(x)
    tangents = np.empty_like(y)
    tangents[0], tangents[-1] = slopes[0], slopes[-1]
    left, right = slopes[:-1], slopes[1:]
    first, second = 2 * steps[1:] + steps[:-1], steps[1:] + 2 * steps[:-1]
    same = left * right > 0
    safe_left, safe_right = np.where(same, left, 1.0), np.where(same, right, 1.0)
    harmonic = (first + second) / (first / safe_left + second / safe_right)
    tangents[1:-1] = np.where(same, harmonic, 0.0)
    place = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(x) - 2)
    width = steps[place]
    t = (at - x[place]) / width
    return (
        (1 + 2 * t) * (1 - t) ** 2 * y[place]
        + t * (1 - t) ** 2 * width * tangents[place]
        + t**2 * (3 - 2 * t) * y[place + 1]
        + t**2 * (t - 1) * width * tangents[place + 1]
    )
