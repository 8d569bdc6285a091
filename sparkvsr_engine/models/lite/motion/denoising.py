"""Noise of damaged frames averaged away along motion, before the network sees them.

Noise and compression errors differ from frame to frame; what a frame shows does not, once its neighbours are
brought onto it. A network that sharpens single frames sharpens their noise as well, so that results flicker.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.pictures.motion import resize_flow, warp
from sparkvsr_engine.models.base import FrameReader
from sparkvsr_engine.models.lite.motion.motion_walk import StepFlows
from sparkvsr_engine.models.lite.networks.network import NEIGHBOURS
from sparkvsr_engine.models.lite.pixels.planes import CELL
from sparkvsr_engine.storage.bounded_dict import BoundedDict

# Pictures kept: a frame's own, while its bands and channels are asked for.
_KEPT_PICTURES = 2
# Shares kept: of a frame and of its keyframes, which lie far away. Each is judged on five frames.
_KEPT_SHARES = 64
# Source pixels: sigma of the neighbourhood whose differences are compared with the noise.
_NEIGHBOURHOOD = 1.2
# Source pixels, a side: differences wider than this are of light or of another picture, not noise.
_WIDEST_NOISE = 11
# How fast a neighbour loses its weight where it differs by more than noise.
_SOFTNESS = 4.0
# Of the noise of a difference, as a share of full scale: beyond it pictures do not match.
_MOST_NOISE = 0.05
_LEAST_NOISE = 1e-4
# One pixel of so many each way shows how much noise there is.
_SAMPLED = 3
# A median of absolute values to the standard deviation of normal noise.
_MEDIAN_TO_SIGMA = 1 / 0.6745


class DenoisedReader:
    """The frames of one shot, damaged ones with their noise averaged away.

    reader: of the frames as they are. steps: flows between them, at home. share: how far a frame is denoised,
    0..1 by its number; at 0 it is given as it is.
    """

    def __init__(
        self, reader: FrameReader, steps: StepFlows, home: Geometry, share: Callable[[int], float]
    ) -> None:
        self._reader = reader
        self._steps = steps
        self._home = home
        self._share = share
        self._pictures: BoundedDict[int, Picture] = BoundedDict(_KEPT_PICTURES)
        self._shares: BoundedDict[int, float] = BoundedDict(_KEPT_SHARES)

    @property
    def span(self) -> FrameSpan:
        """The shot's frames."""
        return self._reader.span

    def read(self, frame: int) -> Picture:
        """See `models.base.FrameReader`."""
        at = self.span.clamp(frame)
        if not self.changes(at):
            return self._reader.read(at)
        return self._pictures.get_or_make(at, lambda: self._denoised(at))

    def changes(self, frame: int) -> bool:
        """Whether a frame of the shot is given otherwise than it is."""
        return self._share_of(frame) > 0

    def _share_of(self, frame: int) -> float:
        return self._shares.get_or_make(frame, lambda: self._share(frame))

    def _denoised(self, frame: int) -> Picture:
        picture = self._reader.read(frame)
        around = {self.span.clamp(frame + offset) for offset in NEIGHBOURS} - {frame}
        mean = mean_along_motion(picture, [self._brought(frame, at) for at in sorted(around)])
        return np.asarray(picture + np.float32(self._share_of(frame)) * (mean - picture), np.float32)

    def _brought(self, frame: int, neighbour: int) -> Picture:
        """A neighbour brought onto a frame."""
        picture = self._reader.read(neighbour)
        height, width = picture.shape[:2]
        # The canvas may be wider and higher than home, and home of another shape than the picture.
        inside = self._steps.path(frame, neighbour)[
            : -(-self._home.height // CELL), : -(-self._home.width // CELL)
        ]
        flow = resize_flow(np.ascontiguousarray(inside), width, height)
        return np.asarray(warp(picture, flow, cubic=True), np.float32)


def mean_along_motion(picture: Picture, brought: list[Picture]) -> Picture:
    """The mean of a frame and of its neighbours, each counted where it differs from the frame by its noise
    alone.

    Args:
        picture: float32 [h, w, 3], 0..1.
        brought: the neighbours, brought onto the frame.
    """
    total, weights = picture.copy(), np.ones_like(picture[..., :1])
    for neighbour in brought:
        weight = _weight_of(picture - neighbour)
        total += neighbour * weight
        weights += weight
    return total / weights


def _noise_of(difference: Picture) -> NDArray[np.float32]:
    """The standard deviation of the noise in a difference, of each channel [3]."""
    smooth = cv2.blur(difference, (_WIDEST_NOISE, _WIDEST_NOISE))
    fine = np.abs((difference - smooth)[::_SAMPLED, ::_SAMPLED])
    sigma = np.median(fine, axis=(0, 1)) * _MEDIAN_TO_SIGMA
    return (np.minimum(sigma, _MOST_NOISE) + _LEAST_NOISE).astype(np.float32)


def _weight_of(difference: Picture) -> NDArray[np.float32]:
    """How far a neighbour counts, 0..1 [h, w, 1], by its difference from the frame.

    The noise is that of this difference alone: of a compressed movie two frames may hold the same.
    """
    in_noise = cv2.transform(difference * difference, (1 / (3 * _noise_of(difference) ** 2))[None])
    power = cv2.GaussianBlur(in_noise, (0, 0), _NEIGHBOURHOOD)[..., None]
    return np.exp(-np.maximum(power - 1, 0) / np.float32(_SOFTNESS))
