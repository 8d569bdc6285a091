"""The shot around one frame, found without looking at the whole source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.cuts import CutDetector
from sparkvsr_engine.core.dependency import neighbours
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.keyframe_choice.signals import FrameSignals
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.jobs.plans.analysis import Analysis, look_through, stored_analysis
from sparkvsr_engine.jobs.plans.footage import Footage
from sparkvsr_engine.jobs.plans.planning import HANDLE_FRAMES, analysed_span


class Neighbourhood:
    """Cuts around frames of one source; what was looked at last is remembered.

    folder: where analyses of whole sources are kept.
    """

    def __init__(self, footage: Footage, folder: Path) -> None:
        self._footage = footage
        self._folder = folder
        self._seen: Analysis | None = None

    def around(self, frame: int, keyframes: Sequence[int] | None, control: Control) -> Analysis:
        """Cuts of the whole source where they are known, else those up to the nearest keyframes on either
        side (None: all of the source). Signals are not measured.

        Args:
            frame: its number.
            keyframes: frames, None where the policy is not known to use any.
            control: checked before each frame that is analysed.
        """
        whole = analysed_span(self._footage.info)
        neighbourhood = _around(whole, frame, keyframes)
        if self._seen is None or neighbourhood.intersection(self._seen.span) != neighbourhood:
            analysis = stored_analysis(self._footage.info, whole, self._folder)
            self._seen = analysis or Analysis(*_looked_at(self._footage, neighbourhood, frame, control))
        return self._seen


def _around(whole: FrameSpan, frame: int, keyframes: Sequence[int] | None) -> FrameSpan:
    if keyframes is None:
        return whole
    near = [frame, *(at for at in neighbours(frame, sorted(keyframes), whole) if at is not None)]
    return FrameSpan(min(near), max(near) + 1).widened(HANDLE_FRAMES, whole)


def _looked_at(
    footage: Footage, span: FrameSpan, frame: int, control: Control
) -> tuple[FrameSpan, tuple[int, ...], FrameSignals]:
    looking = _Looking(float(footage.info.rate or 24), control)
    seen = look_through(footage, span, FrameSpan(frame, frame + 1), looking.begin, looking.see)
    return seen, looking.cuts(), FrameSignals.unmeasured(seen)


class _Looking:
    """Cuts among frames that are shown in order."""

    def __init__(self, rate: float, control: Control) -> None:
        self._rate, self._control = rate, control
        self.begin()

    def begin(self) -> None:
        self._detector = CutDetector(self._rate)
        self._cuts: list[int] = []

    def see(self, frame: int, picture: NDArray[np.uint8]) -> None:
        self._control.check()
        self._cuts += self._detector.add(frame, picture)

    def cuts(self) -> tuple[int, ...]:
        return tuple(sorted([*self._cuts, *self._detector.finish()]))
