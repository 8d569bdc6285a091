"""The published model's speed and memory: this engine beside a plain diffusers implementation.

    python benchmarks/cogvideox.py                    on a GPU: the 5B configuration, random bfloat16 weights
    python benchmarks/cogvideox.py --budget-gib 16    the same, planned for less memory
    python benchmarks/cogvideox.py --dry              anywhere: shapes, plans, operations, counted memory
    python benchmarks/cogvideox.py --device cpu --tiny    the code path, on a toy model

Caches are cold. "Share" is the achieved part of the device's measured bfloat16 matrix multiplication rate.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from cogvideox_counting import count_flops, counting_bytes

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(1, str(Path(__file__).parents[1] / "bridge"))

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.grid_windows import GridLayout
from sparkvsr_engine.core.windows import Window
from sparkvsr_engine.models.base import Guidance, KeyframePicture, ShotSettings
from sparkvsr_engine.models.cogvideox.memory.memory_planner import (
    MemoryRequest,
    choose_plan,
    doctor_budgets,
    format_plan_table,
    plan_table,
)
from sparkvsr_engine.models.cogvideox.memory.run_plan import Precision, RunPlan, latent_size, predict_bytes
from sparkvsr_engine.models.cogvideox.networks.algorithm import OneStepModel, make_rotary_table
from sparkvsr_engine.models.cogvideox.networks.convolution import ConvolutionPath, choose_path
from sparkvsr_engine.models.cogvideox.networks.schedule import OneStepSchedule
from sparkvsr_engine.models.cogvideox.networks.streaming_vae import (
    StreamingVae,
    VaeLayout,
    frame_steps,
    latent_steps,
)
from sparkvsr_engine.models.cogvideox.restorer import CogVideoXRestorer, OpenOptions, size_of

SCHEDULE = OneStepSchedule(0.627331, 0.778753)
GIB = 2**30
# What upstream keeps on the device although it never runs: T5-XXL's encoder in bfloat16.
TEXT_ENCODER_BYTES = 9_524_000_000
SCALE = 4


@dataclass
class Report:
    """Seconds and peak bytes by stage."""

    name: str
    frames: int
    seconds: dict[str, float] = field(default_factory=dict)
    peak: dict[str, int] = field(default_factory=dict)
    note: str = ""

    @property
    def total(self) -> float:
        return sum(self.seconds.values())

    def line(self, flops: float, rate: float) -> str:
        stages = ", ".join(f"{name} {value:.2f} s" for name, value in self.seconds.items())
        share = f", {flops / self.total / rate:.0%} of the matmul rate" if rate else ""
        memory = f", peak {max(self.peak.values()) / GIB:.1f} GiB" if any(self.peak.values()) else ""
        speed = f"{self.total:.2f} s = {self.frames / self.total:.2f} fps"
        return f"  {self.name:24} {stages}; {speed}{share}{memory}{f' ({self.note})' if self.note else ''}"


class StageClock:
    """Times stages and their peak memory on any device."""

    def __init__(self, report: Report, device: torch.device) -> None:
        self.report, self.device = report, device

    def __call__(self, stage: str, run: Callable[[], Any]) -> Any:
        self._settle()
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.device)
        start = time.perf_counter()
        result = run()
        self._settle()
        self.report.seconds[stage] = self.report.seconds.get(stage, 0.0) + time.perf_counter() - start
        peak_bytes = torch.cuda.max_memory_allocated(self.device) if self.device.type == "cuda" else 0
        self.report.peak[stage] = max(self.report.peak.get(stage, 0), peak_bytes)
        return result

    def _settle(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)


def make_networks(device: torch.device, dtype: torch.dtype, tiny: bool) -> tuple[Any, Any]:
    """Transformer and VAE of the published or a toy configuration; random weights, unless on meta."""
    from diffusers import AutoencoderKLCogVideoX, CogVideoXTransformer3DModel

    blocks = {
        "down_block_types": ("CogVideoXDownBlock3D",) * 4,
        "up_block_types": ("CogVideoXUpBlock3D",) * 4,
    }
    sizes: dict[str, Any] = {
        "num_attention_heads": 48,
        "num_layers": 42,
        "text_embed_dim": 4096,
        "ofs_embed_dim": 512,
    }
    vae_sizes: dict[str, Any] = {"block_out_channels": (128, 256, 256, 512), "layers_per_block": 3}
    if tiny:
        sizes = {"num_attention_heads": 2, "num_layers": 2, "text_embed_dim": 32, "ofs_embed_dim": 64}
        sizes["time_embed_dim"] = 64
        vae_sizes = {"block_out_channels": (8, 8, 16, 16), "layers_per_block": 1, "norm_num_groups": 4}
    with torch.device("meta"):
        transformer = CogVideoXTransformer3DModel(
            attention_head_dim=64,
            in_channels=32,
            out_channels=16,
            attention_bias=True,
            patch_size_t=2,
            patch_bias=False,
            sample_width=170,
            sample_height=96,
            sample_frames=81,
            use_rotary_positional_embeddings=True,
            **sizes,
        )
        vae = AutoencoderKLCogVideoX(scaling_factor=0.7, invert_scale_latents=True, **vae_sizes, **blocks)
    return _filled(transformer, device, dtype), _filled(vae, device, dtype)


def _filled(module: Any, device: torch.device, dtype: torch.dtype) -> Any:
    """Weights of a plausible scale, made on the device."""
    for name, value in list(module.state_dict().items()):
        weight = torch.empty(value.shape, device=device, dtype=dtype)
        if device.type != "meta":
            is_scale = "norm" in name and name.endswith("weight") and value.dim() == 1
            weight.normal_(1.0 if is_scale else 0.0, 0.02)
        module.load_state_dict({name: weight}, strict=False, assign=True)
    return module.requires_grad_(False).eval()


def matmul_rate(device: torch.device) -> float:
    """Operations per second of a large bfloat16 product; 0 where there is no GPU."""
    if device.type != "cuda":
        return 0.0
    side = 8192
    first, right = (torch.randn(side, side, device=device, dtype=torch.bfloat16) for _ in range(2))
    for _ in range(3):
        first @ right
    torch.cuda.synchronize(device)
    start = time.perf_counter()
    for _ in range(20):
        first @ right
    torch.cuda.synchronize(device)
    return 20 * 2 * side**3 / (time.perf_counter() - start)


@dataclass
class Case:
    """A window of `frames` frames at an output size, its source and one keyframe."""

    width: int
    height: int
    frames: int

    @property
    def span(self) -> FrameSpan:
        return FrameSpan(0, self.frames)

    @property
    def geometry(self) -> Geometry:
        return Geometry(self.width // SCALE, self.height // SCALE, self.width, self.height)

    def read(self, frame: int) -> np.ndarray:
        noise = np.random.default_rng(frame)
        return noise.random((self.height // SCALE, self.width // SCALE, 3), dtype=np.float32)

    def keyframe(self) -> KeyframePicture:
        pixels = np.random.default_rng(999).random((self.height, self.width, 3), dtype=np.float32)
        return KeyframePicture(0, pixels, "benchmark")


def run_engine(case: Case, restorer: CogVideoXRestorer, name: str) -> Report:
    """A cold render of one window with both passes, so that any guidance is a decode away."""
    device = restorer.runner.model.device
    report = Report(name, case.frames)
    clock = StageClock(report, device)
    shot = restorer.open_shot(case, case.geometry, ShotSettings(), lambda: False)
    window = Window(case.span, case.span, (0,))
    report.note = restorer.run_plan(case.geometry).describe()
    source = shot.encode_source(window)
    keyframe = shot.encode_keyframe(case.keyframe())
    clock("encode", lambda: shot._parts.source_latents(source))
    clock("keyframe", lambda: shot._parts.keyframe_latents(keyframe))
    keyed = clock("predict keyed", lambda: shot._parts.velocity(source, {0: keyframe}))
    clock("predict blind", lambda: shot._parts.velocity(source, {}))
    prediction = shot.predict(window, source, [])
    prediction = type(prediction)(window, {**prediction.parts, "keyed": keyed})
    clock("decode", lambda: shot.decode(prediction, source, Guidance()))
    return report


def run_reference(case: Case, model: OneStepModel, has_text_encoder: bool) -> Report:
    """Straightforward diffusers calls with tiling, as upstream's scripts make them, at guidance 1."""
    device, dtype = model.device, model.dtype
    report = Report("plain diffusers", case.frames, note="guidance 1 only, VAE tiled 360x240")
    clock = StageClock(report, device)
    vae, transformer = model.vae.module, model.transformer
    vae.enable_tiling()
    idle = torch.empty(TEXT_ENCODER_BYTES if has_text_encoder else 0, dtype=torch.uint8, device=device)
    small = torch.from_numpy(np.stack([case.read(frame) for frame in range(case.frames)])).permute(0, 3, 1, 2)
    size = tuple(8 * side for side in latent_size(case.width, case.height))
    video = (
        torch.nn.functional.interpolate(small, size=size, mode="bilinear").permute(1, 0, 2, 3)[None] * 2 - 1
    )
    picture = torch.rand(1, 3, 1, *size) * 2 - 1

    def encode(frames: torch.Tensor) -> torch.Tensor:
        return vae.encode(frames.to(device, dtype)).latent_dist.sample() * 0.7

    source = clock("encode", lambda: encode(video))
    keyed = clock("keyframe", lambda: encode(picture.repeat(1, 1, 4, 1, 1)))

    def predict() -> torch.Tensor:
        reference = torch.zeros_like(source)
        reference[:, :, 0] = keyed[:, :, 0]
        joint = torch.cat([source, reference], dim=1)
        joint = torch.cat([joint[:, :, :1], joint], dim=2).transpose(1, 2)
        table = make_rotary_table(transformer.config, (joint.shape[1], *joint.shape[3:]), device)
        velocity = transformer(
            hidden_states=joint,
            encoder_hidden_states=model.prompt_embedding,
            timestep=torch.full((1,), 399, device=device),
            ofs=torch.full((1,), 2.0, device=device, dtype=dtype),
            image_rotary_emb=table,
            return_dict=False,
        )[0]
        return SCHEDULE.clean(source, velocity.transpose(1, 2)[:, :, 1:]).to(dtype)

    clean = clock("predict", predict)
    clock("decode", lambda: (vae.decode(clean / 0.7).sample * 0.5 + 0.5).clamp(0, 1).float().cpu())
    vae.disable_tiling()
    del idle
    return report


def count_work(case: Case, networks: tuple[Any, Any]) -> dict[str, tuple[float, int]]:
    """Operations and peak bytes of each stage of the whole frame, counted on the meta device."""
    transformer, vae = networks
    dtype = torch.bfloat16
    streaming = StreamingVae(
        vae, VaeLayout(ConvolutionPath.DIRECT, RunPlan().strip_bytes, channels_last=True)
    )
    height, width = latent_size(case.width, case.height)
    slots = (case.frames - 1) // 4 + 1

    def empty(*shape: int) -> torch.Tensor:
        return torch.empty(shape, device="meta", dtype=dtype)

    prompt = empty(1, transformer.config.max_text_seq_length, transformer.config.text_embed_dim)
    model = OneStepModel(streaming, transformer, SCHEDULE, prompt)

    def encode() -> None:
        for _ in streaming.encode(
            empty(1, 3, count, height * 8, width * 8) for count in frame_steps(case.frames)
        ):
            pass

    def decode() -> None:
        for _ in streaming.decode(empty(1, 16, count, height, width) for count in latent_steps(slots)):
            pass

    runs = {
        "encode": encode,
        "predict": lambda: model.velocity(empty(16, slots, height, width), {}),
        "decode": decode,
    }
    work: dict[str, tuple[float, int]] = {}
    for name, run in runs.items():
        with torch.no_grad():
            with counting_bytes() as counted:
                run()
            work[name] = (count_flops(run), counted.peak)
    return work


def dry(cases: list[Case], tiny: bool) -> None:
    """Print what would be run, from the configuration alone."""
    networks = make_networks(torch.device("meta"), torch.bfloat16, tiny)
    for case in cases:
        height, width = latent_size(case.width, case.height)
        slots = (case.frames - 1) // 4 + 1
        tokens = (slots + 1) // 2 * height * width // 4
        name = f"{case.width}x{case.height}, {case.frames} frames"
        print(f"{name}: latents 16x{slots}x{height}x{width}, {tokens} tokens")
        for name, (flops, peak) in count_work(case, networks).items():
            counted = f"{flops / 1e12:8.1f} TFLOP, {peak / GIB:6.2f} GiB"
            print(f"  {name:8} {counted} counted beside weights, nothing tiled")
        print(format_plan_table(plan_table(case.width, case.height, case.frames, doctor_budgets())))


def measure(cases: list[Case], options: argparse.Namespace) -> list[dict[str, Any]]:
    """Run every case on the device and print a line per implementation."""
    device = torch.device(options.device)
    dtype = torch.float32 if device.type == "cpu" else torch.bfloat16
    rate = matmul_rate(device)
    transformer, vae = make_networks(device, dtype, options.tiny)
    config = transformer.config
    prompt = torch.randn(1, config.max_text_seq_length, config.text_embed_dim, device=device, dtype=dtype)
    layout = VaeLayout(
        choose_path(device, dtype), RunPlan().strip_bytes, device.type == "cuda", options.compiled
    )
    model = OneStepModel(StreamingVae(vae, layout), transformer, SCHEDULE, prompt)
    meta = make_networks(torch.device("meta"), torch.bfloat16, options.tiny)
    print(
        f"{device}, {dtype}, convolutions {layout.path.value}"
        + (f", matmul {rate / 1e12:.0f} TFLOP/s" if rate else "")
    )
    results: list[dict[str, Any]] = []
    for case in cases:
        work = count_work(case, meta)
        flops = sum(value for value, _ in work.values())
        print(f"{case.width}x{case.height}, {case.frames} frames, {flops / 1e12:.1f} TFLOP with one pass")
        reports = []
        with torch.no_grad():
            for attempt in range(options.repeats):
                print(f" run {attempt + 1}")
                if not options.no_reference:
                    reports.append(run_reference(case, model, device.type == "cuda"))
                    print(reports[-1].line(flops, rate))
                reports.append(run_engine(case, _restorer(model, case, options), "engine"))
                print(reports[-1].line(flops + work["predict"][0], rate))
                one_pass = reports[-1].total - reports[-1].seconds["predict blind"]
                print(f"  {'engine, keyed pass only':24} {one_pass:.2f} s = {case.frames / one_pass:.2f} fps")
        results += [{"size": [case.width, case.height], **vars(report)} for report in reports]
    return results


def _restorer(model: OneStepModel, case: Case, options: argparse.Namespace) -> CogVideoXRestorer:
    size = size_of(model)
    precision = Precision.FLOAT32 if model.dtype is torch.float32 else Precision.BFLOAT16
    plan = RunPlan(GridLayout(), precision)
    if model.device.type == "cuda":
        free = torch.cuda.mem_get_info(model.device)[1]
        budget = int(options.budget_gib * GIB) if options.budget_gib else free
        plan = choose_plan(MemoryRequest(case.width, case.height, budget, precision, size)) or plan
        print(f"  predicted peak {predict_bytes(plan, case.width, case.height, size).peak / GIB:.1f} GiB")
    return CogVideoXRestorer(model, "benchmark", OpenOptions(plan=plan), size)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--dry", action="store_true")
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--sizes", nargs="+", default=["1280x720", "1920x1080"])
    parser.add_argument("--frames", type=int, default=33)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--budget-gib", type=float)
    parser.add_argument("--compiled", action="store_true")
    parser.add_argument("--no-reference", action="store_true")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    cases = [Case(*map(int, size.split("x")), options.frames) for size in options.sizes]
    if options.dry or (options.device == "cpu" and not options.tiny):
        print("No GPU was measured: shapes, plans, operations and counted memory only.")
        dry(cases, options.tiny)
        return
    results = measure(cases, options)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
