"""How far textures differ: the strength of detail around each pixel in four octaves, wherever edges lie.

People miss texture that is gone sooner than they see that it lies elsewhere, which is what LPIPS measures and
structural similarity does not: it prefers blur to detail a pixel away. This needs no weights. On 102 restored
pictures of six clips its ranks agree with those of LPIPS by 0.97 to 0.99 within a clip, those of structural
similarity by 0.76 to 0.94 (docs/streams.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np

from sparkvsr_engine.core.arrays import Pixels, Plane
from sparkvsr_engine.evaluation.pixels import require_same_size, studio_luma

_OCTAVES = 4
# Of an octave, in pixels.
_SMALLEST_SIDE = 8
# Pixels of an octave: what counts as detail, and over what its strength is a mean.
_DETAIL, _AROUND = 1.2, 3.0
# Of codes from 0 to 255, squared: strengths below pass for none. The first of structural similarity's two.
_NOTHING = (0.01 * 255.0) ** 2


def texture_difference(truth: Pixels) -> Callable[[Pixels], float]:
    """The difference of a result from a picture, 0 for none to 1; what is computed of the picture is held.

    For each octave 1 less the mean of (2xy + c) / (x^2 + y^2 + c), x and y being the root mean squares of
    detail around a pixel (the contrast term of structural similarity, Wang et al. 2004, of detail alone),
    and the same of the luma left below; the mean of these.

    Args:
        truth: [H, W, 3], uint8 or float 0..1. Results have its size, else ValueError.
    """
    truth_strengths = _strengths(truth)

    def difference(result: Pixels) -> float:
        require_same_size(result, truth)
        pairs = zip(_strengths(result), truth_strengths, strict=True)
        return float(np.mean([1.0 - _similarity(x, y) for x, y in pairs]))

    return difference


def _similarity(x: Plane, y: Plane) -> float:
    return float(np.mean((2 * x * y + _NOTHING) / (x * x + y * y + _NOTHING)))


def _strengths(picture: Pixels) -> list[Plane]:
    """Strength of detail in each octave, and the luma that is left below them."""
    *octaves, rest = _octaves(studio_luma(picture).astype(np.float32))
    return [*(_strength(plane) for plane in octaves), rest]


def _octaves(plane: Plane) -> Iterator[Plane]:
    """A plane, and every half of it in each direction that is large enough."""
    for _ in range(_OCTAVES):
        yield plane
        plane = np.asarray(cv2.pyrDown(plane), np.float32)
        if min(plane.shape) < _SMALLEST_SIDE:
            break
    yield plane


def _strength(plane: Plane) -> Plane:
    detail = plane - cv2.GaussianBlur(plane, (0, 0), _DETAIL)
    return np.sqrt(np.maximum(cv2.GaussianBlur(detail * detail, (0, 0), _AROUND), 0))
