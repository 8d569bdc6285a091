"""Whether a frame is drawn without anti-aliasing: mattes, letters, screens, pixel art.

An edge that a camera or a careful renderer made has pixels between its two sides; an aliased one has none,
and its place is known to a source pixel only. What a network for footage makes of that is a sharp edge at a
guess. Weights of their own (`weight_mixer`) draw the mean of what it may have been.

The softness of a frame is the share of values at its edges that lie between the extremes of their 3x3
neighbourhood by more than a tenth of their distance. Aliased scenes: at most 0.11 of most; footage, reduced
or not: 0.46 to 0.98 (28 clips); anti-aliased letters and mattes: 0.28 and more.
"""

from __future__ import annotations

import cv2
import numpy as np

from sparkvsr_engine.models.base import Picture
from sparkvsr_engine.models.lite.networks.network import NEIGHBOURS
from sparkvsr_engine.models.lite.pixels.source_planes import KEPT_FRAMES, SourcePlanes
from sparkvsr_engine.storage.bounded_dict import BoundedDict

# Distance of extremes, of a full display range, from which a place counts as an edge.
_EDGE = 0.06
# Share of that distance from either side beyond which a value lies between them.
_BETWEEN = 0.1
# Fewer edges than this share of all values say nothing.
_LEAST_EDGES = 1e-3
# Softness up to which a frame is drawn without doubt, and from which on it is not.
_HARD, _SOFT = 0.12, 0.25


def softness_of(picture: Picture) -> float:
    """How many of the values at a frame's edges lie between both sides, 0..1; 1 for a frame without edges.

    Args:
        picture: float32 [h, w, 3], display values 0..1.
    """
    kernel = np.ones((3, 3), np.uint8)
    low = np.asarray(cv2.erode(picture, kernel, borderType=cv2.BORDER_REPLICATE))
    high = np.asarray(cv2.dilate(picture, kernel, borderType=cv2.BORDER_REPLICATE))
    contrast = high - low
    edges = contrast > _EDGE
    count = np.count_nonzero(edges)
    if count < _LEAST_EDGES * edges.size:
        return 1.0
    between = np.minimum(picture - low, high - picture) > _BETWEEN * contrast
    return np.count_nonzero(between & edges) / count


class DrawnEstimator:
    """How far the frames of one shot are drawn without anti-aliasing, each measured once while it is near."""

    def __init__(self, planes: SourcePlanes) -> None:
        self._planes = planes
        self._softness_of: BoundedDict[int, float] = BoundedDict(KEPT_FRAMES)

    def share(self, frame: int) -> float:
        """Of a frame with its neighbours: 1 without doubt, 0 for footage."""
        around = [self._softness(frame + offset) for offset in (0, *NEIGHBOURS)]
        softness = sum(around) / len(around)
        return min(1.0, max(0.0, (_SOFT - softness) / (_SOFT - _HARD)))

    def _softness(self, frame: int) -> float:
        at = self._planes.inside(frame)
        softness = self._softness_of.get(at)
        if softness is None:
            softness = self._softness_of.put(at, softness_of(self._planes.whole(at)))
        return softness
