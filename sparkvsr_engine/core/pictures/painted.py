"""Where a keyframe shows something else than its source frame: a title painted over, a sign replaced.

A keyframe differs from its source everywhere by a little: it is sharper, has less noise, another look. A
painted region differs by far more than the rest of the frame, compared with the contrast around it. What
counts as more is measured in each frame: of a damaged source, or of another shot, everything differs.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Picture, Plane

# Differences on the source's grid, values 0..1: at which a painted region is recognized, and its border.
_SEED, _REACH = 0.1, 0.05
# The same as a share of the contrast around a pixel: edges are sharper in a keyframe than in its source.
_SEED_OF_CONTRAST = 0.9
# Contrast of a place without any.
_FLAT = 0.05
# Times what three quarters of the frame differ by.
_OUTLIER_SEED, _OUTLIER_REACH = 8.0, 3.0
_MOST_PIXELS = 0.75
# Source pixels; fewer are no region but a spot.
_LEAST_SIZE = 6
# More than this share of a frame is a look or another picture.
_LARGEST = 0.5
# Pixels a look is fitted on, how often, and the error of a likely one.
_FITTED, _FITS, _LIKELY = 20_000, 8, 0.05
# Longest side of the copy the look of a frame is measured on, and the median's share of its shorter side.
_LOOK_SIDE, _LOOK_SHARE = 160, 0.4
# At output size: what differs less is not painted, what differs more is.
_NOTHING, _FULL = 0.04, 0.12
# Share of a source's contrast that a keyframe may differ by beside its edges.
_EDGE = 0.2
_NEAR = np.ones((3, 3), np.uint8)
# Shorter sides of sources that are too small for regions.
_LEAST_SIDE = 16


def painted_share(picture: Picture, source: Picture) -> Plane | None:
    """How far each pixel of a keyframe is painted, float32 [H, W] 0..1; None where nothing is.

    Args:
        picture: the keyframe, float32 [H, W, 3], model space.
        source: its source frame, float32 [h, w, 3], model space.
    """
    height, width = source.shape[:2]
    if min(height, width) < _LEAST_SIDE:
        return None
    small = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    expected = _graded(source, small)
    expected += _smooth_median(small - expected)
    region = _region(small - expected, source)
    return None if region is None else _at_output(region, picture, expected)


def _graded(source: Picture, picture: Picture) -> Picture:
    """A source frame under the keyframe's look: the colour matrix [4, 3] that fits most pixels.

    Args:
        source: [h, w, 3].
        picture: the keyframe on the same grid.
    """
    step = max(1, int(np.sqrt(source.shape[0] * source.shape[1] / _FITTED)))
    colours, looks = (pixels[::step, ::step].reshape(-1, 3) for pixels in (source, picture))
    inputs = np.hstack([colours, np.ones((len(colours), 1), np.float32)]).astype(np.float64)
    matrix = np.eye(4, 3, dtype=np.float64)
    for _ in range(_FITS):
        residual = np.asarray(looks - inputs @ matrix, np.float64)
        weighted = inputs / (1 + np.square(residual).sum(axis=1, keepdims=True) / _LIKELY**2)
        damping = 1e-3 * len(inputs) * np.eye(4)
        normal = np.asarray(weighted.T @ inputs + damping, np.float64)
        change = np.asarray(
            np.linalg.solve(normal, np.asarray(weighted.T @ residual, np.float64)), np.float64
        )
        matrix = np.asarray(matrix + change, np.float64)
    return np.asarray(source @ matrix[:3].astype(np.float32) + matrix[3].astype(np.float32), np.float32)


def _smooth_median(difference: Picture) -> Picture:
    """A keyframe's slowly varying difference where nothing is painted, [h, w, 3] on the source's grid.

    A median, which a title does not change.
    """
    height, width = difference.shape[:2]
    factor = min(1.0, _LOOK_SIDE / max(height, width))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    small = np.asarray(cv2.resize(difference, size, interpolation=cv2.INTER_AREA), np.float32)
    codes = np.clip(np.rint(small * 127 + 128), 0, 255).astype(np.uint8)
    side = max(3, int(min(size) * _LOOK_SHARE) // 2 * 2 + 1)
    median = (cv2.medianBlur(codes, side).astype(np.float32) - 128) / 127
    smooth = cv2.GaussianBlur(median, (0, 0), max(1.0, side / 6))
    return np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _region(signed: Picture, source: Picture) -> NDArray[np.uint8] | None:
    """Pixels of the source's grid that are painted, 0 or 1; None where none are.

    Args:
        signed: difference of the keyframe beyond its look, [h, w, 3].
        source: [h, w, 3].
    """
    difference = np.abs(signed).max(axis=2)
    # At blurred or noisy edges the difference changes its sign within a pixel or two.
    broad = np.abs(cv2.blur(signed, (3, 3))).max(axis=2)
    of_contrast = broad / (_FLAT + _contrast(source))
    seed = max(_SEED_OF_CONTRAST, _OUTLIER_SEED * float(np.quantile(of_contrast, _MOST_PIXELS)))
    usual = float(np.quantile(difference, _MOST_PIXELS))
    seeds = (of_contrast > seed) & (broad > max(_SEED, _OUTLIER_SEED * usual))
    reach = difference > max(_REACH, _OUTLIER_REACH * usual)
    return _connected(cv2.morphologyEx(reach.astype(np.uint8), cv2.MORPH_CLOSE, _NEAR), seeds)


def _contrast(picture: Picture) -> Plane:
    """What the 3x3 pixels around each differ by at most, in the channel that differs most."""
    return np.asarray((cv2.dilate(picture, _NEAR) - cv2.erode(picture, _NEAR)).max(axis=2), np.float32)


def _connected(reach: NDArray[Any], seeds: NDArray[np.bool_]) -> NDArray[np.uint8] | None:
    """The parts of a mask that are connected with seeds, 0 or 1; None for nothing, or too much of a frame."""
    count, components = cv2.connectedComponents(reach)
    labels = np.asarray(components, np.int32)
    is_painted = np.bincount(labels.ravel(), minlength=count) >= _LEAST_SIZE
    is_painted &= np.bincount(labels[seeds], minlength=count) > 0
    is_painted[0] = False
    region = np.asarray(is_painted[labels], np.uint8)
    return region if 0 < float(region.mean()) <= _LARGEST else None


def _at_output(region: NDArray[np.uint8], picture: Picture, expected: Picture) -> Plane | None:
    """The region at the keyframe's size, as far as its pixels differ from the expected ones."""
    height, width = picture.shape[:2]
    around = cv2.dilate(region, _NEAR).astype(np.float32)
    around = np.clip(cv2.resize(around, (width, height), interpolation=cv2.INTER_LINEAR), 0, 1)
    enlarged = cv2.resize(expected, (width, height), interpolation=cv2.INTER_CUBIC)
    # Beside an edge of the source a keyframe differs too: it is sharper.
    edges = cv2.resize(_EDGE * _contrast(expected), (width, height), interpolation=cv2.INTER_LINEAR)
    difference = np.abs(enlarged - picture).max(axis=2) - edges
    share = np.clip((difference - _NOTHING) / (_FULL - _NOTHING), 0, 1) * around
    # Stripes that happen to show what the source shows belong to what is painted.
    side = 2 * round(0.6 * width / region.shape[1]) + 1
    share = cv2.morphologyEx(share, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    share = np.asarray(np.clip(share, 0, 1), np.float32)
    return share if float(share.max()) > 0 else None
