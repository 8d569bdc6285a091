"""The published model's training at toy size: a recipe of two stages, and samples made by hand."""

from __future__ import annotations

import numpy as np
import torch

RECIPE = """
model = "sparkvsr"
name = "toy"
seed = 5
ema = 0.5
checkpoint_steps = 2
report_steps = 1

[adapters]
rank = 0

[scene]
frames = 9
made_share = 0.5
made_frames = 2

[sample]
scenes = 2
blind_share = 0.3
most_keyframes = 3

[[stages]]
steps = 3
learning_rate = 1e-3
scenes = 2
frames = 9
height = 32
width = 32
warm_up = 1
latent = 1.0

[[stages]]
steps = 2
learning_rate = 5e-4
scenes = 2
frames = 9
height = 32
width = 32
warm_up = 1
picture_share = 0.5
pixel = 1.0
temporal = 1.0
"""
"""Two stages, five steps, nine frames of 32x32."""

ADAPTED = RECIPE.replace("rank = 0", "rank = 4\nalpha = 2.0")


def write_published_recipe(folder, text=RECIPE):
    """The recipe as a file."""
    path = folder / "toy.toml"
    path.write_text(text, encoding="utf-8")
    return path


def sample_by_hand(slots=(0, 2), frames=9, side=32, seed=0):
    """A sample of random pictures with keyframes in these slots."""
    rng = np.random.default_rng(seed)
    small = (frames, side // 4, side // 4, 3)
    return {
        "source": torch.from_numpy(rng.integers(0, 256, small).astype(np.uint8)),
        "truth": torch.from_numpy(rng.integers(0, 256, (frames, side, side, 3)).astype(np.uint8)),
        "keyframes": torch.from_numpy(rng.random((len(slots), side, side, 3), dtype=np.float32)),
        "slots": torch.tensor(slots, dtype=torch.int64),
    }
