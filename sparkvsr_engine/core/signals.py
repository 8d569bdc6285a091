"""What keyframe policies know about frames, and its measurement on frames fed one by one.

A meter is fed while the source is decoded once, beside cut detection. Not here: decoding, and what
the signals mean for propagation (`propagation`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.propagation import StepSignals, Values, frame_confidence

_FLOW_SIDE = 320
_UNMEASURED_CONFIDENCE = 0.98


@dataclass(frozen=True, eq=False)
class FrameSignals:
    """Per-frame signals of a range, float64 [F] each.

    sharpness: variance of the source's Laplacian, any positive scale.
    motion: mean length of the flow from the frame before, as a share of the picture's longer side.
    propagation_confidence: 0..1, of the step from the frame before; 0 for the first frame.
    iframes: frames the codec stored whole, ascending; empty where the source has none.
    """

    span: FrameSpan
    sharpness: Values
    motion: Values
    propagation_confidence: Values
    iframes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for name in ("sharpness", "motion", "propagation_confidence"):
            if getattr(self, name).shape != (len(self.span),):
                raise ValueError(f"{name} has not one value for each of {len(self.span)} frames")

    @classmethod
    def unmeasured(cls, span: FrameSpan, iframes: Iterable[int] = ()) -> FrameSignals:
        """Signals that tell no frame from another, for policies that need none."""
        even = np.full(len(span), _UNMEASURED_CONFIDENCE)
        return cls(span, np.ones(len(span)), np.zeros(len(span)), even, tuple(sorted(set(iframes))))

    def with_iframes(self, iframes: Iterable[int]) -> FrameSignals:
        """The same signals, I-frames added."""
        return replace(self, iframes=tuple(sorted(set(iframes))))


class SignalMeter:
    """Measures signals of frames given in order; holds one frame. Not safe to share between threads."""

    def __init__(self) -> None:
        from sparkvsr_engine.core.motion import QUICK, FlowEstimator

        self._flow = FlowEstimator(QUICK)
        self._first: int | None = None
        self._before: NDArray[np.uint8] | None = None
        self._sharpness: list[float] = []
        self._steps: list[tuple[float, float, float, float]] = []

    def add(self, frame: int, picture: NDArray[np.uint8]) -> None:
        """Take the next frame: uint8 [h, w, 3] RGB at source size, all of one size, numbers without a gap."""
        if self._first is None:
            self._first = frame
        if frame != self._first + len(self._sharpness):
            raise ValueError(f"frame {frame} does not follow {self._first + len(self._sharpness) - 1}")
        import cv2

        grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
        self._sharpness.append(float(cv2.Laplacian(grey, cv2.CV_32F).var()))
        small = _shrunk(grey)
        if self._before is not None:
            self._steps.append(self._step(self._before, small))
        self._before = small

    def finish(self) -> FrameSignals:
        """The signals of all frames taken; raises ValueError where there was none."""
        if self._first is None:
            raise ValueError("no frame was measured")
        span = FrameSpan(self._first, self._first + len(self._sharpness))
        consistency, occluded, residual, motion = np.array(self._steps).reshape(-1, 4).T
        confidence = frame_confidence(StepSignals(consistency, occluded, residual))
        return FrameSignals(span, np.array(self._sharpness), np.concatenate([[0.0], motion]), confidence)

    def _step(self, before: NDArray[np.uint8], after: NDArray[np.uint8]) -> tuple[float, float, float, float]:
        """Consistency, occluded share, residual and motion of one step.

        consistency is the mean of exp(-e), e being the pixels by which the flows there and back fail to
        cancel at a longer side of 320: of the forms tried, the one that told most about propagation.
        """
        from sparkvsr_engine.core.motion import inconsistency, warp

        there, back = self._flow.estimate(before, after), self._flow.estimate(after, before)
        error = inconsistency(there, back)
        length = np.linalg.norm(there, axis=-1)
        difference = np.abs(before.astype(np.float32) - warp(after.astype(np.float32), there)) / 255
        return (
            float(np.exp(-error).mean()),
            float((error > 1 + 0.1 * length).mean()),
            float(difference.mean()),
            float(length.mean()) / max(before.shape),
        )


def _shrunk(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture at a longer side of at most 320."""
    import cv2

    height, width = grey.shape
    ratio = _FLOW_SIDE / max(height, width)
    if ratio >= 1:
        return grey
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def measure_frames(frames: Iterable[tuple[int, NDArray[np.uint8]]]) -> FrameSignals:
    """The signals of an iterator of (frame number, uint8 [h, w, 3] RGB)."""
    meter = SignalMeter()
    for frame, picture in frames:
        meter.add(frame, picture)
    return meter.finish()
