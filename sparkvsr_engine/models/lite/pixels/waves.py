"""Waves: rings, ripples and other patterns that swing as sines do.

Footage hardly holds any; lines and edges, which it is full of, are what the network draws of them, too crisp.
A plane wave repeats itself: along whatever direction,

    x(p + d) + x(p - d) = 2 cos(w d) x(p) + constant

What of the left side no straight line on x(p) explains, around a pixel, as a share of what varies there,
separates waves from all else: of rings up to 0.006, of six clips of footage 0.01 and more wherever a dozen
pixels lie side by side. Three directions are looked at, the third because of squares. Squares of 8x8 pixels
are looked at first, in 1 ms of a frame of 480x270: few frames of footage are looked at closer.

Short of one swing in two pixels a wave is known between its samples as well (sampling theorem, Whittaker and
Shannon): it is enlarged by a Lanczos filter and brought to agree with its source (back-projection, Irani and
Peleg, 1991).

Light is left out: its codes are no waves where light is. So are damaged frames, whose blur looks alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import torch
from torch import Tensor

from sparkvsr_engine.core.arrays import Picture, Plane
from sparkvsr_engine.models.lite.bands import Band
from sparkvsr_engine.models.lite.damage import judged_plane
from sparkvsr_engine.models.lite.pixels.filters import enlarged_to, halved, lanczos, reduced
from sparkvsr_engine.models.lite.pixels.planes import Planes, pad_to_cells, planes_of

# Source pixels: of the Gaussian neighbourhood, and the side of the least patch that counts.
_SIGMA, _PATCH = 1.5, 9
# Source pixels: side of what is looked at first.
_SQUARE = 8
# Share of the variance that is not explained up to which a pixel is of a wave, and from which on it is not.
_WAVE, _NO_WAVE = 0.006, 0.01
# Variance, values 0..1, up to which a pixel is of none, and from which on it may be.
_FAINT, _PLAIN = 5e-4, 1e-3
# Beside every variance: of 8-bit steps.
_NOISE = 1e-4
# Cosine of the phase from one pixel to the next up to which a wave is too fine to be known, and from which on
# it is known.
_TOO_FINE, _COARSE = -0.9, -0.6
# Damage up to which waves are looked for as in clean frames, and from which on in none.
_LITTLE_DAMAGE, _MUCH_DAMAGE = 0.25, 0.5
_ROUNDS = 2
_LEAST_SIDE = _PATCH + 2
_NOTHING = 1e-8


def wave_shares(picture: Picture, damage: float) -> Tensor | None:
    """How far each pixel is part of a wave, 0..1, float32 [1, 1, h, w]; None where none is.

    Args:
        picture: a source frame, float32 [h, w, 3], display values.
        damage: how damaged it is taken to be, 0..1.
    """
    whole = min(1.0, (_MUCH_DAMAGE - damage) / (_MUCH_DAMAGE - _LITTLE_DAMAGE))
    if whole <= 0 or min(picture.shape[:2]) < _LEAST_SIDE:
        return None
    values = np.asarray(judged_plane(picture).numpy(), np.float32)
    shares = _shares(values) if _may_hold_waves(values) else None
    if shares is None or not shares.any():
        return None
    return torch.from_numpy(shares * np.float32(whole))[None, None]


def with_waves(residual: Planes, shares: Tensor, source: Tensor, canvas: Tensor, band: Band) -> Planes:
    """A blind residual with that of waves in place of it.

    Args:
        residual: on the band's canvas.
        shares: of all of the frame, as `wave_shares` makes them.
        source: the frame's own pixels, all of them, float32 [1, 3, h, w].
        canvas: the same upsampled, of the band, [1, 3, Hc, Wc].
        band: the rows that the canvas is of.
    """
    height, width = band.geometry.height, band.geometry.width
    samples = band.of_source(source)
    picture = lanczos(samples, height, width)
    for _ in range(_ROUNDS):
        picture = picture + lanczos(samples - reduced(picture, samples), height, width)
    device = residual.luma.device
    of_waves = planes_of(pad_to_cells(picture) - canvas.to(picture.device))
    weights = pad_to_cells(enlarged_to(band.of_source(shares), height, width))
    luma, chroma = weights.to(device), halved(weights).to(device)
    return Planes(
        residual.luma + luma * (of_waves.luma.to(device) - residual.luma),
        residual.chroma + chroma * (of_waves.chroma.to(device) - residual.chroma),
    )


def _may_hold_waves(values: Plane) -> bool:
    """Whether of the squares that a plane [h, w] is cut into four that meet look like a wave."""
    small = (values.shape[1] - 2) // _SQUARE, (values.shape[0] - 2) // _SQUARE
    inside = np.s_[: small[1] * _SQUARE, : small[0] * _SQUARE]

    def averaged(plane: Plane) -> Plane:
        return np.asarray(cv2.resize(plane[inside], small, interpolation=cv2.INTER_AREA), np.float32)

    likeness = _likeness(values, averaged)
    return bool(cv2.erode(likeness, np.ones((2, 2), np.uint8), borderType=cv2.BORDER_REPLICATE).any())


def _shares(values: Plane) -> Plane:
    """See `wave_shares`; values: float32 [h, w]."""
    # The outermost pixels have no two sides.
    whole = cv2.copyMakeBorder(_likeness(values, _blurred), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    patch = np.ones((_PATCH, _PATCH), np.uint8)
    return np.asarray(cv2.morphologyEx(whole, cv2.MORPH_OPEN, patch), np.float32)


def _likeness(values: Plane, averaged: Callable[[Plane], Plane]) -> Plane:
    """How far places of a plane [h, w] look like parts of a wave, 0..1.

    Args:
        values: all of it; the outermost pixels are no places.
        averaged: the mean of a plane around every place.
    """
    centre = values[1:-1, 1:-1]
    mean = averaged(centre)
    variance = np.asarray(np.maximum(averaged(centre * centre) - mean * mean, 0), np.float32)
    rest, finest, directions = np.zeros_like(mean), np.ones_like(mean), 0
    for sums in _both_sides(values):
        mean_of_sums = averaged(sums)
        together = averaged(centre * sums) - mean * mean_of_sums
        slope = together / (variance + _NOTHING)
        rest += np.maximum(averaged(sums * sums) - mean_of_sums * mean_of_sums - together * slope, 0)
        finest = np.minimum(finest, slope / 2)
        directions += 1
    unexplained = np.asarray(rest / (2 * directions * variance + _NOISE), np.float32)
    likeness = _onset(-unexplained, -_NO_WAVE, -_WAVE)
    return likeness * _onset(variance, _FAINT, _PLAIN) * _onset(finest, _TOO_FINE, _COARSE)


def _both_sides(values: Plane) -> Iterator[Plane]:
    """Sums of the two pixels on either side of each: across, down, aslant."""
    yield values[1:-1, :-2] + values[1:-1, 2:]
    yield values[:-2, 1:-1] + values[2:, 1:-1]
    yield values[:-2, :-2] + values[2:, 2:]


def _blurred(values: Plane) -> Plane:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), _SIGMA, borderType=cv2.BORDER_REFLECT_101), np.float32)


def _onset(values: Plane, none: float, whole: float) -> Plane:
    return np.asarray(np.clip((values - none) / (whole - none), 0, 1), np.float32)
