"""What is painted on a keyframe, carried to other frames past the network.

The network weighs a keyframe's detail against its own result, and new letters or stripes count as a wrong
match. So the network sees a painted keyframe with its own result in place of what is painted, and the
keyframe's pixels are laid over the restored frames, moved as the painted region moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Picture, Plane
from sparkvsr_engine.core.pictures.colour_lock import LOCK_SIGMA_SOURCE_PIXELS, lowpass_within
from sparkvsr_engine.models.lite.painted.region import Region
from sparkvsr_engine.models.lite.painted.region_motion import RegionMotion, follow

# Source pixels: what lies nearer than twice this is one thing, as the letters of a title are.
_ONE_THING = 3
# The largest; what is left is not carried.
_MOST_REGIONS = 24
# Share of a source pixel that counts.
_SOME = 0.05


@dataclass(frozen=True, eq=False)
class PaintedRegion:
    """A region and how far each pixel of the keyframe belongs to it, float32 [H, W] 0..1."""

    region: Region
    share: Plane


@dataclass(frozen=True, eq=False)
class PaintedKeyframe:
    """A keyframe with the regions that are painted on it.

    picture: of the keyframe, at output size, float32 [H, W, 3]. regions: the largest first.
    """

    picture: Picture
    regions: tuple[PaintedRegion, ...]

    @classmethod
    def of(cls, picture: Picture, painted: Plane, luma: Plane) -> PaintedKeyframe:
        """A keyframe taken apart.

        Args:
            picture: the keyframe, float32 [H, W, 3].
            painted: how far each of its pixels is painted, float32 [H, W] 0..1.
            luma: of its source frame, float32 [h, w].
        """
        height, width = luma.shape
        small = np.asarray(cv2.resize(painted, (width, height), interpolation=cv2.INTER_AREA), np.float32)
        regions = [
            PaintedRegion(Region.of(small * mask, luma), painted * _enlarged(mask, painted.shape))
            for mask in _connected(small)
        ]
        return cls(picture, tuple(regions))

    def laid_over(self, result: Picture, frame: Plane, flow: NDArray[np.float32], distance: int) -> Picture:
        """A restored frame with what is painted laid over it, float32 [H, W, 3].

        Args:
            result: the restored frame, float32 [H, W, 3].
            frame: luma of its source, float32 [h, w].
            flow: dense motion from the frame to the keyframe, float32 [h, w, 2], source pixels.
            distance: frames to the keyframe.
        """
        picture = result
        for painted in self.regions:
            motion = follow(painted.region, frame, flow, distance)
            if motion is None:
                continue
            across, down, match = _at_output(motion, result.shape[:2])
            share = cv2.remap(painted.share, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
            share = np.asarray(share * match, np.float32)
            pixels = cv2.remap(self.picture, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
            picture = picture + share[..., None] * (pixels - picture)
        return np.asarray(picture, np.float32)


def _connected(painted: Plane) -> Iterator[Plane]:
    """What of a painted share [h, w] is one thing each, 0 or 1, the largest first."""
    side = 2 * _ONE_THING + 1
    joined = cv2.dilate((painted > _SOME).astype(np.uint8), np.ones((side, side), np.uint8))
    _, components = cv2.connectedComponents(joined)
    labels = np.asarray(components, np.int32)
    sizes = np.bincount(labels.ravel())
    for label in 1 + np.argsort(-sizes[1:])[:_MOST_REGIONS]:
        yield np.asarray(labels == label, np.float32)


def _enlarged(mask: Plane, size: tuple[int, ...]) -> Plane:
    larger = cv2.resize(mask, (size[1], size[0]), interpolation=cv2.INTER_NEAREST)
    return np.asarray(larger, np.float32)


def unpainted(picture: Picture, painted: Plane, restored: Picture, scale: float) -> Picture:
    """A keyframe with what its source's frame gives by itself where it is painted, under its look.

    Args:
        picture: the keyframe, float32 [H, W, 3].
        painted: how far each of its pixels is painted, float32 [H, W] 0..1.
        restored: its frame restored without it, float32 [H, W, 3].
        scale: output size over source size.
    """
    share = painted[..., None]
    look = lowpass_within(picture - restored, 1 - share, LOCK_SIGMA_SOURCE_PIXELS * scale)
    return np.asarray(picture + share * (restored + look - picture), np.float32)


def _at_output(motion: RegionMotion, size: tuple[int, int]) -> tuple[Plane, Plane, Plane]:
    """A motion on the source's grid, at the output's size and in its pixels."""
    height, width = size
    rows, columns = motion.match.shape
    wide, high = width / columns, height / rows
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    # Displacements are enlarged: positions would stand still in the half pixel around the picture.
    moves = np.dstack([motion.across - x, motion.down - y])
    larger = cv2.resize(moves, (width, height), interpolation=cv2.INTER_LINEAR)
    at_x, at_y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    across = np.asarray(at_x + larger[..., 0] * np.float32(wide), np.float32)
    down = np.asarray(at_y + larger[..., 1] * np.float32(high), np.float32)
    match = cv2.resize(motion.match, (width, height), interpolation=cv2.INTER_LINEAR)
    return across, down, np.asarray(match, np.float32)
