"""Which policy places keyframes best, whether the suggested next one is, and whether trust tells the error.

    python benchmarks/keyframe_policies.py CLIPS --metric-weights DIR
    python benchmarks/keyframe_policies.py clip.mp4 --frames 31 --budgets 1,3 --only policies

CLIPS: a movie, a folder of frames, or a folder of both. Truth at 1/scale is the source, truth frames are the
keyframes. A frame of `lite` depends on its two nearest keyframes alone, so each such triple is rendered once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from printed_table import table

sys.path.insert(0, str(Path(__file__).parents[1]))

from bridge.errors import InvalidSettings
from sparkvsr_engine.core.cuts import CutDetector
from sparkvsr_engine.core.dependency import neighbours
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.keyframes import LEAST_SPACING, choose_keyframes, suggest_next
from sparkvsr_engine.core.measured import expected_error
from sparkvsr_engine.core.shots import shot_of, shots_of
from sparkvsr_engine.core.signals import FrameSignals, SignalMeter
from sparkvsr_engine.core.windows import Window
from sparkvsr_engine.evaluation.measures.fidelity import psnr_y
from sparkvsr_engine.evaluation.measures.weights import MetricWeights
from sparkvsr_engine.evaluation.protocol.clips import TruthClip, downscaled, find_clips, read_truth
from sparkvsr_engine.evaluation.protocol.restorers import FramesInMemory
from sparkvsr_engine.models.base import Guidance, KeyframePicture, Picture, RestoredFrame, ShotSettings
from sparkvsr_engine.models.lite.opening import open_lite
from sparkvsr_engine.models.lite.restorer import LiteShot

POLICIES = ("adaptive", "uniform", "random", "iframe", "ends")
RANDOM_SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class Judged:
    """One frame under its keyframes.

    trust: mean over the frame. told, saved: rank correlation over the frame, of the expected error and the
    true one, and of trust and what keyframes take away from the blind result's error.
    """

    psnr: float
    lpips: float
    trust: float
    told: float
    saved: float


class Bench:
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
        judged = [found for at, found in enumerate(self.judge(keyframes)) if at not in keyframes]
        return float(np.mean([j.psnr for j in judged])), float(np.mean([j.lpips for j in judged]))

    def iframes(self) -> list[int]:
        """I-frames of the clip's own file; none for pictures."""
        if self.path.is_dir():
            return []
        from sparkvsr_engine.media.movies.index import keyframe_packets

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
        told = ranked(expected_error(trust, unit(self.source[frame])), error)
        return Judged(psnr, lpips, float(trust.mean()), told, ranked(trust, without - error))


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
    found = np.full(shape, np.nan, np.float32)
    found[: cells.shape[0], : cells.shape[1]] = cells
    return found


def ranked(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Spearman's rank correlation of two maps or rows, ties sharing their mean rank."""
    known = np.isfinite(one) & np.isfinite(other)
    first, second = (ranks(values[known]) for values in (np.asarray(one), np.asarray(other)))
    if first.size < 3 or first.std() == 0 or second.std() == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def ranks(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mean rank of each value."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((ends - counts + ends - 1) / 2)[inverse]


def chosen(bench: Bench, policy: str, budget: int, seed: int = 0) -> list[int] | None:
    """The frames a policy takes; None where it cannot be carried out."""
    if policy == "ends":
        last = bench.span.last
        return [0] if budget == 1 else sorted({round(i * last / (budget - 1)) for i in range(budget)})
    signals = bench.signals.with_iframes(bench.iframes()) if policy == "iframe" else bench.signals
    try:
        found = choose_keyframes(policy, budget, bench.shots, signals, (), seed)
    except InvalidSettings:
        return None
    return [choice.frame for choice in found]


def policy_table(benches: Sequence[Bench], budgets: Sequence[int]) -> str:
    """Mean PSNR-Y and LPIPS of each policy at each budget, keyframes themselves left out."""
    rows: list[list[str]] = []
    for policy in POLICIES:
        cells = [policy_cell(benches, policy, budget) for budget in budgets]
        rows.append([policy, *cells])
    return table(["PSNR-Y / LPIPS", *(f"K = {budget}" for budget in budgets)], rows)


def policy_cell(benches: Sequence[Bench], policy: str, budget: int) -> str:
    seeds = RANDOM_SEEDS if policy == "random" else (0,)
    means = [
        bench.mean(frames)
        for bench in benches
        for seed in seeds
        if (frames := chosen(bench, policy, budget, seed)) and len(frames) == budget
    ]
    if not means:
        return "-"
    told = len(means) // len(seeds)
    missing = "" if told == len(benches) else f" ({told} clips)"
    psnr, lpips = np.mean(means, 0)
    return f"{psnr:.2f} / {lpips:.4f}{missing}"


def suggestion_rows(bench: Bench, step: int) -> list[list[str]]:
    """The suggested next keyframe beside every candidate, from different starts."""
    starts = {"first": [0], "middle": [len(bench.span) // 2], "ends": [0, bench.span.last]}
    rows: list[list[str]] = []
    for name, base in starts.items():
        choice = suggest_next(bench.shots, bench.signals, base)
        if choice is None:
            continue
        away = [at for at in bench.span if all(abs(at - key) >= LEAST_SPACING for key in base)]
        candidates = sorted({*away[step // 2 :: step], choice.frame})
        gained = {at: gain_of(bench, base, at) for at in candidates}
        order = sorted(candidates, key=gained.__getitem__, reverse=True)
        rank = order.index(choice.frame) + 1
        share = gained[choice.frame] / max(gained[order[0]], 1e-9)
        figures = [str(choice.frame), str(order[0]), f"{rank} of {len(order)}", f"{share:.2f}"]
        rows.append([bench.truth.name, name, *figures])
    return rows


def gain_of(bench: Bench, base: Sequence[int], frame: int) -> float:
    """What one more keyframe adds to the mean PSNR-Y over all frames but keyframes of either set."""
    before, after = bench.judge(base), bench.judge([*base, frame])
    others = [at for at in bench.span if at not in base and at != frame]
    return float(np.mean([after[at].psnr - before[at].psnr for at in others]))


def trust_rows(bench: Bench, budget: int) -> list[list[str]]:
    """How far trust tells the error, inside frames and from frame to frame."""
    keyframes = chosen(bench, "uniform", budget) or [0]
    judged = [found for at, found in enumerate(bench.judge(keyframes)) if at not in keyframes]
    told = float(np.nanmean([j.told for j in judged]))
    saved = float(np.nanmean([j.saved for j in judged]))
    frames = ranked(np.array([j.trust for j in judged]), np.array([j.psnr for j in judged]))
    return [[bench.truth.name, f"{told:.2f}", f"{saved:.2f}", f"{frames:.2f}"]]


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clips", type=Path)
    parser.add_argument("--frames", type=int, default=41)
    parser.add_argument("--scale", type=int, default=4)
    parser.add_argument("--budgets", default="1,2,3,5")
    parser.add_argument("--step", type=int, default=4, help="of the brute force's candidates")
    parser.add_argument("--weights", type=Path, default=None, help="other weights of lite's kind")
    parser.add_argument("--metric-weights", type=Path, default=None, help="folder with LPIPS' weights")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--only", default="policies,suggestions,trust")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    options = parse()
    budgets = [int(word) for word in options.budgets.split(",")]
    wanted = options.only.split(",")
    benches = [Bench(path, options) for path in find_clips(options.clips)]
    print(f"{len(benches)} clips, {options.frames} frames, x{options.scale}, true keyframes\n", flush=True)
    if "policies" in wanted:
        print(policy_table(benches, budgets) + "\n", flush=True)
    if "suggestions" in wanted:
        rows = [row for bench in benches for row in suggestion_rows(bench, options.step)]
        hits = sum(int(row[4].split()[0]) <= 2 for row in rows)
        print(table(["clip", "keyframes", "suggested", "best", "rank", "share of the best gain"], rows))
        print(f"\nbest or second best in {hits} of {len(rows)} cases\n", flush=True)
    if "trust" in wanted:
        rows = [row for bench in benches for row in trust_rows(bench, 3)]
        columns = ["clip", "expected ~ true error", "trust ~ error it saves", "frames: trust ~ PSNR"]
        print(table(columns, rows) + "\n\nSpearman's rank correlation; the first two are means over frames.")


if __name__ == "__main__":
    main()
