"""What keyframe policies know about frames, and its measurement on frames fed one by one.

A meter is fed while the source is decoded once, beside cut detection. Not here: decoding, and what
the signals mean for keyframes (`keyframe_value`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.keyframe_choice.keyframe_value import Values
from sparkvsr_engine.core.keyframe_choice.propagation_stats import PropagationStats


@dataclass(frozen=True, eq=False)
class FrameSignals:
    """What is known of the frames of a range.

    sharpness: variance of the source's Laplacian, float64 [F], any positive scale.
    propagation: how far keyframes carry, on a grid of the frames.
    iframes: frames the codec stored whole, ascending; empty where the source has none.
    """

    span: FrameSpan
    sharpness: Values
    propagation: PropagationStats
    iframes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.sharpness.shape != (len(self.span),):
            raise ValueError(f"sharpness has not one value for each of {len(self.span)} frames")

    @classmethod
    def unmeasured(cls, span: FrameSpan) -> FrameSignals:
        """Signals that are equal for all frames, for policies that need none."""
        return cls(span, np.ones(len(span)), PropagationStats.even(span))

    def with_iframes(self, iframes: Iterable[int]) -> FrameSignals:
        """The same signals, I-frames added."""
        return replace(self, iframes=tuple(sorted(set(iframes))))

    def within(self, span: FrameSpan) -> FrameSignals:
        """The signals of a part of the range."""
        inside = slice(span.start - self.span.start, span.stop - self.span.start)
        iframes = tuple(frame for frame in self.iframes if frame in span)
        return FrameSignals(span, self.sharpness[inside], self.propagation.within(span), iframes)


class SignalMeter:
    """Measures signals of frames given in order; holds some dozens of thumbnails. Not safe to share
    between threads.
    """

    def __init__(self) -> None:
        from sparkvsr_engine.core.keyframe_choice.propagation_meter import PropagationMeter

        self._rehearsal = PropagationMeter()
        self._first: int | None = None
        self._sharpness: list[float] = []

    def add(self, frame: int, picture: NDArray[np.uint8], cuts: Iterable[int] = ()) -> None:
        """Take the next frame: uint8 [h, w, 3] RGB at source size, all of one size, numbers without a gap.

        Args:
            frame: its number.
            picture: uint8 [h, w, 3], RGB.
            cuts: first frames of new shots found since the last frame, this one or earlier ones.
        """
        if self._first is None:
            self._first = frame
        if frame != self._first + len(self._sharpness):
            raise ValueError(f"frame {frame} does not follow {self._first + len(self._sharpness) - 1}")
        import cv2

        grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
        self._sharpness.append(float(cv2.Laplacian(grey, cv2.CV_32F).var()))
        self._rehearsal.add(frame, picture, cuts)

    def finish(self, cuts: Iterable[int] = ()) -> FrameSignals:
        """The signals of all frames taken; cuts: those found at the end. Raises ValueError without any."""
        if self._first is None:
            raise ValueError("no frame was measured")
        span = FrameSpan(self._first, self._first + len(self._sharpness))
        return FrameSignals(span, np.array(self._sharpness), self._rehearsal.finish(cuts))
