"""One look at every frame of a source: cuts, and what keyframe policies need to know.

The source is decoded once for both, and what was found is kept beside the cache under the source's
identity, in one file: the next job, preview or suggestion on the same clip starts at once.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.errors import MediaUnreadable
from sparkvsr_engine.core.cuts import CutDetector
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.keyframe_choice.propagation_stats import PropagationStats
from sparkvsr_engine.core.keyframe_choice.signals import FrameSignals, SignalMeter
from sparkvsr_engine.core.shots import shots_of
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.jobs.plans.footage import Footage
from sparkvsr_engine.jobs.storage.digest import digest_of
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.storage.whole_files import written_whole

# Raised when the same frames are measured differently.
ANALYSIS_VERSION = 3
LONGEST_SIDE = 640


@dataclass(frozen=True, eq=False)
class Analysis:
    """What was found in a range of a source.

    concealed: frames that cannot be decoded. holds_fields: whether any frame is marked as two fields.
    """

    span: FrameSpan
    cuts: tuple[int, ...]
    signals: FrameSignals
    concealed: tuple[int, ...] = ()
    holds_fields: bool = False

    @property
    def shots(self) -> list[FrameSpan]:
        """The shots of the range."""
        return shots_of(self.span, self.cuts)


def analyse(footage: Footage, span: FrameSpan, folder: Path, control: Control) -> Analysis:
    """Cuts and signals of `span`; from `folder` when they were found before.

    Frames beyond the ones asked for only help: those that cannot be read are left out, with what is behind.

    Args:
        footage: reads the source in model space.
        span: the frames.
        folder: of stored analyses.
        control: checked before the first frame and after each; gets the progress.
    """
    _report(control, 0, len(span))
    path = _path(footage.info, span, folder)
    stored = _load(path)
    if stored is not None:
        if stored.concealed:
            # Where damage is to end the job it ends it now; else it is seen once more, for those who ask the
            # footage.
            for frame in stored.concealed:
                footage.frame(frame)
        return stored
    measuring = _Measuring(float(footage.info.rate or 24), len(span), control)
    analysis = measuring.of(
        footage, look_through(footage, span, footage.info.span, measuring.begin, measuring.see)
    )
    _save(path, analysis)
    return analysis


def look_through(
    footage: Footage,
    span: FrameSpan,
    needed: FrameSpan,
    begin: Callable[[], None],
    see: Callable[[int, NDArray[np.uint8]], None],
) -> FrameSpan:
    """Show the frames of `span` in order, small; returns those that were seen since the last beginning.

    Frames outside `needed` only help: where one cannot be read, those before it are forgotten, or those
    behind it left out.

    Args:
        footage: reads the source in model space.
        span: the frames.
        needed: frames that must be readable.
        begin: called before the first frame, and where all seen so far is forgotten.
        see: called with a frame's number and picture, uint8 [h, w, 3].
    """
    begin()
    start = span.start
    for frame in span:
        picture = _thumbnail(footage, frame, is_needed=frame in needed)
        if picture is None:
            if frame > needed.last:
                return FrameSpan(start, frame)
            start = frame + 1
            begin()
            continue
        see(frame, picture)
    return FrameSpan(start, span.stop)


def _thumbnail(footage: Footage, frame: int, is_needed: bool) -> NDArray[np.uint8] | None:
    """A frame, small; None for one that is of no help as it is damaged, missing or of another kind."""
    try:
        picture = footage.thumbnail(frame, LONGEST_SIDE)
    except MediaUnreadable:
        if is_needed:
            raise
        return None
    return picture if is_needed or frame not in footage.concealed else None


def _report(control: Control, done: int, total: int) -> None:
    control.check()
    control.progress("analysing", done, total)


class _Measuring:
    """Cuts and signals of frames that are shown in order."""

    def __init__(self, rate: float, total: int, control: Control) -> None:
        self._rate = rate
        self._total = total
        self._control = control
        self._done = 0
        self.begin()

    def begin(self) -> None:
        self._detector, self._meter = CutDetector(self._rate), SignalMeter()
        self._cuts: list[int] = []

    def see(self, frame: int, picture: NDArray[np.uint8]) -> None:
        fresh = self._detector.add(frame, picture)
        self._meter.add(frame, picture, fresh)
        self._cuts += fresh
        self._done += 1
        _report(self._control, self._done, self._total)

    def of(self, footage: Footage, span: FrameSpan) -> Analysis:
        last = self._detector.finish()
        cuts, signals = tuple(sorted(self._cuts + last)), self._meter.finish(last)
        concealed = tuple(sorted(frame for frame in footage.concealed if frame in span))
        return Analysis(span, cuts, signals, concealed, footage.holds_fields)


def stored_analysis(info: ClipInfo, span: FrameSpan, folder: Path) -> Analysis | None:
    """What was found in `span` before; None when it was not looked at, or that was forgotten.

    Args:
        info: the source as its headers describe it.
        span: the frames.
        folder: of stored analyses.
    """
    return _load(_path(info, span, folder))


def _path(info: ClipInfo, span: FrameSpan, folder: Path) -> Path:
    reading = {"reading": info.reading} if info.reading else {}
    edges = [span.start, span.stop]
    key = digest_of("analysis", version=ANALYSIS_VERSION, source=info.identity, span=edges, **reading)
    return folder / f"{key}.npz"


def _save(path: Path, analysis: Analysis) -> None:
    propagation = analysis.signals.propagation
    with written_whole(path, is_shared=True) as partial, partial.open("wb") as file:
        np.savez_compressed(
            file,
            span=np.array([analysis.span.start, analysis.span.stop]),
            cuts=np.array(analysis.cuts, np.int64),
            concealed=np.array(analysis.concealed, np.int64),
            holds_fields=np.array(analysis.holds_fields),
            sharpness=analysis.signals.sharpness,
            frames=propagation.frames,
            detail=propagation.detail,
            near=propagation.near,
            pairs=propagation.pairs,
            lacking=propagation.lacking,
        )


def _load(path: Path) -> Analysis | None:
    try:
        with np.load(path) as data:
            span = FrameSpan(*data["span"].tolist())
            arrays = [data[name] for name in ("frames", "detail", "near", "pairs", "lacking")]
            propagation = PropagationStats(*arrays)
            signals = FrameSignals(span, data["sharpness"], propagation)
            cuts, concealed = tuple(data["cuts"].tolist()), tuple(data["concealed"].tolist())
            return Analysis(span, cuts, signals, concealed, bool(data["holds_fields"]))
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None
