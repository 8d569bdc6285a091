"""Rehearses propagation on frames fed one by one: every frame of a shot's grid from every other in reach.

Memory is bounded whatever a shot's length: it starts on every frame, every other is left out each time
the grid is full, and at the widest stride pairs are made as frames come. A pair costs one flow search on a
thumbnail, 1.3 ms. Nothing is carried across a cut that is known in time; of one that is reported late
(the end of a long fade) the pairs across are made in vain, and not used.

Not here: what the result means (`propagation_stats`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.keyframe_choice.propagation_stats import (
    BLIND,
    FULL_GRID,
    FULL_LEVEL,
    REACH,
    WIDEST_STRIDE,
    PropagationStats,
)
from sparkvsr_engine.core.pictures.motion import Flow, FlowEstimator, FlowQuality, warp
from sparkvsr_engine.core.pictures.shrinking import downscaled

_LONGEST_SIDE = 160
_BLOCK = 8
# The flow search takes smaller pictures for standing still.
_LEAST_SIDE = 16
# Blur, in pixels of the thumbnail, that takes away what stands for detail.
_DETAIL_BLUR = 0.7
# Cuts are reported so many frames late at most, but for the ends of long fades (0.4 s at 60 frames per
# second).
_DELAY = 24
_EFFORT = FlowQuality(finest_scale=0, patch_stride=5, iterations=8, refinement=0)
# Mean square, in grey levels, below which detail is the rounding of the source's pixels.
_ROUNDING = 0.1


@dataclass(eq=False)
class _Thumbnail:
    """A frame as propagation is measured on it.

    near: shares it left missing, as a keyframe, of frames around it that are not on the grid.
    flow: from it to the newest frame of the walk.
    """

    frame: int
    grey: NDArray[np.uint8]
    missing: NDArray[np.float32]
    energy: NDArray[np.float32]
    near: list[float] = field(default_factory=list[float])
    flow: Flow | None = None

    @classmethod
    def of(cls, frame: int, picture: NDArray[np.uint8]) -> _Thumbnail:
        """picture: uint8 [h, w, 3] RGB."""
        grey = _in_blocks(
            np.asarray(cv2.cvtColor(picture.astype(np.float32), cv2.COLOR_RGB2GRAY), np.float32)
        )
        # Halving and enlarging would keep what happens to lie on its grid, and lose it a pixel further on.
        blurred = np.asarray(cv2.GaussianBlur(grey, (0, 0), _DETAIL_BLUR), np.float32)
        missing = np.asarray(grey - blurred, np.float32)
        quantised = np.clip(np.rint(grey), 0, 255).astype(np.uint8)
        return cls(frame, quantised, missing, _per_block(np.asarray(missing * missing, np.float32)))

    def lacking(self, keyframe: _Thumbnail, flow: Flow) -> NDArray[np.uint8]:
        """How much of each block's missing detail a keyframe does not bring; flow: from here to it."""
        carried = np.asarray(warp(keyframe.missing, flow, cubic=True), np.float32)
        lacking_energy = _per_block(np.asarray((self.missing - carried) ** 2, np.float32))
        share = lacking_energy / (BLIND * self.energy + _ROUNDING)
        return np.rint(FULL_LEVEL * np.minimum(share, 1)).astype(np.uint8).ravel()

    def detail(self) -> NDArray[np.float32]:
        """Each block's share of the frame's detail, float32 [B]."""
        energy = self.energy.ravel() + np.float32(1e-6)
        return np.asarray(energy / energy.sum(), np.float32)


class PropagationMeter:
    """Takes frames in order; holds some dozens of thumbnails. Not safe to share between threads."""

    def __init__(self) -> None:
        self._estimator = FlowEstimator(_EFFORT)
        self._waiting: deque[_Thumbnail] = deque()
        self._cuts: set[int] = set()
        self._findings = _Findings()
        self._shot = _Shot(self._findings, self._estimator)

    def add(self, frame: int, picture: NDArray[np.uint8], cuts: Iterable[int] = ()) -> None:
        """Take the next frame, uint8 [h, w, 3] RGB, all of one size.

        Args:
            frame: its number.
            picture: uint8 [h, w, 3], RGB.
            cuts: those found since the last.
        """
        self._cuts.update(cuts)
        self._waiting.append(_Thumbnail.of(frame, picture))
        if len(self._waiting) > _DELAY:
            self._release()

    def finish(self, cuts: Iterable[int] = ()) -> PropagationStats:
        """What was found; raises ValueError where there was no frame."""
        self._cuts.update(cuts)
        while self._waiting:
            self._release()
        self._shot.close()
        return self._findings.propagation()

    def _release(self) -> None:
        thumbnail = self._waiting.popleft()
        passed = {cut for cut in self._cuts if cut <= thumbnail.frame}
        if passed:
            self._cuts -= passed
            self._shot.close()
            self._shot = _Shot(self._findings, self._estimator)
        self._shot.add(thumbnail)


@dataclass(eq=False)
class _Findings:
    """What was measured so far, see `PropagationStats`."""

    frames: list[int] = field(default_factory=list[int])
    detail: list[NDArray[np.float32]] = field(default_factory=list[NDArray[np.float32]])
    near: list[float] = field(default_factory=list[float])
    pairs: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    lacking: list[NDArray[np.uint8]] = field(default_factory=list[NDArray[np.uint8]])

    def propagation(self) -> PropagationStats:
        """All of it."""
        if not self.frames:
            raise ValueError("no frame was measured")
        detail = np.stack(self.detail)
        lacking = np.array(self.lacking, np.uint8).reshape(-1, detail.shape[1])
        pairs = np.array(self.pairs, np.int64).reshape(-1, 2)
        frames, near = np.array(self.frames, np.int64), np.array(self.near, np.float32)
        return PropagationStats(frames, detail, near, pairs, lacking)


class _Shot:
    """One shot, its grid made coarser as it turns out to be long."""

    def __init__(self, findings: _Findings, estimator: FlowEstimator) -> None:
        self._findings = findings
        self._estimator = estimator
        self._fed = 0
        self._stride = 1
        self._grid: list[_Thumbnail] = []
        self._passed: list[_Thumbnail] = []
        self._walked: deque[_Thumbnail] = deque()

    def add(self, thumbnail: _Thumbnail) -> None:
        """The next frame."""
        is_on_grid = self._fed % self._stride == 0
        self._fed += 1
        if not is_on_grid:
            self._passed.append(thumbnail)
            return
        self._grid.append(thumbnail)
        self._settle_passed(thumbnail)
        if self._stride < WIDEST_STRIDE and len(self._grid) > FULL_GRID:
            self._thin()
        if self._stride == WIDEST_STRIDE:
            self._walk_grid(1)

    def close(self) -> None:
        """Measure all that is held."""
        self._settle_passed(None)
        self._walk_grid(0)

    def _thin(self) -> None:
        """Leave every other frame out of the grid; what is left out last is passed, and not yet settled."""
        for place in range(1, len(self._grid), 2):
            self._measure_near(self._grid[place], self._grid[place - 1 : place + 2 : 2])
        self._grid = self._grid[::2]
        self._stride *= 2

    def _settle_passed(self, newest: _Thumbnail | None) -> None:
        """Measure the frames between the last two of the grid from the nearer of them, or from both."""
        before = self._grid[-2:-1] if newest else self._grid[-1:]
        for thumbnail in self._passed:
            ends = [
                end
                for end in [*before, *([newest] if newest else [])]
                if 2 * abs(end.frame - thumbnail.frame) <= self._stride
            ]
            self._measure_near(thumbnail, ends)
        self._passed = []

    def _measure_near(self, thumbnail: _Thumbnail, keyframes: Sequence[_Thumbnail]) -> None:
        for keyframe in keyframes:
            flow = self._estimator.estimate(thumbnail.grey, keyframe.grey)
            lacking = thumbnail.lacking(keyframe, flow) / FULL_LEVEL
            keyframe.near.append(float((lacking * thumbnail.detail()).sum()))

    def _walk_grid(self, remaining: int) -> None:
        """Measure what is held, but for the last ones, which have frames around them to come."""
        while len(self._grid) > remaining:
            self._walk(self._grid.pop(0))

    def _walk(self, newest: _Thumbnail) -> None:
        """Pairs of one more frame with those before it; each search starts from the last one's flow."""
        while self._walked and newest.frame - self._walked[0].frame > REACH:
            self._walked.popleft()
        back: Flow | None = None
        for earlier in reversed(self._walked):
            earlier.flow = self._estimator.estimate(earlier.grey, newest.grey, earlier.flow)
            back = self._estimator.estimate(newest.grey, earlier.grey, back)
            self._findings.pairs += [(earlier.frame, newest.frame), (newest.frame, earlier.frame)]
            self._findings.lacking += [earlier.lacking(newest, earlier.flow), newest.lacking(earlier, back)]
        self._findings.frames.append(newest.frame)
        self._findings.detail.append(newest.detail())
        self._findings.near.append(float(np.mean(newest.near)) if newest.near else 0.0)
        self._walked.append(newest)


def _in_blocks(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """The picture at a longer side of at most 160, cut to whole blocks; small ones made long enough."""
    grey = downscaled(grey, _LONGEST_SIDE)
    height, width = grey.shape
    down, across = max(0, _LEAST_SIDE - height), max(0, _LEAST_SIDE - width)
    padded = cv2.copyMakeBorder(grey, 0, down, 0, across, cv2.BORDER_REPLICATE)
    whole = padded[: padded.shape[0] // _BLOCK * _BLOCK, : padded.shape[1] // _BLOCK * _BLOCK]
    return np.ascontiguousarray(whole, np.float32)


def _per_block(values: NDArray[np.float32]) -> NDArray[np.float32]:
    height, width = values.shape
    blocks = values.reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    return np.asarray(blocks.mean((1, 3)), np.float32)
