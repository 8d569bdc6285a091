"""Propagation measured on the source's own pixels: how much of a frame's detail each keyframe would bring.

The finest detail of a small picture stands for what an enlargement of a large one lacks. A keyframe's is
carried to other frames along the motion; what then stays missing of a frame's own, block by block, is what
this record holds, for pairs of frames on a grid. Within a frame it goes with the true PSNR of `lite` under
two keyframes by 0.84 to 0.98 (correlation, six clips of 31 frames, true keyframes).

Not here: how it is measured (`propagation_meter`), what keyframes are worth by it (`keyframe_value`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.frames import FrameSpan

REACH = 48
"""Frames a keyframe is followed on either side at most."""

FULL_GRID = 48
"""Frames of a shot on its grid before every other is left out of it."""

WIDEST_STRIDE = 4
"""Frames between two of the grid at most."""

FULL_LEVEL = 255
"""What stands for all of a block's detail."""

BLIND = 0.6
"""What of the missing energy an enlarging network leaves missing by itself."""

# Share of what is missing that comes back per frame of distance where no picture shows it: an even guess.
_EVEN_LOSS = 0.02


def grid_stride(frames: int) -> int:
    """Frames between two of the grid in a shot of so many frames."""
    stride = 1
    while stride < WIDEST_STRIDE and frames > FULL_GRID * stride:
        stride *= 2
    return stride


@dataclass(frozen=True, eq=False)
class PropagationStats:
    """Pairs of frames on a grid.

    frames: int64 [G], ascending. detail: float32 [G, B], the share of a frame's detail in each block; a
        frame's sum is 1.
    near: float32 [G], what a keyframe there leaves missing, as a share, of the frames around it that are
        not on the grid; 0 where there are none.
    pairs: int64 [P, 2], a frame and the keyframe carried to it, in frame numbers.
    lacking: uint8 [P, B], how much of a block's missing detail the keyframe does not bring, 0 to 255.
    """

    frames: NDArray[np.int64]
    detail: NDArray[np.float32]
    near: NDArray[np.float32]
    pairs: NDArray[np.int64]
    lacking: NDArray[np.uint8]

    def __post_init__(self) -> None:
        frames, pairs, blocks = len(self.frames), len(self.pairs), self.detail.shape[-1]
        shapes = {
            "frames": (frames,),
            "detail": (frames, blocks),
            "near": (frames,),
            "pairs": (pairs, 2),
            "lacking": (pairs, blocks),
        }
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, not {shape}")

    @classmethod
    def even(cls, span: FrameSpan) -> PropagationStats:
        """Of frames nobody looked at: all alike, less brought the farther away."""
        stride = grid_stride(len(span))
        frames = np.arange(span.start, span.stop, stride, dtype=np.int64)
        near = np.full(len(frames), _evenly_lost(np.array([stride / 4]))[0] if stride > 1 else 0, np.float32)
        reached = [(t, k) for t in frames.tolist() for k in _within_reach(frames, t) if k != t]
        pairs = np.array(reached, np.int64).reshape(-1, 2)
        lost = _evenly_lost(np.abs(pairs[:, 0] - pairs[:, 1]))
        lacking = np.rint(FULL_LEVEL * lost).astype(np.uint8)[:, None]
        return cls(frames, np.ones((len(frames), 1), np.float32), near, pairs, lacking)

    def within(self, span: FrameSpan) -> PropagationStats:
        """The part of it that lies in a span."""
        inside = (self.frames >= span.start) & (self.frames < span.stop)
        both = ((self.pairs >= span.start) & (self.pairs < span.stop)).all(1)
        return PropagationStats(
            self.frames[inside], self.detail[inside], self.near[inside], self.pairs[both], self.lacking[both]
        )


def _evenly_lost(distance: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(1 - np.exp(-np.sqrt(_EVEN_LOSS * distance)), np.float64)


def _within_reach(frames: NDArray[np.int64], frame: int) -> Iterable[int]:
    first, last = np.searchsorted(frames, (frame - REACH, frame + REACH + 1))
    return frames[first:last].tolist()
