"""Which part of a frame to show: small enough to see pixels, chosen where methods differ."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.evaluation.pixels import require_same_size, studio_luma


@dataclass(frozen=True)
class CropBox:
    """A rectangle in a frame, pixels."""

    left: int
    top: int
    width: int
    height: int

    def cut(self, picture: Pixels) -> Pixels:
        """That part of the picture, a view."""
        return picture[self.top : self.top + self.height, self.left : self.left + self.width]


def worst_crop(result: Pixels, reference: Pixels, width: int, height: int) -> CropBox:
    """The box of at most this size in which `result` is furthest from `reference` in luma.

    Args:
        result: the restored frame, as the true one.
        reference: the true frame, [H, W, 3], uint8 or float 0..1.
        width: in pixels.
        height: in pixels.
    """
    require_same_size(result, reference)
    rows, columns = reference.shape[:2]
    width, height = min(width, columns), min(height, rows)
    error = np.square(studio_luma(result) - studio_luma(reference))
    sums = cv2.integral(error)
    inside = sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width] + sums[:-height, :-width]
    top, left = np.unravel_index(int(np.argmax(inside)), inside.shape)
    return CropBox(int(left), int(top), width, height)
