"""The affine motion of a painted region: Gauss-Newton steps (Lucas and Kanade, 1981) under robust weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Plane
from sparkvsr_engine.models.lite.painted.region import Region, pixel_places, slopes

Affine = NDArray[np.float64]

_STEPS = 12
_SETTLED = 0.005
_DAMPING = 1e-3


def refined_motion(region: Region, frame: Plane, start: tuple[float, float]) -> Affine:
    """The affine motion [2, 3] from the keyframe to the frame.

    Args:
        region: of the keyframe.
        frame: luma of the frame, float32 [h, w].
        start: translation to begin with, x and y in source pixels.
    """
    grid = _Grid.of(region)
    planes = frame, *slopes(frame)
    begun = np.array([[0, 0, start[0]], [0, 0, start[1]]], np.float64)
    moves = begun
    for _ in range(_STEPS):
        step = _step(region, [_sampled(plane, *grid.moved(moves)) for plane in planes], grid, moves - begun)
        moves = moves + np.clip(step, -1, 1)
        if np.abs(step).max() < _SETTLED:
            break
    linear = moves[:, :2] / grid.extent
    return np.hstack([np.eye(2) + linear, (moves[:, 2] - linear @ grid.middle)[:, None]])


def inverse_of(motion: Affine) -> Affine | None:
    """The motion back, from the frame to the keyframe; None for one that folds the region up."""
    if not np.isfinite(motion).all() or not 0.5 < np.linalg.det(motion[:, :2]) < 2:
        return None
    return np.asarray(cv2.invertAffineTransform(motion), np.float64)


def moved_by(motion: Affine, x: Plane, y: Plane) -> tuple[Plane, Plane]:
    """Every pixel of a frame under an affine motion: where it is in the keyframe, float32 [h, w] each.

    Args:
        motion: from the frame to the keyframe, [2, 3].
        x: columns of the pixels, float32 [h, w].
        y: their rows.
    """
    across = motion[0, 0] * x + motion[0, 1] * y + motion[0, 2]
    down = motion[1, 0] * x + motion[1, 1] * y + motion[1, 2]
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


@dataclass(frozen=True, eq=False)
class _Grid:
    """The pixels of a region: x, y [h, w], their middle, and half its longer side."""

    x: Plane
    y: Plane
    middle: NDArray[np.float64]
    extent: float

    @classmethod
    def of(cls, region: Region) -> _Grid:
        x, y = pixel_places(region.luma)
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
    # Turning and growing cost more, so that a region without evidence of them stands.
    damping = np.diag([10.0, 10.0, 0.01] * 2) * float(region.weight.sum()) * _DAMPING
    pull = weighted.T @ error.reshape(-1) - damping @ away.reshape(6)
    return np.asarray(np.linalg.solve(weighted.T @ terms + damping, pull), np.float64).reshape(2, 3)


def _sampled(plane: Plane, x: Plane, y: Plane) -> Plane:
    sampled = cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled, np.float32)
