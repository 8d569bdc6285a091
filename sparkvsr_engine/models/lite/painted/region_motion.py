"""How a painted region of a keyframe moves as one thing: a title over footage, a sign on a wall.

Dense motion tears it: between letters it follows the footage. The region's own source pixels, those with
contrast above all, are matched as one: a search for the nearest place, then an affine motion from there
(`affine_motion.py`). Where dense motion matches clearly better, the region bends, and dense motion is used.
Around each pixel is measured how far the frame shows what the keyframe's frame shows: what is hidden, or
gone, is not carried. Everything here is on the source's grid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Plane
from sparkvsr_engine.models.lite.painted.affine_motion import inverse_of, moved_by, refined_motion
from sparkvsr_engine.models.lite.painted.region import Region, pixel_places

# Of the search for the nearest place, source pixels; it grows with the distance in frames.
_SEARCHED, _SEARCHED_A_FRAME, _SEARCHED_MOST = 4, 2, 24
# Of a whole region and of the surroundings of a pixel: matched shares at which it begins to count and does.
_REGION_MATCHED, _LOCALLY_MATCHED = (0.25, 0.45), (0.35, 0.6)
# Source pixels.
_SURROUNDINGS = 4.0
# By how much dense motion has to match better.
_BENDS = 0.15
# Matched share that a pixel away from dense motion costs: of what has no shape all places are alike.
_FARTHER = 0.01


@dataclass(frozen=True, eq=False)
class RegionMotion:
    """Where a frame shows a region.

    across, down: of each pixel of the frame, where it is in the keyframe, float32 [h, w]. match: how far the
    frame shows the same there, 0..1 [h, w].
    """

    across: Plane
    down: Plane
    match: Plane


@dataclass(frozen=True, eq=False)
class _Matched:
    """A motion of the region as one thing.

    match: how far the frame matches around each pixel, 0..1 [h, w]; share: on the whole. moved: where each
    pixel is in the keyframe. far: source pixels between dense motion and the place the search began at.
    """

    match: Plane
    share: float
    moved: tuple[Plane, Plane]
    far: float


def follow(region: Region, frame: Plane, flow: NDArray[np.float32], distance: int) -> RegionMotion | None:
    """Where a frame shows a region; None where it does not.

    Args:
        region: of a keyframe.
        frame: luma of the frame, float32 [h, w].
        flow: dense motion from the frame to the keyframe, float32 [h, w, 2], source pixels.
        distance: frames to the keyframe.
    """
    x, y = pixel_places(frame)
    dense = x + flow[..., 0], y + flow[..., 1]
    match, share = _match_of(region, frame, *dense)
    best = _best_rigid(region, frame, _dense_start(region, flow, dense), distance)
    if best is not None and share <= best.share + _BENDS:
        dense, match, share = best.moved, best.match, best.share
    return RegionMotion(*dense, match) if share > _REGION_MATCHED[0] else None


def _best_rigid(region: Region, frame: Plane, start: tuple[float, float], distance: int) -> _Matched | None:
    """The motion of a region as one thing that matches best; None where all fold it up."""
    x, y = pixel_places(frame)
    matched: list[_Matched] = []
    for place in _likely_places(region, frame, start, distance):
        motion = inverse_of(refined_motion(region, frame, place))
        if motion is not None:
            moved = moved_by(motion, x, y)
            far = float(np.hypot(place[0] - start[0], place[1] - start[1]))
            matched.append(_Matched(*_match_of(region, frame, *moved), moved, far))
    return max(matched, key=lambda motion: motion.share - _FARTHER * motion.far, default=None)


def _match_of(region: Region, frame: Plane, across: Plane, down: Plane) -> tuple[Plane, float]:
    """How far a frame shows a region's source around each of its pixels, 0..1 [h, w], and on the whole."""
    x, y = across - region.columns.start, down - region.rows.start
    luma, tolerance = (
        cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for plane in (region.luma, region.tolerance)
    )
    weight = region.weight_at(x, y)
    same = np.asarray(1 / (1 + np.square(np.square((frame - luma) / tolerance))), np.float32)
    share = float((weight * same).sum()) / max(float(weight.sum()), 1e-9)
    return _around(weight, same) * _ramp(np.float32(share), *_REGION_MATCHED), share


def _around(weight: Plane, same: Plane) -> Plane:
    """How far the surroundings of each pixel match, 0..1."""
    total, matched = (cv2.GaussianBlur(plane, (0, 0), _SURROUNDINGS) for plane in (weight, weight * same))
    return _ramp(np.asarray(matched / np.maximum(total, 1e-6), np.float32), *_LOCALLY_MATCHED)


def _ramp(values: Plane | np.float32, low: float, high: float) -> Plane:
    return np.asarray(np.clip((values - low) / (high - low), 0, 1), np.float32)


def _dense_start(
    region: Region, flow: NDArray[np.float32], dense: tuple[Plane, Plane]
) -> tuple[float, float]:
    """The motion most of a region's weight has in a dense flow: x and y from keyframe to frame."""
    x, y = dense[0] - region.columns.start, dense[1] - region.rows.start
    weight = region.weight_at(x, y)
    inside = weight > 0
    if not inside.any():
        return 0.0, 0.0
    moves, weights = -flow[inside], weight[inside]
    return _weighted_median(moves[:, 0], weights), _weighted_median(moves[:, 1], weights)


def _weighted_median(values: Plane, weights: Plane) -> float:
    order = np.argsort(values)
    sums = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(sums, sums[-1] / 2)])


def _likely_places(
    region: Region, frame: Plane, start: tuple[float, float], distance: int
) -> list[tuple[float, float]]:
    """Translations from the keyframe to the frame, whole pixels, at which a region looks most like itself:
    around the dense motion and around standing still, by squares and by correlation. Squares are misled by
    footage between letters, correlation by what has no shape.
    """
    reach = min(_SEARCHED_MOST, _SEARCHED + _SEARCHED_A_FRAME * distance)
    starts = {(round(start[0]), round(start[1])), (0, 0)}
    return [start, *sorted({place for middle in starts for place in _searched(region, frame, middle, reach)})]


def _searched(
    region: Region, frame: Plane, middle: tuple[int, int], reach: int
) -> Iterator[tuple[float, float]]:
    rows = _reached(region.rows.start + middle[1], region.luma.shape[0], reach, frame.shape[0])
    columns = _reached(region.columns.start + middle[0], region.luma.shape[1], reach, frame.shape[1])
    searched = np.ascontiguousarray(frame[rows][:, columns])
    squares = cv2.matchTemplate(searched, region.luma, cv2.TM_SQDIFF, mask=np.sqrt(region.weight))
    likeness = cv2.matchTemplate(searched, region.luma, cv2.TM_CCOEFF_NORMED, mask=region.weight)
    likeness = np.where(np.isfinite(likeness), likeness, np.float32(-1))
    for at in (int(squares.argmin()), int(likeness.argmax())):
        down, across = divmod(at, squares.shape[1])
        yield float(middle[0] + across - reach), float(middle[1] + down - reach)


def _reached(start: int, length: int, reach: int, size: int) -> NDArray[np.int64]:
    """Indices of a box and what is around it; beyond the picture its edge is repeated."""
    return np.clip(np.arange(start - reach, start + length + reach), 0, size - 1)
