"""Between keyframes as `lite` holds them and what is painted on them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparkvsr_engine.core.arrays import Plane
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.lite import parts
from sparkvsr_engine.models.lite.frame_restorer import KeyedPart
from sparkvsr_engine.models.lite.motion.keyframe_warping import LiteKeyframe
from sparkvsr_engine.models.lite.painted.painted_keyframe import unpainted
from sparkvsr_engine.models.lite.pixels.extremes import cell_extremes
from sparkvsr_engine.models.lite.pixels.planes import pad_to_cells
from sparkvsr_engine.models.lite.pixels.source_planes import canvas_of
from sparkvsr_engine.models.source_bound import SourceRange


def without_painted(at_home: Tensor, painted: Plane, restored: Tensor, home: Geometry) -> Tensor:
    """A keyframe as the network sees it, [1, 3, Hc, Wc]: what its frame gives by itself where it is painted.

    Args:
        at_home: the keyframe on home's canvas, [1, 3, Hc, Wc].
        painted: where it is, float32 [H, W] 0..1 at the output's size.
        restored: its frame restored without it, on home's canvas.
        home: the size that is worked on.
    """
    share = np.asarray(cv2.resize(painted, (home.width, home.height)), np.float32)
    picture, alone = pixels_of(at_home, home), pixels_of(restored, home)
    return canvas_of(unpainted(picture, share, alone, home.scale), home)


def painted_parts(
    result: NDArray[np.float32],
    luma: Plane,
    frame: int,
    keyframes: Sequence[LiteKeyframe],
    keyed: Sequence[KeyedPart],
    home: Geometry,
) -> dict[str, NDArray[np.generic]]:
    """What is painted on keyframes, laid over a result, as parts of a prediction.

    Between two keyframes it goes over from one to the other, whether both are painted or not.

    Args:
        result: the frame restored under all keyframes, float32 [H, W, 3].
        luma: of its source, float32 [h, w].
        frame: its number.
        keyframes: the keyframes made ready.
        keyed: what they change on the frame, in the same order.
        home: the size that is worked on.
    """
    shares = _shares(frame, keyframes)
    packed: dict[str, NDArray[np.generic]] = {}
    for index, (keyframe, part) in enumerate(zip(keyframes, keyed, strict=True)):
        if keyframe.painted is not None:
            flow = _on_source(part.flow, luma.shape, home)
            laid = keyframe.painted.laid_over(result, luma, flow, abs(frame - keyframe.frame))
            packed |= parts.pack_painted(index, _canvas((laid - result) * np.float32(shares[index])))
            packed |= parts.pack_extremes(index, _with_laid(part.extremes, laid, result, home))
    return packed


def _shares(frame: int, keyframes: Sequence[LiteKeyframe]) -> list[float]:
    """The nearer a keyframe, the larger its share; together 1."""
    distances = [abs(frame - keyframe.frame) for keyframe in keyframes]
    return [1.0] if len(distances) == 1 else [1 - distance / sum(distances) for distance in distances]


def _canvas(picture: NDArray[np.float32]) -> Tensor:
    return pad_to_cells(torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None])


def pixels_of(canvas: Tensor, size: Geometry) -> NDArray[np.float32]:
    """The picture on a canvas [1, 3, Hc, Wc], float32 [H, W, 3]."""
    return np.ascontiguousarray(canvas[0, :, : size.height, : size.width].permute(1, 2, 0).numpy())


def _on_source(flow: Tensor, size: tuple[int, ...], home: Geometry) -> NDArray[np.float32]:
    """A flow [1, 2, Hc/2, Wc/2] of home on the source's grid, float32 [h, w, 2] in its pixels."""
    rows, columns = size
    inside = flow[0, :, : home.height // 2, : home.width // 2].cpu().float()
    moves = np.ascontiguousarray(inside.permute(1, 2, 0).numpy())
    small = cv2.resize(moves, (columns, rows), interpolation=cv2.INTER_AREA)
    ratio = np.array([columns / moves.shape[1], rows / moves.shape[0]], np.float32)
    return np.asarray(small * ratio, np.float32)


def _with_laid(
    extremes: SourceRange, laid_over: NDArray[np.float32], result: NDArray[np.float32], home: Geometry
) -> SourceRange:
    """Extremes of a keyframe's cells on a frame [3, h, w], with those of what was laid there."""
    is_laid = (laid_over != result).any(axis=2, keepdims=True)

    def laid(elsewhere: float) -> SourceRange:
        pixels = np.where(is_laid, laid_over, np.float32(elsewhere)).transpose(2, 0, 1)
        return cell_extremes(torch.from_numpy(np.ascontiguousarray(pixels))[None], home)

    low = torch.minimum(extremes.low, laid(np.inf).low)
    return SourceRange(low, torch.maximum(extremes.high, laid(-np.inf).high))
