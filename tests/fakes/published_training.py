"""The published model's training at toy size: a recipe of two stages, and samples made by hand."""

from __future__ import annotations

import json

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


def write_full_size_configs(folder):
    """The published transformer's and VAE's configurations without weights; returns the folder."""
    blocks = {"down_block_types": ["CogVideoXDownBlock3D"] * 4, "up_block_types": ["CogVideoXUpBlock3D"] * 4}
    vae = {"block_out_channels": [128, 256, 256, 512], "layers_per_block": 3, "scaling_factor": 0.7}
    transformer = {
        "num_attention_heads": 48,
        "attention_head_dim": 64,
        "num_layers": 42,
        "in_channels": 32,
        "out_channels": 16,
        "patch_size_t": 2,
        "patch_bias": False,
        "attention_bias": True,
        "ofs_embed_dim": 512,
        "sample_width": 170,
        "sample_height": 96,
        "sample_frames": 81,
        "use_rotary_positional_embeddings": True,
    }
    for name, config in (("transformer", transformer), ("vae", {**vae, **blocks})):
        (folder / name).mkdir()
        (folder / name / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder
