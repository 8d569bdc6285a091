"""A clip whose frames are rendered under any keyframes and judged against the truth.

Truth at 1/scale is the source, truth frames are the keyframes. A frame of `lite` depends on its two nearest
keyframes alone, so each such triple is rendered once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(1, str(Path(__file__).parents[1] / "bridge"))

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.core.cuts import CutDetector
from sparkvsr_engine.core.dependency import neighbours
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.keyframe_choice.expected_error import expected_error
from sparkvsr_engine.core.keyframe_choice.signals import FrameSignals, SignalMeter
from sparkvsr_engine.core.shots import shot_of, shots_of
from sparkvsr_engine.core.windows import Window
from sparkvsr_engine.evaluation.measures.fidelity import psnr_y
from sparkvsr_engine.evaluation.measures.weights import MetricWeights
from sparkvsr_engine.evaluation.protocol.clips import TruthClip, downscaled, read_truth
from sparkvsr_engine.media.buffering.frames_in_memory import FramesInMemory
from sparkvsr_engine.models.base import Guidance, KeyframePicture, RestoredFrame, ShotSettings
from sparkvsr_engine.models.lite.opening import open_lite
from sparkvsr_engine.models.lite.restorer import LiteShot


@dataclass(frozen=True)
class Judged:
    """One frame under its keyframes.

    trust: mean over the frame. expected, saved: rank correlation over the frame, of the expected error and
    the true one, and of trust and what keyframes take away from the blind result's error.
    """

    psnr: float
    lpips: float
    trust: float
    expected: float
    saved: float


class JudgedClip:
    """One clip: renders frames under any two keyframes and judges them against the truth."""

    def __init__(self, path: Path, options: argparse.Namespace) -> None:
        self.path = path
        self.truth: TruthClip = read_truth(path, options.frames, options.scale)
        self.source = downscaled(self.truth, options.scale)
        self.span = FrameSpan(0, len(self.truth.frames))
        self.shots, self.signals = looked_at(self.source)
        width, height = self.truth.size
        self._geometry = Geometry(width // options.scale, height // options.scale, width, height)
        self._restorer = open_lite(options.device, options.weights)
        self._open: dict[FrameSpan, LiteShot] = {}
        self._judged: dict[tuple[int, int | None, int | None], Judged] = {}
        self._lpips = lpips_of(options.metric_weights)

    def judge(self, keyframes: Sequence[int]) -> list[Judged]:
        """Every frame of the clip under these keyframes."""
        named = sorted(keyframes)
        return [self._frame(frame, *neighbours(frame, named, self._shot(frame))) for frame in self.span]

    def mean(self, keyframes: Sequence[int]) -> tuple[float, float]:
        """Mean PSNR-Y and LPIPS over the frames that are no keyframe themselves."""
        judged = [verdict for at, verdict in enumerate(self.judge(keyframes)) if at not in keyframes]
        return float(np.mean([j.psnr for j in judged])), float(np.mean([j.lpips for j in judged]))

    def iframes(self) -> list[int]:
        """I-frames of the clip's own file; none for pictures."""
        if self.path.is_dir():
            return []
        from sparkvsr_engine.media.movies.frame_index.reading import keyframe_packets

        return [frame for frame in keyframe_packets(self.path) if frame in self.span]

    def _shot(self, frame: int) -> FrameSpan:
        return shot_of(frame, self.shots)

    def _frame(self, frame: int, before: int | None, after: int | None) -> Judged:
        key = (frame, before, after)
        if key not in self._judged:
            self._judged[key] = self._measure(frame, [at for at in (before, after) if at is not None])
        return self._judged[key]

    def _measure(self, frame: int, keyframes: list[int]) -> Judged:
        shot = self._shot(frame)
        if shot not in self._open:
            self._open[shot] = self._restorer.open_shot(
                FramesInMemory(self.source, shot), self._geometry, ShotSettings(), lambda: False
            )
        work = self._open[shot]
        span = FrameSpan(frame, frame + 1)
        window = Window(span, span.widened(self._restorer.traits.context_frames, shot), tuple(keyframes))
        source = work.encode_source(window)
        states = [work.encode_keyframe(self._keyframe(at)) for at in keyframes]
        prediction = work.predict(window, source, states)
        restored, blind = (work.decode(prediction, source, Guidance(value))[0] for value in (1.0, 0.0))
        return self._verdict(frame, restored, blind)

    def _keyframe(self, frame: int) -> KeyframePicture:
        return KeyframePicture(frame, unit(self.truth.frames[frame]), str(frame))

    def _verdict(self, frame: int, restored: RestoredFrame, blind: RestoredFrame) -> Judged:
        truth = self.truth.frames[frame]
        picture = np.clip(restored.pixels, 0, 1)
        lpips = self._lpips(picture, truth)
        psnr = psnr_y(picture, truth)
        if restored.confidence is None or restored.confidence.min() == restored.confidence.max():
            trust = 0.0 if restored.confidence is None else float(restored.confidence.mean())
            return Judged(psnr, lpips, trust, float("nan"), float("nan"))
        trust = restored.confidence
        error, without = (per_cell(f.pixels, unit(truth), trust.shape) for f in (restored, blind))
        rank_correlation = ranked(expected_error(trust, unit(self.source[frame])), error)
        return Judged(psnr, lpips, float(trust.mean()), rank_correlation, ranked(trust, without - error))


def looked_at(frames: Sequence[NDArray[np.uint8]]) -> tuple[list[FrameSpan], FrameSignals]:
    """Shots and signals as a job's analysis finds them."""
    detector, meter = CutDetector(), SignalMeter()
    cuts: list[int] = []
    for number, frame in enumerate(frames):
        fresh = detector.add(number, frame)
        meter.add(number, frame, fresh)
        cuts += fresh
    last = detector.finish()
    return shots_of(FrameSpan(0, len(frames)), cuts + last), meter.finish(last)


def lpips_of(weights: Path | None) -> Callable[[Picture, NDArray[np.uint8]], float]:
    """LPIPS where its weights are, else nothing."""
    if weights is None:
        return lambda _, __: float("nan")
    from sparkvsr_engine.evaluation.measures.perceptual import Lpips

    measure = Lpips(MetricWeights(weights).path("lpips_alexnet.safetensors")).measure
    return lambda result, truth: measure(np.rint(result * 255).astype(np.uint8), truth)


def unit(frame: NDArray[np.uint8]) -> Picture:
    return np.ascontiguousarray(frame, np.float32) / np.float32(255)


def per_cell(picture: Picture, truth: Picture, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Mean absolute difference per cell of a map; a rest that fills no cell is left out."""
    cell = -(-picture.shape[0] // shape[0])
    difference = np.abs(picture - truth).mean(-1)
    high, wide = difference.shape[0] // cell * cell, difference.shape[1] // cell * cell
    cells = difference[:high, :wide].reshape(high // cell, cell, wide // cell, cell).mean((1, 3))
    values = np.full(shape, np.nan, np.float32)
    values[: cells.shape[0], : cells.shape[1]] = cells
    return values


def ranked(left: NDArray[np.floating], right: NDArray[np.floating]) -> float:
    """Spearman's rank correlation of two maps or rows, ties sharing their mean rank."""
    finite = np.isfinite(left) & np.isfinite(right)
    first, second = (ranks(values[finite]) for values in (np.asarray(left), np.asarray(right)))
    if first.size < 3 or first.std() == 0 or second.std() == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def ranks(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mean rank of each value."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((ends - counts + ends - 1) / 2)[inverse]


def add_clip_options(parser: argparse.ArgumentParser) -> None:
    """Which clips, how much of them, under which weights."""
    parser.add_argument("clips", type=Path)
    parser.add_argument("--frames", type=int, default=31)
    parser.add_argument("--scale", type=int, default=4)
    parser.add_argument("--weights", type=Path, default=None, help="other weights of lite's kind")
    parser.add_argument("--metric-weights", type=Path, default=None, help="folder with LPIPS' weights")
    parser.add_argument("--device", default="auto")
