"""What learning a shot takes, in processor seconds: cutting its crops, and a step.

    python benchmarks/learning_speed.py CLIP --size 480x270 [--looks DIR]

Counts the process's own time, so that other programs matter little.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.evaluation.protocol.clips import read_truth
from sparkvsr_engine.evaluation.protocol.restorers import FramesInMemory
from sparkvsr_engine.models.base import KeyframePicture, ShotSettings
from sparkvsr_engine.models.lite.learning.recipe import budget_of
from sparkvsr_engine.models.lite.opening import open_lite

FRAMES, STEPS = 31, 10


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("clip", type=Path)
    parser.add_argument("--size", default="480x270")
    parser.add_argument("--looks", type=Path, default=Path())
    options = parser.parse_args()
    width, height = (int(side) for side in options.size.split("x"))
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    frames = [
        cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
        for frame in read_truth(options.clip, FRAMES, 1).frames
    ]
    reader = FramesInMemory(frames, FrameSpan(0, FRAMES))
    pictures = {
        frame: KeyframePicture(
            frame, np.float32(1 / 255) * cv2.resize(frames[frame], None, fx=4, fy=4), str(frame)
        )
        for frame in (0, FRAMES // 2, FRAMES - 1)
    }
    marks: list[tuple[int, float]] = []
    budget = replace(budget_of(1, options.looks), steps=STEPS)
    started = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        open_lite("cpu").learn(
            reader,
            Geometry.scaled(width, height, 4),
            ShotSettings(damage=1.0),
            sorted(pictures),
            pictures.__getitem__,
            budget,
            Path(folder) / "state",
            lambda done, *_: marks.append((done, time.process_time())),
        )
    first = next(at for done, at in marks if done == 1)
    last_of_cutting = [at for done, at in marks if done == 0][-1]
    last = marks[-1]
    print(f"crops {last_of_cutting - started:.2f} s, a step {(last[1] - first) / (last[0] - 1):.3f} s")


if __name__ == "__main__":
    main()
