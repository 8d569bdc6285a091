"""Keeps the source's colour: low frequencies of a keyframe or a result are replaced by the source's.

locked = picture + lowpass(source - picture). Detail comes from the picture, the grade from the source.
What is painted and what is not are locked apart: else new letters would cast their colour on the footage
around them.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Picture

# Source pixels: wide enough that a keyframe's own texture stays, narrow enough that a cast of an object
# (not only of the whole frame) is taken back.
LOCK_SIGMA_SOURCE_PIXELS = 4.0
# ITU-R BT.601.
_LUMA = (0.299, 0.587, 0.114)


def lowpass(picture: NDArray[Any], sigma: float) -> NDArray[Any]:
    """Gaussian low-pass of standard deviation `sigma` pixels, edges reflected, any channel count.

    Wide kernels run on a reduced copy: a Gaussian of sigma 4 on half the pixels costs a fraction and
    differs by less than a thousandth.
    """
    height, width = picture.shape[:2]
    step = max(1, int(sigma / 2.0))
    if step == 1 or min(height, width) < 4 * step:
        return cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    small = cv2.resize(picture, (-(-width // step), -(-height // step)), interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), sigma / step, borderType=cv2.BORDER_REFLECT)
    return cv2.resize(blurred, (width, height), interpolation=cv2.INTER_LINEAR)


def lock_colour(
    picture: Picture, source: Picture, scale: float, painted: NDArray[np.float32] | None = None
) -> Picture:
    """`picture` with the low frequencies of `source`; both float32 [H, W, 3] at output size, model space.

    Args:
        picture: float32 [H, W, 3], model space.
        source: float32 [H, W, 3], model space.
        scale: output over source size, so that the low-pass is as wide on every scale in source pixels.
        painted: how far each pixel shows something else than the source, float32 [H, W] 0..1; None for
            nowhere.
    """
    sigma = LOCK_SIGMA_SOURCE_PIXELS * scale
    difference = source - picture
    if painted is None:
        return picture + lowpass(difference, sigma)
    shares = painted[..., None], 1 - painted[..., None]
    apart = sum(share * lowpass_within(difference, share, sigma) for share in shares)
    return np.asarray(picture + apart, np.float32)


def lowpass_within(values: Picture, share: NDArray[np.float32], sigma: float) -> Picture:
    """A low-pass that sees as much of each pixel as its share (Knutsson and Westin, 1993), float32 [H, W, 3].

    Args:
        values: [H, W, 3].
        share: 0..1 [H, W, 1].
        sigma: of the Gaussian, pixels.
    """
    weight = lowpass(share, sigma).reshape(share.shape)
    return np.asarray(lowpass(values * share, sigma) / np.maximum(weight, 1e-4), np.float32)


def as_grey_as(picture: Picture, source: Picture) -> Picture:
    """A locked picture without colour where its source frame has none anywhere.

    What lies beyond 1 would else bring its colour along, past the lock.

    Args:
        picture: float32 [H, W, 3], model space, and beyond 1 where light lies beyond.
        source: its source frame, float32 [h, w, 3].
    """
    if float(np.ptp(source, axis=2).max()) > 0:
        return picture
    luma = picture @ np.array(_LUMA, np.float32)
    return np.repeat(luma[..., None], 3, axis=2)


def cast_of(picture: Picture, source: Picture, scale: float) -> float:
    """Mean absolute low-frequency difference, 0..1: how much the lock has to take back.

    Args:
        picture: float32 [H, W, 3], model space.
        source: float32 [H, W, 3], model space.
        scale: output size over source size.
    """
    return float(np.abs(lowpass(source - picture, LOCK_SIGMA_SOURCE_PIXELS * scale)).mean())
