"""A drawn style over a clip: as an artist's stylised keyframes have it, the same on every machine."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from sparkvsr_engine.core.arrays import BytePicture
from sparkvsr_engine.evaluation.protocol.clips import TruthClip

# Of OpenCV's edge-aware filter (Gastal and Oliveira, 2011): reach in pixels, range of values 0..1.
_REACH, _RANGE = 60.0, 0.45
# Colours are taken this much further from their luma.
_DEPTH = 1.3


def drawn_clip(truth: TruthClip) -> TruthClip:
    """A clip as a drawing, each frame by itself.

    Args:
        truth: the clip at full size.
    """
    return replace(truth, frames=tuple(drawn_picture(frame) for frame in truth.frames))


def drawn_picture(picture: BytePicture) -> BytePicture:
    """A picture with flat areas, drawn edges and deeper colours, uint8 [h, w, 3].

    Args:
        picture: uint8 [h, w, 3], RGB.
    """
    flat = cv2.stylization(picture, sigma_s=_REACH, sigma_r=_RANGE).astype(np.float32)
    luma = flat @ np.array([0.299, 0.587, 0.114], np.float32)
    deep = luma[..., None] + _DEPTH * (flat - luma[..., None])
    return np.rint(np.clip(deep, 0, 255)).astype(np.uint8)
