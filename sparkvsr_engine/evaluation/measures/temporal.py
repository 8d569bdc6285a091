"""What happens from one frame to the next: flicker, motion, jumps, with the truth's own as the yardstick."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.core.pictures.motion import Flow, pixel_grid, warp
from sparkvsr_engine.evaluation.pixels import require_same_size, studio_luma, to_eight_bits, to_unit

# Occlusion test of Ruder et al., "Artistic style transfer for videos": flows that do not cancel.
_OCCLUSION_RELATIVE = 0.01
_OCCLUSION_ABSOLUTE = 0.5


@dataclass(frozen=True)
class TemporalScores:
    """One pair of neighbouring frames.

    ewarp: E*warp, 1000 x mean squared difference (0..1 RGB) of the frame and the one before it, warped by
        the truth's motion, where the truth is not occluded. Below the truth's own: smoothed; above: flicker.
    tof: mean absolute difference of the result's motion from the truth's, pixels, both components added.
    change_error: mean squared difference of the result's change of luma from the truth's, 8-bit levels^2.
    """

    ewarp: float
    tof: float
    change_error: float


class TemporalMeasure:
    """Fed frame by frame in order; holds one frame of each clip.

    The flow is OpenCV's dense inverse search at its stock medium setting, apart from the engine's own
    estimator so that figures stay comparable when that one changes.
    """

    def __init__(self) -> None:
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._before: tuple[Pixels, Pixels] | None = None

    def feed(self, result: Pixels, reference: Pixels) -> TemporalScores | None:
        """The scores of this frame and the one fed before; None for the first."""
        require_same_size(result, reference)
        before, self._before = self._before, (result, reference)
        if before is None:
            return None
        previous_result, previous_reference = before
        forward = self._flow(previous_reference, reference)
        backward = self._flow(reference, previous_reference)
        visible = visible_mask(backward, forward)
        return TemporalScores(
            ewarp=warp_error(previous_result, result, backward, visible),
            tof=flow_difference(forward, self._flow(previous_result, result)),
            change_error=change_error(before, (result, reference)),
        )

    def _flow(self, start: Pixels, target: Pixels) -> Flow:
        planes = [cv2.cvtColor(to_eight_bits(picture), cv2.COLOR_RGB2GRAY) for picture in (start, target)]
        return self._dis.calc(planes[0], planes[1], None)  # pyright: ignore[reportCallIssue, reportArgumentType]


def visible_mask(backward: Flow, forward: Flow) -> NDArray[np.bool_]:
    """Where a pixel of this frame is seen in the one before, [H, W].

    backward: from this frame to the one before; forward: the other way.
    """
    height, width = backward.shape[:2]
    grid_x, grid_y = pixel_grid(height, width)
    x, y = grid_x + backward[..., 0], grid_y + backward[..., 1]
    is_inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    returned = warp(forward, backward)
    gap = np.square(backward + returned).sum(-1)
    lengths = np.square(backward).sum(-1) + np.square(returned).sum(-1)
    return is_inside & (gap <= _OCCLUSION_RELATIVE * lengths + _OCCLUSION_ABSOLUTE)


def warp_error(before: Pixels, now: Pixels, backward: Flow, visible: NDArray[np.bool_]) -> float:
    """1000 x the mean squared difference of `now` and `before` brought onto it, over the visible pixels.

    Args:
        before: the frame before.
        now: the frame.
        backward: the flow from the frame to the one before.
        visible: pixels that both show.
    """
    count = int(visible.sum())
    if count == 0:
        return 0.0
    difference = to_unit(now) - warp(to_unit(before), backward)
    return 1e3 * float(np.square(difference)[visible].sum(dtype=np.float64)) / (3 * count)


def flow_difference(truth: Flow, result: Flow) -> float:
    """tOF (Chu et al. 2020): mean absolute difference of two motions, pixels, both components added."""
    return float(np.abs(truth - result).sum(-1).mean())


def change_error(before: tuple[Pixels, Pixels], now: tuple[Pixels, Pixels]) -> float:
    """How wrongly the result's luma changes: mean square of (its change - the truth's), 8-bit levels squared.

    Each pair is (result, truth). A steady error costs nothing, one that comes or goes at a border does.
    """
    error_before, error_now = (studio_luma(pair[0]) - studio_luma(pair[1]) for pair in (before, now))
    return float(np.mean(np.square(error_now - error_before)))
