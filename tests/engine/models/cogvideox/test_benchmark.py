"""The benchmark runs where there is no GPU, and what the planner predicts is what is counted."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.cogvideox_counting import counting_bytes
from sparkvsr_engine.core.grid_windows import GridLayout
from sparkvsr_engine.models.cogvideox.memory.run_plan import (
    ModelSize,
    Offload,
    Precision,
    RunPlan,
    frames_bytes,
    predict_bytes,
)
from sparkvsr_engine.models.cogvideox.networks.algorithm import OneStepModel
from sparkvsr_engine.models.cogvideox.networks.schedule import OneStepSchedule
from sparkvsr_engine.models.cogvideox.networks.streaming_vae import (
    StreamingVae,
    VaeLayout,
    frame_steps,
    latent_steps,
)

REPOSITORY = Path(__file__).parents[4]
WIDTH, HEIGHT = 640, 384
STRIP_BYTES = 64 * 2**20
# The planner reckons with the largest size class; small frames deviate a little.
AGREEMENT = 0.2


@pytest.fixture
def run_benchmark(monkeypatch, capsys):
    """Run the script as a person would, in this process: importing diffusers again takes longest."""

    def run(*arguments):
        monkeypatch.syspath_prepend(REPOSITORY / "benchmarks")
        monkeypatch.setattr(sys, "argv", ["cogvideox.py", *arguments])
        runpy.run_path(str(REPOSITORY / "benchmarks/cogvideox.py"), run_name="__main__")
        return capsys.readouterr().out

    return run


@pytest.mark.slow
def test_the_dry_run_prints_shapes_work_and_plans(run_benchmark):
    printed = run_benchmark("--dry", "--tiny", "--sizes", "320x192")
    assert "latents 16x9x24x40, 1200 tokens" in printed
    assert "TFLOP" in printed
    assert "80 GB" in printed


@pytest.mark.slow
def test_both_implementations_run_on_a_toy_model(run_benchmark):
    printed = run_benchmark(
        "--device", "cpu", "--tiny", "--sizes", "64x64", "--frames", "9", "--repeats", "1"
    )
    assert "plain diffusers" in printed
    assert "engine, keyed pass only" in printed


@pytest.fixture(scope="module")
def published():
    """The published configuration without weights."""
    import torch
    from diffusers import AutoencoderKLCogVideoX, CogVideoXTransformer3DModel

    with torch.device("meta"):
        vae = AutoencoderKLCogVideoX(
            block_out_channels=(128, 256, 256, 512),
            layers_per_block=3,
            scaling_factor=0.7,
            down_block_types=("CogVideoXDownBlock3D",) * 4,
            up_block_types=("CogVideoXUpBlock3D",) * 4,
        )
        transformer = CogVideoXTransformer3DModel(
            num_attention_heads=48,
            num_layers=42,
            in_channels=32,
            out_channels=16,
            ofs_embed_dim=512,
            text_embed_dim=4096,
            patch_size_t=2,
            attention_bias=True,
            use_rotary_positional_embeddings=True,
        )
    modules: list[Any] = [vae, transformer]
    half = [module.requires_grad_(False).to(dtype=torch.bfloat16).eval() for module in modules]
    streaming = StreamingVae(half[0], VaeLayout(strip_bytes=STRIP_BYTES, channels_last=True))
    prompt = torch.empty(1, 226, 4096, device="meta", dtype=torch.bfloat16)
    return OneStepModel(streaming, half[1], OneStepSchedule(0.6, 0.8), prompt)


def counted_bytes(model, stage, frames):
    import torch

    def empty(*shape):
        return torch.empty(shape, device="meta", dtype=torch.bfloat16)

    rows, columns, slots = HEIGHT // 8, WIDTH // 8, (frames - 1) // 4 + 1
    with torch.no_grad(), counting_bytes() as counted:
        if stage == "predict":
            model.velocity(empty(16, slots, rows, columns), {})
        elif stage == "encode":
            list(model.vae.encode(empty(1, 3, count, HEIGHT, WIDTH) for count in frame_steps(frames)))
        else:
            for _ in model.vae.decode(empty(1, 16, count, rows, columns) for count in latent_steps(slots)):
                pass
    return counted.peak


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["encode", "predict", "decode"])
@pytest.mark.parametrize("frames", [9, 33])
def test_predicted_memory_is_what_the_published_configuration_allocates(published, stage, frames):
    layout = GridLayout(frames, 9 if frames > 9 else 1)
    plan = RunPlan(layout, Precision.BFLOAT16, Offload.NONE, strip_bytes=STRIP_BYTES)
    without_weights = ModelSize(transformer_parameters=0, vae_parameters=0)
    predicted = getattr(predict_bytes(plan, WIDTH, HEIGHT, without_weights), stage)
    if stage != "predict":
        predicted -= frames_bytes(WIDTH, HEIGHT)
    assert predicted == pytest.approx(counted_bytes(published, stage, frames), rel=AGREEMENT)
