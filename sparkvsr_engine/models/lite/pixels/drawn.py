"""Whether a frame is drawn without anti-aliasing: mattes, letters, screens, pixel art.

An edge that a camera or a careful renderer made has pixels between its two sides; an aliased one has none,
and its place is known to a source pixel only. What a network for footage makes of that is a sharp edge at a
guess. Weights of their own (`weight_mixer`) draw the mean of what it may have been.

The softness of a frame is the share of values at its edges that lie between the extremes of their 3x3
neighbourhood by more than a tenth of their distance. Aliased scenes: at most 0.11 of most; footage, reduced
or not: 0.46 to 0.98 (28 clips); anti-aliased letters and mattes: 0.28 and more. Where that is not sure,
the strongest edges decide: of windows and letters over a texture, all aliased, they are at most 0.09 where
the whole is at 0.36 to 0.39; of footage 0.8. Or values along rows and columns do: of aliased noise of two
pixels and more none lies between the two beside it, whatever lies around; of footage 0.47 and more do.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.models.base import Picture
from sparkvsr_engine.models.lite.networks.network import NEIGHBOURS
from sparkvsr_engine.models.lite.pixels.source_planes import KEPT_FRAMES, SourcePlanes
from sparkvsr_engine.models.lite.pixels.stairs import block_shares, used_share
from sparkvsr_engine.storage.bounded_dict import BoundedDict

# Distance of extremes, of a full display range, from which a place counts as an edge.
_EDGE, _STRONG_EDGE = 0.06, 0.7
# Share of that distance from either side beyond which a value lies between them.
_BETWEEN = 0.1
# Fewer edges than this share of all values are no evidence.
_LEAST_EDGES, _LEAST_STRONG_EDGES = 1e-3, 1e-2
# Softness of a whole up to which its strongest edges decide, and from which on they do not: letters over
# footage leave the footage as it is.
_UNSURE, _SURE = 0.5, 0.55
# Softness up to which a frame is drawn without doubt, and from which on it is not.
_HARD, _SOFT = 0.12, 0.25
# Softness of a frame for that along rows and columns, at most: from a twentieth on it is not drawn.
_OF_ALONG = _SOFT / 0.05


def softness_of(picture: Picture) -> float:
    """How many of the values at a frame's edges lie between both sides, 0..1; 1 for a frame without edges.

    Args:
        picture: float32 [h, w, 3], display values 0..1.
    """
    kernel = np.ones((3, 3), np.uint8)
    low = np.asarray(cv2.erode(picture, kernel, borderType=cv2.BORDER_REPLICATE))
    high = np.asarray(cv2.dilate(picture, kernel, borderType=cv2.BORDER_REPLICATE))
    contrast = high - low
    between = np.minimum(picture - low, high - picture) > _BETWEEN * contrast
    softness = _share_of(between, contrast > _EDGE, _LEAST_EDGES)
    if not _HARD < softness < _SURE:
        return softness
    softness = min(softness, _OF_ALONG * _along_axes(picture))
    strongest = _share_of(between, contrast > _STRONG_EDGE, _LEAST_STRONG_EDGES)
    unsureness = min(1.0, (_SURE - softness) / (_SURE - _UNSURE))
    return softness - unsureness * max(0.0, softness - strongest)


def _along_axes(picture: Picture) -> float:
    """The softness of a frame's rows and columns: of values whose two neighbours differ."""
    across = _between_neighbours(picture[:, :-2], picture[:, 1:-1], picture[:, 2:])
    down = _between_neighbours(picture[:-2], picture[1:-1], picture[2:])
    between, edges = (first + second for first, second in zip(across, down, strict=True))
    return 1.0 if edges < _LEAST_EDGES * picture.size else between / edges


def _between_neighbours(first: Picture, middle: Picture, last: Picture) -> tuple[int, int]:
    """How many values lie between two neighbours that differ, and how many neighbours do."""
    low, contrast = np.minimum(first, last), np.abs(last - first)
    edges = contrast > _EDGE
    between = np.minimum(middle - low, low + contrast - middle) > _BETWEEN * contrast
    return int(np.count_nonzero(between & edges)), int(np.count_nonzero(edges))


def _share_of(between: NDArray[np.bool_], edges: NDArray[np.bool_], least: float) -> float:
    """Of the values at edges, 0..1; 1 where fewer than the share `least` of all are edges."""
    count = np.count_nonzero(edges)
    return 1.0 if count < least * edges.size else np.count_nonzero(between & edges) / count


class DrawnEstimator:
    """How far the frames of one shot are drawn without anti-aliasing, each measured once while it is near."""

    def __init__(self, planes: SourcePlanes) -> None:
        self._planes = planes
        self._softness_of: BoundedDict[int, float] = BoundedDict(KEPT_FRAMES)
        self._used_of: BoundedDict[tuple[int, bool], float] = BoundedDict(2 * KEPT_FRAMES)

    def share(self, frame: int) -> float:
        """Of a frame with its neighbours: 1 without doubt, 0 for footage."""
        around = [self._softness(frame + offset) for offset in (0, *NEIGHBOURS)]
        softness = sum(around) / len(around)
        return min(1.0, max(0.0, (_SOFT - softness) / (_SOFT - _HARD)))

    def used(self, frame: int) -> float:
        """How much of a blind residual is used where a frame is drawn, 0.1 to 1; see `stairs`."""
        picture = self._planes.whole(frame)
        is_moving = any(
            not np.array_equal(picture, self._planes.whole(frame + offset)) for offset in NEIGHBOURS
        )
        around = [self._used(frame + offset, is_moving) for offset in (0, *NEIGHBOURS)]
        return sum(around) / len(around)

    def _used(self, frame: int, is_moving: bool) -> float:
        at = self._planes.inside(frame)
        return self._used_of.get_or_make(
            (at, is_moving), lambda: used_share(block_shares(self._planes.whole(at)), is_moving)
        )

    def _softness(self, frame: int) -> float:
        at = self._planes.inside(frame)
        return self._softness_of.get_or_make(at, lambda: softness_of(self._planes.whole(at)))
