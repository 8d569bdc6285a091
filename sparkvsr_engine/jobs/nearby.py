"""The shot around one frame, found without looking at the whole source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from sparkvsr_engine.core.cuts import CutDetector
from sparkvsr_engine.core.dependency import neighbours
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.signals import FrameSignals
from sparkvsr_engine.jobs.analysis import LONGEST_SIDE, Analysis, known_analysis
from sparkvsr_engine.jobs.footage import Footage
from sparkvsr_engine.jobs.planning import HANDLE_FRAMES, analysed_span


def shots_near(
    footage: Footage,
    frame: int,
    keyframes: Sequence[int] | None,
    folder: Path,
    between: Callable[[], None],
) -> Analysis:
    """Cuts around a frame: those of the whole source where they are known, else those up to the nearest
    keyframes on either side (None: all of the source). Signals are not measured.

    folder: where analyses are kept. between: called before each frame that is looked at; raises to stop.
    """
    whole = analysed_span(footage.info)
    known = known_analysis(footage.info, whole, folder)
    if known is not None:
        return known
    return Analysis(*_looked_at(footage, _around(whole, frame, keyframes), between))


def _around(whole: FrameSpan, frame: int, keyframes: Sequence[int] | None) -> FrameSpan:
    if keyframes is None:
        return whole
    near = [frame, *(at for at in neighbours(frame, sorted(keyframes), whole) if at is not None)]
    return FrameSpan(min(near), max(near) + 1).widened(HANDLE_FRAMES, whole)


def _looked_at(
    footage: Footage, span: FrameSpan, between: Callable[[], None]
) -> tuple[FrameSpan, tuple[int, ...], FrameSignals]:
    detector = CutDetector(float(footage.info.rate or 24))
    cuts: list[int] = []
    for at in span:
        between()
        cuts += detector.add(at, footage.thumbnail(at, LONGEST_SIDE))
    return span, tuple(sorted([*cuts, *detector.finish()])), FrameSignals.unmeasured(span)
