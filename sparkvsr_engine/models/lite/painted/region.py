"""A painted region of a keyframe on the source's grid: where it is, what it shows, what of it counts."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from sparkvsr_engine.core.arrays import Plane

# Luma that matched pixels differ by, and as a share of the contrast around them: edges are sampled elsewhere.
_LIKELY, _OF_CONTRAST = 0.08, 0.15
# Contrast that counts beside a region's own where it has none.
_LEAST_CONTRAST = 0.02


@dataclass(frozen=True, eq=False)
class Region:
    """One thing that is painted.

    rows, columns: its box on the source's grid. luma: of the keyframe's source frame there, float32 [h, w].
    weight: how far each pixel counts for its motion. tolerance: luma that a matching pixel may differ by.
    """

    rows: slice
    columns: slice
    luma: Plane
    weight: Plane
    tolerance: Plane

    @classmethod
    def of(cls, mask: Plane, luma: Plane) -> Region:
        """A region with what is around it.

        Args:
            mask: where it is, float32 [h, w] 0..1, the whole source frame's grid.
            luma: of the keyframe's source frame, float32 [h, w].
        """
        at_rows, at_columns = np.nonzero(mask > 0)
        rows = slice(max(0, int(at_rows.min()) - 2), int(at_rows.max()) + 3)
        columns = slice(max(0, int(at_columns.min()) - 2), int(at_columns.max()) + 3)
        across, down = slopes(luma)
        contrast = (np.hypot(across, down) + np.float32(_LEAST_CONTRAST))[rows, columns]
        kernel = np.ones((3, 3), np.uint8)
        weight = np.asarray(mask[rows, columns] * contrast, np.float32)
        spread = (cv2.dilate(luma, kernel) - cv2.erode(luma, kernel))[rows, columns]
        tolerance = np.asarray(_LIKELY + _OF_CONTRAST * spread, np.float32)
        return cls(rows, columns, np.ascontiguousarray(luma[rows, columns]), weight, tolerance)

    def weight_at(self, x: Plane, y: Plane) -> Plane:
        """The weight at places in the box, 0 beside it."""
        weight = cv2.remap(self.weight, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        return np.asarray(weight, np.float32)


def pixel_places(plane: Plane) -> tuple[Plane, Plane]:
    """Column and row of each pixel of a plane."""
    rows, columns = plane.shape
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    return np.asarray(x, np.float32), np.asarray(y, np.float32)


def slopes(luma: Plane) -> tuple[Plane, Plane]:
    """How luma changes per pixel, across and down."""
    kernels = {"ksize": 3, "scale": 0.125, "borderType": cv2.BORDER_REPLICATE}
    return (
        np.asarray(cv2.Sobel(luma, cv2.CV_32F, 1, 0, **kernels), np.float32),
        np.asarray(cv2.Sobel(luma, cv2.CV_32F, 0, 1, **kernels), np.float32),
    )
