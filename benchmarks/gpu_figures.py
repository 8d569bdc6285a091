"""The figures that need a graphics card, in one go of at most ten minutes: `lite` and the published model.

    python benchmarks/gpu_figures.py --output FOLDER            figures.json and figures.md
    python benchmarks/gpu_figures.py --device cpu --tiny --output FOLDER    the same on toy sizes, anywhere

`lite`: frames per second with and without two keyframes, 960x540 to 1920x1080 and 1920x1080 to 3840x2160. The
published model's configuration with random weights, 33 frames of 1280x720 and of 1920x1080: seconds and peak
memory of each stage, the share of the card's own rate of matrix products, a plain diffusers reference beside
it, and what the memory planner predicted. Cases that no time is left for are named in both files. Needs the
extra cogvideox.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from printed_table import table

sys.path.insert(0, str(Path(__file__).parents[1]))

import cogvideox
import lite_speed

from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.jobs.worker import prepare_kernels
from sparkvsr_engine.models.cogvideox.memory.run_plan import RunPlan, predict_bytes
from sparkvsr_engine.models.cogvideox.networks.algorithm import OneStepModel
from sparkvsr_engine.models.cogvideox.networks.convolution import choose_path
from sparkvsr_engine.models.cogvideox.networks.streaming_vae import StreamingVae, VaeLayout
from sparkvsr_engine.models.cogvideox.restorer import size_of

MINUTES = 10.0
# Frames of the shots that `lite` is measured on, and of them those that find kernels and fill caches.
_LITE_FRAMES, _WARM_UP = 9, 2
# What the stages of the engine are called in the planner's prediction.
_STAGE_OF = {
    "encode": "encode",
    "keyframe": "encode",
    "predict keyed": "predict",
    "predict blind": "predict",
    "decode": "decode",
}


@dataclass(frozen=True)
class Sizes:
    """What is measured: source sizes of `lite` at twice their size, output sizes and frames of the model."""

    lite: tuple[tuple[int, int], ...] = ((960, 540), (1920, 1080))
    model: tuple[tuple[int, int], ...] = ((1280, 720), (1920, 1080))
    frames: int = 33


# By stage: how many, and peak bytes.
Operations = dict[str, tuple[float, int]]

TINY = Sizes(((32, 24),), ((64, 64),), 9)


@dataclass
class Figures:
    """All that was measured, and the cases that were not, each with the reason."""

    device: str
    torch: str
    matmul_rate: float
    lite: list[dict[str, Any]] = field(default_factory=list)
    model: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


class TimeLimit:
    """Runs cases while time is left for one as long as the longest so far."""

    def __init__(self, seconds: float, figures: Figures) -> None:
        self._end = time.monotonic() + seconds
        self._longest = 0.0
        self._figures = figures

    def run(self, name: str, case: Callable[[], None]) -> None:
        started = time.monotonic()
        if started + self._longest > self._end:
            self._figures.left_out.append(f"{name}: no time was left")
            return
        try:
            case()
        except torch.OutOfMemoryError as error:
            self._figures.left_out.append(f"{name}: out of memory ({str(error).splitlines()[0]})")
        self._longest = max(self._longest, time.monotonic() - started)


def main() -> None:
    """Measure and write both files."""
    options = _parse()
    device = torch.device(options.device)
    prepare_kernels(0)
    kind = torch.cuda.get_device_name(device) if device.type == "cuda" else options.device
    figures = Figures(kind, torch.__version__, cogvideox.matmul_rate(device))
    limit, sizes = TimeLimit(60 * options.minutes, figures), TINY if options.tiny else Sizes()
    for width, height in sizes.lite:
        for keyed in (False, True):
            name = f"lite {width}x{height}, {'two keyframes' if keyed else 'no keyframe'}"
            limit.run(name, partial(_measure_lite, figures, width, height, keyed, options.device))
    _measure_model(figures, limit, sizes, device, options.tiny)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "figures.json").write_text(json.dumps(asdict(figures), indent=1), encoding="utf-8")
    text = _markdown(figures)
    (options.output / "figures.md").write_text(text, encoding="utf-8")
    print(text)


def _measure_lite(figures: Figures, width: int, height: int, keyed: bool, device: str) -> None:
    """Seconds and peak memory of a frame at twice its size."""
    geometry = Geometry(width, height, 2 * width, 2 * height)
    source = [_moved_noise(width, height, frame) for frame in range(_LITE_FRAMES)]
    last = _LITE_FRAMES - 1
    keyframes = {at: _moved_noise(2 * width, 2 * height, 2 * at) for at in (0, last)} if keyed else {}
    run = lite_speed.lite_run(source, keyframes, geometry, device)
    is_cuda = torch.device(device).type == "cuda"
    if is_cuda:
        torch.cuda.reset_peak_memory_stats()
    seconds: list[float] = []
    for frame in range(1, last):
        started = time.perf_counter()
        run(frame)
        if is_cuda:
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - started)
    row = {
        "source": [width, height],
        "keyframes": len(keyframes),
        "seconds": statistics.median(seconds[_WARM_UP:]),
        "peak_bytes": torch.cuda.max_memory_allocated() if is_cuda else 0,
    }
    figures.lite.append(row)


def _moved_noise(width: int, height: int, shift: int) -> np.ndarray:
    """A frame of a texture that moves, float32 [height, width, 3]."""
    texture = np.random.default_rng(0).random((height // 4 + 2, width // 4 + 16, 3), np.float32)
    large = np.repeat(np.repeat(texture, 4, 0), 4, 1)
    return np.ascontiguousarray(large[:height, shift : shift + width])


def _measure_model(
    figures: Figures, limit: TimeLimit, sizes: Sizes, device: torch.device, tiny: bool
) -> None:
    """The engine and plain diffusers, each on a cold window."""
    dtype = torch.float32 if device.type == "cpu" else torch.bfloat16
    transformer, vae = cogvideox.make_networks(device, dtype, tiny)
    meta = cogvideox.make_networks(torch.device("meta"), torch.bfloat16, tiny)
    config = transformer.config
    prompt = torch.randn(1, config.max_text_seq_length, config.text_embed_dim, device=device, dtype=dtype)
    layout = VaeLayout(choose_path(device, dtype), RunPlan().strip_bytes, device.type == "cuda", False)
    model = OneStepModel(StreamingVae(vae, layout), transformer, cogvideox.SCHEDULE, prompt)
    for width, height in sizes.model:
        case = cogvideox.Case(width, height, sizes.frames)
        operations = cogvideox.count_work(case, meta)
        for name, run in (("engine", _measure_engine), ("plain diffusers", _measure_reference)):
            with torch.no_grad():
                limit.run(
                    f"{name} {width}x{height}, {case.frames} frames",
                    partial(run, figures, model, case, operations),
                )


def _measure_engine(
    figures: Figures, model: OneStepModel, case: cogvideox.Case, operations: Operations
) -> None:
    restorer = cogvideox._restorer(model, case, argparse.Namespace(budget_gib=None))
    report = cogvideox.run_engine(case, restorer, "engine")
    predicted = predict_bytes(restorer.run_plan(case.geometry), case.width, case.height, size_of(model))
    stages = {name: getattr(predicted, part) for name, part in _STAGE_OF.items()}
    # Both passes, blind and keyed.
    count = sum(value for value, _ in operations.values()) + operations["predict"][0]
    figures.model.append(_row(case, report, count, figures.matmul_rate, stages))


def _measure_reference(
    figures: Figures, model: OneStepModel, case: cogvideox.Case, operations: Operations
) -> None:
    report = cogvideox.run_reference(case, model, model.device.type == "cuda")
    count = sum(value for value, _ in operations.values())
    figures.model.append(_row(case, report, count, figures.matmul_rate, {}))


def _row(
    case: cogvideox.Case,
    report: cogvideox.Report,
    operations: float,
    rate: float,
    predicted: dict[str, int],
) -> dict[str, Any]:
    return {
        "size": [case.width, case.height],
        "frames": case.frames,
        "name": report.name,
        "plan": report.note,
        "seconds": report.seconds,
        "peak_bytes": report.peak,
        "predicted_bytes": predicted,
        "operations": operations,
        "share_of_matmul_rate": operations / report.total / rate if rate else 0.0,
    }


def _markdown(figures: Figures) -> str:
    rate = f", matrix products {figures.matmul_rate / 1e12:.0f} TFLOP/s" if figures.matmul_rate else ""
    parts = [f"{figures.device}, torch {figures.torch}{rate}"]
    lite_rows = [
        [
            f"{row['source'][0]}x{row['source'][1]} to twice its size, {row['keyframes']} keyframes",
            f"{row['seconds']:.3f}",
            f"{1 / row['seconds']:.2f}",
            _gib(row["peak_bytes"]),
        ]
        for row in figures.lite
    ]
    parts.append(table(["lite", "s/frame", "frames/s", "peak GiB"], lite_rows))
    model_rows = [
        [
            f"{row['name']}, {row['size'][0]}x{row['size'][1]}, {row['frames']} frames",
            stage,
            f"{seconds:.2f}",
            _gib(row["peak_bytes"].get(stage, 0)),
            _gib(row["predicted_bytes"].get(stage, 0)),
            f"{row['share_of_matmul_rate']:.0%}" if row["share_of_matmul_rate"] else "",
        ]
        for row in figures.model
        for stage, seconds in row["seconds"].items()
    ]
    columns = [
        "published model",
        "stage",
        "s",
        "peak GiB",
        "predicted GiB",
        "share of matmul rate, all stages",
    ]
    parts.append(table(columns, model_rows))
    parts += [f"Not measured: {reason}" for reason in figures.left_out]
    return "\n\n".join(parts) + "\n"


def _gib(count: int) -> str:
    return f"{count / cogvideox.GIB:.1f}" if count else ""


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--tiny", action="store_true", help="toy sizes and a toy model")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER")
    options = parser.parse_args()
    if options.device == "cpu" and not options.tiny:
        parser.error("these figures need a graphics card; use --tiny to try the script without one")
    return options


if __name__ == "__main__":
    main()
