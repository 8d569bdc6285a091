"""Every generated scene at every scale: without keyframes, with true ones, with those of each bundled model.

    python benchmarks/graphics_bound.py --scenes 304 --scales 1,1.5,2,3,4,6

Prints for each combination how many scenes have a pixel beyond the bound (`models/source_bound.py`) or a
value that is no number: both have to be 0.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import cv2
import numpy as np
import torch

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.evaluation.graphics.measuring import (
    FRAME,
    KEYFRAME,
    GraphicsTask,
    by_image_model,
    by_restorer,
    share_outside,
    task_of,
    true_keyframe,
)
from sparkvsr_engine.evaluation.graphics.scenes import GraphicsScene, draw_scene
from sparkvsr_engine.models.isr.registry import open_isr
from sparkvsr_engine.models.lite.opening import open_lite

MODELS = ("crisp", "balanced", "realesr-animevideov3", "span-x4", "span-x2")
Keyframe = Callable[[GraphicsScene, float], Picture | None]


def made_by(name: str) -> Keyframe:
    model = by_image_model(open_isr(name, "cpu"))

    def keyframe(scene: GraphicsScene, scale: float) -> Picture:
        task = task_of(scene, scale)
        return model(GraphicsTask({FRAME: task.frames[KEYFRAME]}, {}, task.geometry, task.is_light))

    return keyframe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=304)
    parser.add_argument("--scales", default="1,1.5,2,3,4,6")
    parser.add_argument("--keyframes", default=",".join(("none", "true", *MODELS)))
    parser.add_argument("--rows", type=int, default=27, help="of the source")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    restore = by_restorer(open_lite("cpu"))
    kinds: dict[str, Keyframe] = {"none": lambda *_: None, "true": true_keyframe}
    for name in options.keyframes.split(","):
        keyframe = kinds[name] if name in kinds else made_by(name)
        for scale in map(float, options.scales.split(",")):
            beyond = broken = 0
            for seed in range(options.scenes):
                scene = draw_scene(seed, options.rows, options.rows * 16 // 9)
                task = task_of(scene, scale, keyframe(scene, scale))
                result = restore(task)
                broken += not np.isfinite(result).all()
                beyond += share_outside(task, result) > 0
            counts = f"{beyond} beyond, {broken} not finite"
            print(f"{name:22} x{scale:<4g} {options.scenes} scenes: {counts}", flush=True)


if __name__ == "__main__":
    main()
