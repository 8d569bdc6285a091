"""One look at every frame of a source: cuts, and what keyframe policies need to know.

The source is decoded once for both, and what was found is kept beside the cache under the source's
identity: the next job, preview or suggestion on the same clip starts at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sparkvsr_engine.core.cuts import CutDetector
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.shots import shots_of
from sparkvsr_engine.core.signals import FrameSignals, SignalMeter
from sparkvsr_engine.jobs.digest import digest_of
from sparkvsr_engine.jobs.footage import Footage
from sparkvsr_engine.media.base import ClipInfo

# Raised when the same frames are measured differently.
ANALYSIS_VERSION = 1
LONGEST_SIDE = 640


@dataclass(frozen=True, eq=False)
class Analysis:
    """What was found in a range of a source."""

    span: FrameSpan
    cuts: tuple[int, ...]
    signals: FrameSignals

    @property
    def shots(self) -> list[FrameSpan]:
        """The shots of the range."""
        return shots_of(self.span, self.cuts)

    def signals_in(self, span: FrameSpan) -> FrameSignals:
        """The signals of a part of the range."""
        inside = slice(span.start - self.span.start, span.stop - self.span.start)
        found = self.signals
        return FrameSignals(
            span, found.sharpness[inside], found.motion[inside], found.propagation_confidence[inside]
        )


def analyse(
    footage: Footage, span: FrameSpan, folder: Path, on_frame: Callable[[int], None] | None = None
) -> Analysis:
    """Cuts and signals of `span`; from `folder` when they were found before.

    on_frame: called after each frame with how many are done; may raise to stop.
    """
    path = _path(footage.info, span, folder)
    known = _load(path)
    if known is not None:
        return known
    detector, meter = CutDetector(float(footage.info.rate or 24)), SignalMeter()
    cuts: list[int] = []
    for done, frame in enumerate(span, 1):
        picture = footage.thumbnail(frame, LONGEST_SIDE)
        cuts += detector.add(frame, picture)
        meter.add(frame, picture)
        if on_frame is not None:
            on_frame(done)
    cuts += detector.finish()
    found = Analysis(span, tuple(sorted(cuts)), meter.finish())
    _save(path, found)
    return found


def known_analysis(info: ClipInfo, span: FrameSpan, folder: Path) -> Analysis | None:
    """What was found in `span` before; None when it was not looked at, or that was forgotten."""
    return _load(_path(info, span, folder))


def _path(info: ClipInfo, span: FrameSpan, folder: Path) -> Path:
    key = digest_of("analysis", version=ANALYSIS_VERSION, source=info.identity, span=[span.start, span.stop])
    return folder / f"{key}.json"


def _save(path: Path, found: Analysis) -> None:
    signals = found.signals
    data: dict[str, Any] = {
        "span": [found.span.start, found.span.stop],
        "cuts": list(found.cuts),
        "sharpness": signals.sharpness.tolist(),
        "motion": signals.motion.tolist(),
        "confidence": signals.propagation_confidence.tolist(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(data), encoding="utf-8")
    partial.replace(path)


def _load(path: Path) -> Analysis | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        span = FrameSpan(*data["span"])
        sharpness, motion, confidence = (
            np.array(data[name], np.float64) for name in ("sharpness", "motion", "confidence")
        )
        return Analysis(span, tuple(data["cuts"]), FrameSignals(span, sharpness, motion, confidence))
    except (OSError, ValueError, KeyError, TypeError):
        return None
