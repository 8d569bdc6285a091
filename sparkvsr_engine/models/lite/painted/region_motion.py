"""How a painted region of a keyframe moves as one thing: a title over footage, a sign on a wall.

Dense motion tears it: between letters it follows the footage. Its own source pixels, those with contrast
above all, are matched as one: a search for the nearest place, then Gauss-Newton steps of an affine motion
(Lucas and Kanade, 1981) under robust weights. Where dense motion matches clearly better, the region bends,
and that is taken. How far the frame shows there what the keyframe's frame shows is measured around each
pixel: what is hidden, or gone, is not carried. Everything here is on the source's grid.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Plane

Affine = NDArray[np.float64]

# Luma that matched pixels differ by, and as a share of the contrast around them: edges are sampled elsewhere.
_LIKELY, _OF_CONTRAST = 0.08, 0.15
# Of the search for the nearest place, source pixels; it grows with the distance in frames.
_SEARCHED, _SEARCHED_A_FRAME, _SEARCHED_MOST = 4, 2, 24
_STEPS = 12
_SETTLED = 0.005
_DAMPING = 1e-3
# Of a whole region and of the surroundings of a pixel: matched shares at which it begins to count and does.
_REGION_MATCHED, _LOCALLY_MATCHED = (0.25, 0.45), (0.35, 0.6)
# Source pixels.
_SURROUNDINGS = 4.0
# By how much dense motion has to match better.
_BENDS = 0.15
# Matched share that a pixel away from dense motion costs: of what has no shape all places are alike.
_FARTHER = 0.01
# Contrast that counts beside a region's own where it has none.
_LEAST_CONTRAST = 0.02


@dataclass(frozen=True, eq=False)
class Region:
    """One thing that is painted. rows, columns: its box on the source's grid. luma: of the keyframe's source
    frame there, float32 [h, w]. weight: how far each pixel shows its motion.
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
        across, down = _slopes(luma)
        contrast = (np.hypot(across, down) + np.float32(_LEAST_CONTRAST))[rows, columns]
        kernel = np.ones((3, 3), np.uint8)
        weight = np.asarray(mask[rows, columns] * contrast, np.float32)
        spread = (cv2.dilate(luma, kernel) - cv2.erode(luma, kernel))[rows, columns]
        tolerance = np.asarray(_LIKELY + _OF_CONTRAST * spread, np.float32)
        return cls(rows, columns, np.ascontiguousarray(luma[rows, columns]), weight, tolerance)


@dataclass(frozen=True, eq=False)
class RegionMotion:
    """Where a frame shows a region. across, down: of each pixel of the frame, where it is in the keyframe,
    float32 [h, w]. match: how far it shows the same there, 0..1 [h, w].
    """

    across: Plane
    down: Plane
    match: Plane


@dataclass(frozen=True, eq=False)
class _Matched:
    """A rigid motion tried: how far it matches around each pixel and on the whole, where pixels are, and how
    far it began from dense motion.
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
    y, x = np.indices(frame.shape, np.float32)
    dense = x + flow[..., 0], y + flow[..., 1]
    match, share = _match_of(region, frame, *dense)
    best = _best_rigid(region, frame, _dense_start(region, flow, dense), distance)
    if best is not None and share <= best.share + _BENDS:
        dense, match, share = best.moved, best.match, best.share
    return RegionMotion(*dense, match) if share > _REGION_MATCHED[0] else None


def _best_rigid(region: Region, frame: Plane, start: tuple[float, float], distance: int) -> _Matched | None:
    """The motion of a region as one thing that matches best; None where all fold it up."""
    y, x = np.indices(frame.shape, np.float32)
    matched: list[_Matched] = []
    for place in _likely_places(region, frame, start, distance):
        motion = _inverse(_refined(region, frame, place))
        if motion is not None:
            moved = _moved(motion, x, y)
            far = float(np.hypot(place[0] - start[0], place[1] - start[1]))
            matched.append(_Matched(*_match_of(region, frame, *moved), moved, far))
    return max(matched, key=lambda one: one.share - _FARTHER * one.far, default=None)


def _moved(motion: Affine, x: Plane, y: Plane) -> tuple[Plane, Plane]:
    """Every pixel of a frame under an affine motion: where it is in the keyframe."""
    across = motion[0, 0] * x + motion[0, 1] * y + motion[0, 2]
    down = motion[1, 0] * x + motion[1, 1] * y + motion[1, 2]
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def _match_of(region: Region, frame: Plane, across: Plane, down: Plane) -> tuple[Plane, float]:
    """How far a frame shows a region's source around each of its pixels, 0..1 [h, w], and on the whole."""
    x, y = across - region.columns.start, down - region.rows.start
    luma, tolerance = (
        cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for plane in (region.luma, region.tolerance)
    )
    weight = _weight_at(region, x, y)
    same = np.asarray(1 / (1 + np.square(np.square((frame - luma) / tolerance))), np.float32)
    share = float((weight * same).sum()) / max(float(weight.sum()), 1e-9)
    return _around(weight, same) * _ramp(np.float32(share), *_REGION_MATCHED), share


def _around(weight: Plane, same: Plane) -> Plane:
    """How far the surroundings of each pixel match, 0..1."""
    total, matched = (cv2.GaussianBlur(plane, (0, 0), _SURROUNDINGS) for plane in (weight, weight * same))
    return _ramp(np.asarray(matched / np.maximum(total, 1e-6), np.float32), *_LOCALLY_MATCHED)


def _weight_at(region: Region, x: Plane, y: Plane) -> Plane:
    """A region's weight at places in its box, 0 beside it."""
    weight = cv2.remap(region.weight, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(weight, np.float32)


def _ramp(values: Plane | np.float32, low: float, high: float) -> Plane:
    return np.asarray(np.clip((values - low) / (high - low), 0, 1), np.float32)


def _dense_start(
    region: Region, flow: NDArray[np.float32], dense: tuple[Plane, Plane]
) -> tuple[float, float]:
    """The motion most of a region's weight has in a dense flow: x and y from keyframe to frame."""
    x, y = dense[0] - region.columns.start, dense[1] - region.rows.start
    weight = _weight_at(region, x, y)
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


def _refined(region: Region, frame: Plane, start: tuple[float, float]) -> Affine:
    """The affine motion [2, 3] from the keyframe to the frame."""
    grid = _Grid.of(region)
    planes = frame, *_slopes(frame)
    begun = np.array([[0, 0, start[0]], [0, 0, start[1]]], np.float64)
    moves = begun
    for _ in range(_STEPS):
        step = _step(region, [_sampled(plane, *grid.moved(moves)) for plane in planes], grid, moves - begun)
        moves = moves + np.clip(step, -1, 1)
        if np.abs(step).max() < _SETTLED:
            break
    linear = moves[:, :2] / grid.extent
    return np.hstack([np.eye(2) + linear, (moves[:, 2] - linear @ grid.middle)[:, None]])


@dataclass(frozen=True, eq=False)
class _Grid:
    """The pixels of a region: x, y [h, w], their middle, and half its longer side."""

    x: Plane
    y: Plane
    middle: NDArray[np.float64]
    extent: float

    @classmethod
    def of(cls, region: Region) -> _Grid:
        y, x = np.indices(region.luma.shape, np.float32)
        x, y = x + np.float32(region.columns.start), y + np.float32(region.rows.start)
        return cls(x, y, np.array([x.mean(), y.mean()], np.float64), max(region.luma.shape) / 2)

    @property
    def around(self) -> tuple[Plane, Plane]:
        """The same from the middle, in units of the extent."""
        x, y = (self.x - self.middle[0]) / self.extent, (self.y - self.middle[1]) / self.extent
        return np.asarray(x, np.float32), np.asarray(y, np.float32)

    def moved(self, moves: Affine) -> tuple[Plane, Plane]:
        """Where the pixels are under six numbers of motion [2, 3]: growth and turn by the extent, shift."""
        u, v = self.around
        x, y = (
            start + along[0] * u + along[1] * v + along[2]
            for start, along in zip((self.x, self.y), moves, strict=True)
        )
        return np.asarray(x, np.float32), np.asarray(y, np.float32)


def _step(region: Region, seen: Sequence[Plane], grid: _Grid, away: Affine) -> Affine:
    """One damped step [2, 3]; seen: luma and its slopes where the region is taken to be."""
    luma, across, down = seen
    u, v = grid.around
    error = region.luma - luma
    weight = region.weight / np.square(1 + np.square(error / region.tolerance))
    terms = np.stack([across * u, across * v, across, down * u, down * v, down], -1).reshape(-1, 6)
    weighted = np.asarray(terms * weight.reshape(-1, 1), np.float64)
    # Turning and growing cost more, so that what shows nothing of them stands.
    damping = np.diag([10.0, 10.0, 0.01] * 2) * float(region.weight.sum()) * _DAMPING
    pull = weighted.T @ error.reshape(-1) - damping @ away.reshape(6)
    return np.asarray(np.linalg.solve(weighted.T @ terms + damping, pull), np.float64).reshape(2, 3)


def _sampled(plane: Plane, x: Plane, y: Plane) -> Plane:
    sampled = cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled, np.float32)


def _inverse(motion: Affine) -> Affine | None:
    """From the frame to the keyframe; None for a motion that folds the region up."""
    if not np.isfinite(motion).all() or not 0.5 < np.linalg.det(motion[:, :2]) < 2:
        return None
    return np.asarray(cv2.invertAffineTransform(motion), np.float64)


def _slopes(luma: Plane) -> tuple[Plane, Plane]:
    """How luma changes per pixel, across and down."""
    kernels = {"ksize": 3, "scale": 0.125, "borderType": cv2.BORDER_REPLICATE}
    return (
        np.asarray(cv2.Sobel(luma, cv2.CV_32F, 1, 0, **kernels), np.float32),
        np.asarray(cv2.Sobel(luma, cv2.CV_32F, 0, 1, **kernels), np.float32),
    )
