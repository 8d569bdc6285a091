"""Is a keyframe's picture where its source frame is, and if not, how far off?

Generative editors and hand work move things. A whole-frame shift is found by phase correlation and taken
back; what is left locally is found by a flow search and taken back where that brings the picture clearly
nearer to its source. All distances are in source pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Picture, Plane
from sparkvsr_engine.core.pictures.motion import PRECISE, Flow, FlowEstimator, resize_flow, warp

# A shift the resampling itself may cause, and one no editor causes.
SMALLEST_SHIFT = 0.12
LARGEST_SHIFT_SHARE = 0.1
_SMALLEST_BEND = 0.3
# A correction must take away this share of the disagreement, or it is noise.
_LEAST_GAIN = 0.04
_SMOOTHING = 6.0


@dataclass(frozen=True)
class Alignment:
    """What was found and done, source pixels.

    shift: x and y of the whole frame. bend: 90th percentile of what was left locally.
    corrected: whether the picture was moved.
    """

    shift: tuple[float, float] = (0.0, 0.0)
    bend: float = 0.0
    corrected: bool = False

    @property
    def distance(self) -> float:
        """Length of the shift."""
        return float(np.hypot(*self.shift))


def align_picture(
    picture: Picture, source: Picture, painted: Plane | None = None
) -> tuple[Picture, Alignment]:
    """Bring a keyframe onto its source frame.

    Returns the picture, moved where that helps, and what was found.

    Args:
        picture: float32 [H, W, 3] at output size, model space.
        source: float32 [h, w, 3], its source frame, model space.
        painted: how far each pixel shows something else than the source, float32 [H, W] 0..1; None for
            nowhere. New letters would else be bent towards the old ones.
    """
    height, width = source.shape[:2]
    if min(height, width) < 32:
        return picture, Alignment()
    target, texture = _grey(source), _texture(painted, width, height)
    shift = _global_shift(_reduced(picture, width, height), target, texture)
    is_shifted = _helps(picture, shift, target)
    current = _shifted(picture, shift, width) if is_shifted else picture
    flow = _local_flow(_reduced(current, width, height), target, texture)
    bend = float(np.percentile(np.linalg.norm(flow, axis=-1), 90))
    bent = _bent(current, flow, target) if bend >= _SMALLEST_BEND else None
    alignment = Alignment(shift if is_shifted else (0.0, 0.0), bend, is_shifted or bent is not None)
    return current if bent is None else bent, alignment


def _bent(picture: Picture, flow: Flow, target: NDArray[Any]) -> Picture | None:
    """The picture under a local flow, where that brings it clearly nearer to the target."""
    height, width = target.shape
    bent = warp(picture, resize_flow(flow, picture.shape[1], picture.shape[0]), cubic=True)
    gain = _gain(_reduced(picture, width, height), _reduced(bent, width, height), target)
    return np.asarray(bent, np.float32) if gain > _LEAST_GAIN else None


def _helps(picture: Picture, shift: tuple[float, float], target: NDArray[Any]) -> bool:
    height, width = target.shape
    distance = float(np.hypot(*shift))
    if not SMALLEST_SHIFT <= distance <= LARGEST_SHIFT_SHARE * max(height, width):
        return False
    before = _reduced(picture, width, height)
    return _gain(before, _reduced(_shifted(picture, shift, width), width, height), target) > _LEAST_GAIN


def _global_shift(picture: NDArray[Any], target: NDArray[Any], texture: NDArray[Any]) -> tuple[float, float]:
    """How far `picture` lies off `target`, both grey float32 on the source's grid; sub-pixel."""
    window = cv2.createHanningWindow((target.shape[1], target.shape[0]), cv2.CV_32F)
    (x, y), _ = cv2.phaseCorrelate(_detail(target) * texture, _detail(picture) * texture, window)
    return float(x), float(y)


def _texture(painted: Plane | None, width: int, height: int) -> NDArray[Any]:
    """How far the surroundings of each source pixel show where the picture is, 0..1 [height, width]."""
    if painted is None:
        return np.ones((height, width), np.float32)
    small = cv2.resize(painted, (width, height), interpolation=cv2.INTER_AREA)
    # The flow's patches see as far.
    return np.float32(1) - cv2.dilate(np.clip(4 * small, 0, 1), np.ones((9, 9), np.uint8))


def _local_flow(picture: NDArray[Any], target: NDArray[Any], texture: NDArray[Any]) -> Flow:
    """Where each source pixel is found in the picture; smooth, because flat areas have no features."""
    flow = FlowEstimator(PRECISE).estimate(_bytes(target), _bytes(picture))
    weight = (cv2.GaussianBlur(np.abs(_detail(target)), (0, 0), 2.0) * texture)[..., None] + 1e-4
    spread = cv2.GaussianBlur(weight, (0, 0), _SMOOTHING)[..., None]
    return np.asarray(cv2.GaussianBlur(flow * weight, (0, 0), _SMOOTHING) / spread, np.float32)


def _shifted(picture: Picture, shift: tuple[float, float], source_width: int) -> Picture:
    factor = picture.shape[1] / source_width
    matrix = np.array([[1, 0, shift[0] * factor], [0, 1, shift[1] * factor]], np.float64)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    size = (picture.shape[1], picture.shape[0])
    return np.asarray(
        cv2.warpAffine(picture, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def _gain(before: NDArray[Any], after: NDArray[Any], target: NDArray[Any]) -> float:
    """Share of the disagreement in detail that went away."""
    target_detail = _detail(target)
    error = float(np.abs(_detail(before) - target_detail).mean())
    return 1.0 - float(np.abs(_detail(after) - target_detail).mean()) / max(error, 1e-6)


def _reduced(picture: Picture, width: int, height: int) -> NDArray[Any]:
    """Grey, on the source's grid."""
    return cv2.resize(_grey(picture), (width, height), interpolation=cv2.INTER_AREA)


def _grey(picture: Picture) -> NDArray[Any]:
    return cv2.cvtColor(np.clip(picture, 0, 1), cv2.COLOR_RGB2GRAY)


def _detail(grey: NDArray[Any]) -> NDArray[Any]:
    """Without its low frequencies, so that a colour cast or relit keyframe is compared by its shapes."""
    return grey - cv2.GaussianBlur(grey, (0, 0), 6.0)


def _bytes(grey: NDArray[Any]) -> NDArray[np.uint8]:
    detail = _detail(grey)
    spread = max(float(detail.std()), 1e-3)
    return np.clip(detail / spread * 40 + 127.5, 0, 255).astype(np.uint8)
