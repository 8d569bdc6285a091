"""One degradation for comparing methods: medium strength, from seeds training never draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.training.degradation.chain import degrade

_BENCHMARK_SEED = 20_260_317
_STRENGTH = 0.5


def degrade_seeded(frames: Sequence[NDArray[np.uint8]], scale: int, seed: int) -> list[NDArray[np.uint8]]:
    """uint8 [H, W, 3] frames to [H // scale, W // scale, 3], the same faults on all of them.

    Args:
        frames: frames of one clip, uint8 [H, W, 3].
        scale: output size over source size.
        seed: everything is drawn from it.
    """
    height, width = frames[0].shape[:2]
    rng = np.random.default_rng([_BENCHMARK_SEED, seed])
    return degrade(frames, width // scale, height // scale, rng, strength=_STRENGTH)
