"""A program that learns a tiny shot, killed with SIGKILL at the first sight of a step, or never.

`python killed_learning.py FOLDER STEP`, a step of -1 kills nobody. Writes the digest of what was learnt.
"""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.base import KeyframePicture, ShotSettings
from sparkvsr_engine.models.learnt import LearningBudget
from sparkvsr_engine.models.lite.learning import teaching
from sparkvsr_engine.models.lite.planner import LitePlanner
from sparkvsr_engine.models.lite.restorer import LiteRestorer
from sparkvsr_engine.models.lite.weight_mixer import LiteWeights
from sparkvsr_engine.models.precision import choose_precision
from tests.fakes.lite_shots import MemoryReader, small_network
from tests.fakes.systems import KILL

STEPS = 12
TINY = {
    "crops": 2,
    "side": 32,
    "pool": 6,
    "tests": 3,
    "tile": 16,
    "test_steps": 3,
    "checkpoint_steps": 2,
}


def learn(folder: Path, step: int) -> bytes:
    """Learn a shot of nine frames; dies at `step`."""
    rng = np.random.default_rng(5)
    frames = [rng.random((24, 32, 3)).astype(np.float32) for _ in range(9)]
    picture = {
        frame: KeyframePicture(frame, frames[frame].repeat(4, 0).repeat(4, 1), str(frame))
        for frame in (0, 4, 8)
    }
    whole = teaching.recipe_of
    teaching.recipe_of = lambda *inputs: replace(whole(*inputs), **TINY)
    restorer = LiteRestorer(LiteWeights(small_network()), LitePlanner(), choose_precision("cpu"))

    def on_step(done: int, *_: object) -> None:
        if done == step:
            os.kill(os.getpid(), KILL)

    return restorer.learn(
        MemoryReader(frames),
        Geometry.scaled(32, 24, 4),
        ShotSettings("propagate"),
        sorted(picture),
        picture.__getitem__,
        LearningBudget(STEPS),
        folder / "state",
        on_step,
    ).content


if __name__ == "__main__":
    torch.set_num_threads(1)
    sys.stdout.write(hashlib.sha256(learn(Path(sys.argv[1]), int(sys.argv[2]))).hexdigest())
