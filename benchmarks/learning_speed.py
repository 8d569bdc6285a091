"""What learning a shot takes: cutting its crops, and a step with its share of tests.

    python benchmarks/learning_speed.py CLIP --size 480x270 [--looks DIR] [--threads 1,2]

Seconds of the processor, which other programs matter little to, and by the clock.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.evaluation.protocol.clips import read_truth
from sparkvsr_engine.jobs.kernels import prepare_kernels
from sparkvsr_engine.media.buffering.frames_in_memory import FramesInMemory
from sparkvsr_engine.models.base import KeyframePicture, ShotSettings
from sparkvsr_engine.models.lite.learning.recipe import budget_of
from sparkvsr_engine.models.lite.opening import open_lite

FRAMES, STEPS = 31, 46


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("clip", type=Path)
    parser.add_argument("--size", default="480x270")
    parser.add_argument("--looks", type=Path, default=Path())
    parser.add_argument("--threads", default="1,2")
    options = parser.parse_args()
    width, height = (int(side) for side in options.size.split("x"))
    frames = [
        np.float32(1 / 255) * cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
        for frame in read_truth(options.clip, FRAMES, 1).frames
    ]
    for threads in options.threads.split(","):
        prepare_kernels(int(threads))
        print(f"{threads} threads: {costs_of(frames, Geometry.scaled(width, height, 4), options.looks)}")


def costs_of(frames: list[Pixels], geometry: Geometry, looks: Path) -> str:
    """Learn from three keyframes for a few steps."""
    reader = FramesInMemory(frames, FrameSpan(0, FRAMES))
    pictures = {
        frame: KeyframePicture(frame, cv2.resize(frames[frame], None, fx=4, fy=4), str(frame))
        for frame in (0, FRAMES // 2, FRAMES - 1)
    }
    marks: list[tuple[int, float, float]] = [(-1, time.process_time(), time.perf_counter())]
    with tempfile.TemporaryDirectory() as folder:
        open_lite("cpu").learn(
            reader,
            geometry,
            ShotSettings(damage=1.0),
            sorted(pictures),
            pictures.__getitem__,
            replace(budget_of(1, looks), steps=STEPS),
            Path(folder) / "state",
            lambda done, *_: marks.append((done, time.process_time(), time.perf_counter())),
        )
    first = next(mark for mark in marks if mark[0] == 1)
    cut, last = [mark for mark in marks if mark[0] == 0][-1], marks[-1]
    crops = [there - here for here, there in zip(marks[0][1:], cut[1:], strict=True)]
    step = [(there - here) / (last[0] - 1) for here, there in zip(first[1:], last[1:], strict=True)]
    return (
        f"crops {crops[0]:.2f} s of processor, {crops[1]:.2f} s by the clock;"
        f" a step {step[0]:.3f} s, {step[1]:.3f} s"
    )


if __name__ == "__main__":
    main()
