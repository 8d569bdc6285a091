"""Dense motion between frames: estimation, composition, warping. NumPy in and out, OpenCV inside.

A flow is float32 [h, w, 2] in pixels of its own grid: the point p of the frame it starts from is found
at p + flow[p] in the frame it points to. All warps are backward: `warp(picture, flow)` brings the
picture the flow points to onto the grid the flow starts from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import AnyPlane, Plane

Flow = NDArray[np.float32]

# A flow beyond this many times the frame's size is a fault of the estimator; remap needs finite values.
_FARTHEST = 2.0


@dataclass(frozen=True)
class FlowQuality:
    """How hard the estimator (Kroeger et al., "Fast Optical Flow using Dense Inverse Search") tries.

    finest_scale: 0 searches down to full resolution, 1 stops at half of it.
    patch_stride: pixels between patches. iterations: gradient steps per patch.
    refinement: variational refinement steps.
    """

    finest_scale: int = 0
    patch_stride: int = 5
    iterations: int = 16
    refinement: int = 5


PRECISE = FlowQuality()


class FlowEstimator:
    """Dense inverse search at one quality. Not safe to share between threads."""

    def __init__(self, quality: FlowQuality = PRECISE) -> None:
        self._quality = quality
        self._dis = _search_of(quality)

    def estimate(self, start: AnyPlane, target: AnyPlane, initial: Flow | None = None) -> Flow:
        """The flow from `start` to `target`, both uint8 [h, w]; refined from `initial` where given.

        Frames too small for the search (under 16 pixels a side) are taken as standing still.

        Args:
            start: uint8 [h, w].
            target: uint8 [h, w].
            initial: a flow to begin with, None for none.
        """
        height, width = start.shape
        if min(height, width) < 16:
            return np.zeros((height, width, 2), np.float32)
        guess = None if initial is None else np.ascontiguousarray(initial, np.float32).copy()
        # Without a guess the binding wants None, which its stub does not know.
        search: Any = self._dis.calc
        flow: Flow = np.asarray(search(start, target, guess), np.float32)
        limit = _FARTHEST * max(height, width)
        return np.clip(np.nan_to_num(flow, copy=False), -limit, limit, out=flow)

    def release_buffers(self) -> None:
        """Give back the buffers of the last search, some two hundred bytes for each of its pixels."""
        # OpenCV's own collectGarbage leaves it in a state that crashes at the next search.
        self._dis = _search_of(self._quality)


def _search_of(quality: FlowQuality) -> cv2.DISOpticalFlow:
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    search.setFinestScale(quality.finest_scale)
    search.setPatchStride(quality.patch_stride)
    search.setGradientDescentIterations(quality.iterations)
    search.setVariationalRefinementIterations(quality.refinement)
    return search


def pixel_grid(height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """x [1, width] and y [height, 1] of every pixel, float32, to be added to a flow's two planes."""
    return np.arange(width, dtype=np.float32)[None], np.arange(height, dtype=np.float32)[:, None]


def warp(picture: AnyPlane, flow: Flow, cubic: bool = False) -> AnyPlane:
    """Bring `picture` [h, w] or [h, w, C] onto the flow's grid; beyond the border its edge is repeated.

    Args:
        picture: [h, w] or [h, w, C].
        flow: motion, float32 [h, w, 2], pixels.
        cubic: bicubic instead of bilinear.
    """
    across, down = (np.ascontiguousarray(flow[..., axis], np.float32) for axis in (0, 1))
    return remap(picture, across, down, cubic)


def remap(
    picture: AnyPlane, across: Plane, down: Plane, cubic: bool = False, out: AnyPlane | None = None
) -> AnyPlane:
    """As `warp`, along the two planes of a flow; into `out` where it is given.

    Args:
        picture: [h, w] or [h, w, C].
        across: motion along rows, float32 [H, W], contiguous, pixels.
        down: motion along columns, of the same kind.
        cubic: bicubic instead of bilinear.
        out: the result's memory, [H, W] or [H, W, C].
    """
    # The flow as it is: adding it to a grid beforehand takes a pass over memory more.
    how = (cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR) | cv2.WARP_RELATIVE_MAP
    return cv2.remap(picture, across, down, how, out, cv2.BORDER_REPLICATE)


def compose(first: Flow, second: Flow) -> Flow:
    """The flow a->c from a->b and b->c."""
    return first + warp(second, first)


def resize_flow(flow: Flow, width: int, height: int) -> Flow:
    """The same motion on a grid of another size, in that grid's pixels.

    Args:
        flow: motion, float32 [h, w, 2], pixels.
        width: in pixels.
        height: in pixels.
    """
    if flow.shape[:2] == (height, width):
        return flow
    ratio = np.array([width / flow.shape[1], height / flow.shape[0]], np.float32)
    return cv2.resize(flow, (width, height), interpolation=cv2.INTER_LINEAR) * ratio
