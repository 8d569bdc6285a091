"""Quality of a damaged shot by how long it is learnt, and learning's share of a job.

    python benchmarks/learning_curve.py CLIP --size 480x270 --metric-weights DIR [--isr crisp]

The clip is reduced to the size and damaged as `evaluate --cases isr` does. Its output is twice that, or the
clip's own size where that is less; an image model makes three keyframes. Means of eight frames between the
keyframes, the image model's own below them. Clock times hold where nothing else runs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
from printed_table import table

from sparkvsr_engine.core.arrays import BytePicture, Picture, Pixels
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.evaluation.metrics import MetricOptions, MetricWeights
from sparkvsr_engine.evaluation.pixels import to_eight_bits, to_unit
from sparkvsr_engine.evaluation.protocol.restorers import learn_shot
from sparkvsr_engine.evaluation.scores import summarise
from sparkvsr_engine.evaluation.streams import MetricKit
from sparkvsr_engine.jobs.running.in_memory import ShotInMemory, restore_parts
from sparkvsr_engine.models.base import ShotSettings
from sparkvsr_engine.models.isr.registry import open_isr
from sparkvsr_engine.models.isr.upscaler import ImageUpscaler, make_keyframe
from sparkvsr_engine.models.lite.learning.recipe import budget_of
from sparkvsr_engine.models.lite.opening import open_lite
from sparkvsr_engine.training.degradation.chain import degrade

FRAMES, KEYFRAMES = 31, (0, 15, 30)
MEASURED = (2, 5, 8, 12, 18, 22, 25, 28)
MOST_SCALE = 2.0
STRENGTH, SEED = 0.5, (20_260_317, 0)
JOB_FRAMES = 120
METRICS = ("psnr_y", "lpips", "dists")


@dataclass(frozen=True, eq=False)
class Trial:
    """A damaged shot, its truth, and what measures results; frames are uint8."""

    truth: list[BytePicture]
    shot: ShotInMemory
    kit: MetricKit

    def scores(self, results: Iterable[Pixels]) -> dict[str, float]:
        """Means over the measured frames."""
        stream = self.kit.open_stream()
        for frame, result in zip(MEASURED, results, strict=True):
            stream.feed(frame, np.clip(result, 0, 1), self.truth[frame], self.shot.frames[frame])
        return summarise(stream.rows, ())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("clip", type=Path)
    parser.add_argument("--size", default="480x270")
    parser.add_argument("--metric-weights", type=Path, required=True)
    parser.add_argument("--isr", default="crisp")
    parser.add_argument("--seconds", default="0,5,15,30,60,120")
    options = parser.parse_args()
    width, height = (int(side) for side in options.size.split("x"))
    upscaler = open_isr(options.isr, "cpu")
    kit = MetricKit(MetricOptions(MetricWeights(options.metric_weights), METRICS))
    trial = trial_of(options.clip, width, height, upscaler, kit)
    rows = [row_of(trial, float(seconds), options.metric_weights) for seconds in options.seconds.split(",")]
    geometry = trial.shot.geometry
    size = geometry.width, geometry.height
    pictures = (upscaled(upscaler, trial.shot.frames[frame], size) for frame in MEASURED)
    rows.append([upscaler.name, *shown(trial.scores(pictures)), "", "", ""])
    print(f"{options.clip.stem}, {width}x{height} to {geometry.width}x{geometry.height}")
    print(table(("seconds", *METRICS, "learning s", "s a frame", "share of the job"), rows))


def trial_of(clip: Path, width: int, height: int, upscaler: ImageUpscaler, kit: MetricKit) -> Trial:
    """The clip at the output's size as truth, and damaged at the source's."""
    frames = list(islice(frames_of(clip), FRAMES))
    rows, columns = frames[0].shape[:2]
    scale = min(MOST_SCALE, columns / width, rows / height)
    size = (round(width * scale), round(height * scale))
    truth = [np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8) for frame in frames]
    damaged = degrade(truth, width, height, np.random.default_rng(SEED), strength=STRENGTH)
    source = [to_unit(frame) for frame in damaged]
    keyframes = {frame: upscaled(upscaler, source[frame], size) for frame in KEYFRAMES}
    geometry = Geometry(width, height, *size)
    return Trial(truth, ShotInMemory(source, FrameSpan(0, FRAMES), geometry, keyframes), kit)


def row_of(trial: Trial, seconds: float, metrics: Path) -> list[str]:
    """Learn for so long, render the measured frames: quality, times, share of a job of 120 frames."""
    restorer = open_lite("cpu")
    shot, started = trial.shot, time.perf_counter()
    if seconds:
        content = learn_shot(restorer, shot, budget_of(seconds, metrics))
        shot = replace(shot, settings=ShotSettings(learnt=content))
    learnt = time.perf_counter() - started
    started = time.perf_counter()
    spans = [FrameSpan(frame, frame + 1) for frame in MEASURED]
    results = [restored.pixels for restored in restore_parts(restorer, shot, spans)]
    rendering = (time.perf_counter() - started) / len(results)
    job = learnt + JOB_FRAMES * rendering
    times = (f"{learnt:.0f}", f"{rendering:.2f}", f"{learnt / job:.0%}")
    return [f"{seconds:g}", *shown(trial.scores(results)), *times]


def upscaled(upscaler: ImageUpscaler, source: Picture, size: tuple[int, int]) -> Picture:
    """A source frame by the image model, as a file of 8 bits holds it."""
    return to_unit(to_eight_bits(make_keyframe(upscaler, source, *size)))


def shown(scores: dict[str, float]) -> list[str]:
    """As cells of the table."""
    return [f"{scores[name]:.3f}" for name in METRICS]


def frames_of(clip: Path) -> Iterator[BytePicture]:
    """Of a movie, uint8 [H, W, 3], at their own size."""
    with av.open(str(clip)) as container:
        for frame in container.decode(video=0):
            yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


if __name__ == "__main__":
    main()
