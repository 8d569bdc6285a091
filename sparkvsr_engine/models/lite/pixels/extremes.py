"""Extremes of keyframes per cell, and how they reach other frames: what bounds a keyframe's part there."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.lite.pixels.planes import CELL, pad_to_cells
from sparkvsr_engine.models.source_bound import SourceRange

# Of cells around a cell whose extremes count: flows are known to less than that.
_AROUND = 3


def extremes_around(values: Picture, side: int) -> tuple[Picture, Picture]:
    """The least and the greatest of `side` x `side` values around each, float32 as `values`."""
    kernel = np.ones((side, side), np.uint8)
    low = cv2.erode(values, kernel, borderType=cv2.BORDER_REPLICATE)
    high = cv2.dilate(values, kernel, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(low, np.float32), np.asarray(high, np.float32)


def cell_extremes(picture: Tensor, worked_on: Geometry) -> SourceRange:
    """Extremes of the cells of a picture and of those around each, [3, Hc/4, Wc/4].

    Args:
        picture: at the output's size, [1, 3, H, W]. Interpolated it would overshoot, which is a lot of light.
        worked_on: the size whose canvas the cells are of.
    """
    size = (worked_on.height, worked_on.width)
    if picture.shape[-2:] != size:
        picture = F.interpolate(picture, size, mode="nearest-exact")
    picture = pad_to_cells(picture)
    return SourceRange(-_largest(-picture), _largest(picture))


def warped_extremes(extremes: SourceRange, flow: Tensor) -> SourceRange:
    """A keyframe's extremes on another frame.

    Args:
        extremes: on the keyframe's cells, [3, Hc/4, Wc/4].
        flow: from the frame to the keyframe, [1, 2, Hc/2, Wc/2], in pixels there.
    """
    small = (F.avg_pool2d(flow.cpu().float(), 2)[0] / 2).numpy()
    rows, columns = np.indices(small.shape[1:], np.float32)
    across, down = columns + small[0], rows + small[1]
    return SourceRange(*(_moved(part, across, down) for part in (extremes.low, extremes.high)))


def _largest(picture: Tensor) -> Tensor:
    cells = F.max_pool2d(picture, CELL)
    return F.max_pool2d(cells, _AROUND, stride=1, padding=_AROUND // 2)[0]


def _moved(planes: Tensor, across: np.ndarray, down: np.ndarray) -> Tensor:
    picture = np.ascontiguousarray(planes.permute(1, 2, 0).numpy())
    moved = cv2.remap(picture, across, down, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    return torch.from_numpy(np.ascontiguousarray(moved.transpose(2, 0, 1)))
