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

from sparkvsr_engine.core.cuts import CutDetector
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.rehearsal import Rehearsal
from sparkvsr_engine.core.shots import shots_of
from sparkvsr_engine.core.signals import FrameSignals, SignalMeter
from sparkvsr_engine.jobs.digest import digest_of
from sparkvsr_engine.jobs.footage import Footage
from sparkvsr_engine.media.base import ClipInfo

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


def analyse(
    footage: Footage, span: FrameSpan, folder: Path, on_frame: Callable[[int], None] | None = None
) -> Analysis:
    """Cuts and signals of `span`; from `folder` when they were found before.

    on_frame: called after each frame with how many are done; may raise to stop.
    """
    path = _path(footage.info, span, folder)
    known = _load(path)
    if known is not None:
        if known.concealed:
            # Where damage is to end the job it ends it now; else it is seen once more, for those who ask the
            # footage.
            for frame in known.concealed:
                footage.frame(frame)
        return known
    detector, meter = CutDetector(float(footage.info.rate or 24)), SignalMeter()
    cuts: list[int] = []
    for done, frame in enumerate(span, 1):
        picture = footage.thumbnail(frame, LONGEST_SIDE)
        fresh = detector.add(frame, picture)
        meter.add(frame, picture, fresh)
        cuts += fresh
        if on_frame is not None:
            on_frame(done)
    last = detector.finish()
    concealed = tuple(sorted(frame for frame in footage.concealed if frame in span))
    found = Analysis(span, tuple(sorted(cuts + last)), meter.finish(last), concealed, footage.holds_fields)
    _save(path, found)
    return found


def known_analysis(info: ClipInfo, span: FrameSpan, folder: Path) -> Analysis | None:
    """What was found in `span` before; None when it was not looked at, or that was forgotten."""
    return _load(_path(info, span, folder))


def _path(info: ClipInfo, span: FrameSpan, folder: Path) -> Path:
    key = digest_of("analysis", version=ANALYSIS_VERSION, source=info.identity, span=[span.start, span.stop])
    return folder / f"{key}.npz"


def _save(path: Path, found: Analysis) -> None:
    rehearsal = found.signals.rehearsal
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez_compressed(
            file,
            span=np.array([found.span.start, found.span.stop]),
            cuts=np.array(found.cuts, np.int64),
            concealed=np.array(found.concealed, np.int64),
            holds_fields=np.array(found.holds_fields),
            sharpness=found.signals.sharpness,
            frames=rehearsal.frames,
            detail=rehearsal.detail,
            near=rehearsal.near,
            pairs=rehearsal.pairs,
            lacking=rehearsal.lacking,
        )
    partial.replace(path)


def _load(path: Path) -> Analysis | None:
    try:
        with np.load(path) as data:
            span = FrameSpan(*data["span"].tolist())
            found = [data[name] for name in ("frames", "detail", "near", "pairs", "lacking")]
            rehearsal = Rehearsal(*found)
            signals = FrameSignals(span, data["sharpness"], rehearsal)
            cuts, concealed = tuple(data["cuts"].tolist()), tuple(data["concealed"].tolist())
            return Analysis(span, cuts, signals, concealed, bool(data["holds_fields"]))
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None
