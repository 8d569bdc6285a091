"""Commands that train and measure: train, evaluate, compare."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.settings import UpscaleSettings
from sparkvsr_engine.cli.console import Console
from sparkvsr_engine.cli.paths import absolute

if TYPE_CHECKING:
    from sparkvsr_engine.cli.subcommands import Commands
    from sparkvsr_engine.training.running import TrainingRequest


def add_commands(commands: Commands) -> None:
    """Add them."""
    _add_train(commands)
    _add_evaluate(commands)
    _add_compare(commands)


def _add_train(commands: Commands) -> None:
    train = commands.add(
        "train",
        run_train,
        "Train a model by a recipe; goes on where it was stopped.",
        "sparkvsr train recipe.toml --footage FOLDER --run runs/mine",
    )
    train.add_argument(
        "recipe",
        metavar="RECIPE",
        help="a recipe of sparkvsr_engine/training/recipes by name, or a .toml file",
    )
    _add_footage_options(train)
    _add_run_options(train)


def _add_footage_options(train: argparse.ArgumentParser) -> None:
    """What training begins with, and what it is trained on."""
    train.add_argument(
        "--start",
        metavar="PATH",
        help="what training begins with, never changed: a checkpoint's folder, a file of weights, or a folder"
        " of files, as the recipe asks for",
    )
    train.add_argument("--footage", required=True, metavar="DIR", help="folder with manifest.tsv")
    train.add_argument("--bank", metavar="DIR", help="prepared scenes; default: inside the run")


def _add_run_options(train: argparse.ArgumentParser) -> None:
    """How a training is carried out, whatever is trained."""
    train.add_argument("--run", required=True, metavar="DIR", dest="folder", help="checkpoints, log, weights")
    _add_machine_options(train)
    train.add_argument(
        "--prepare", type=int, default=0, metavar="N", help="only make the first N scenes of the bank"
    )
    train.add_argument(
        "--stop-after", type=int, default=0, metavar="STEPS", help="end early; the same command goes on"
    )


def _add_machine_options(train: argparse.ArgumentParser) -> None:
    train.add_argument(
        "--device", default="auto", metavar="cpu|cuda[:i]|mps|auto", help="what trains; default auto"
    )
    train.add_argument("--loaders", type=int, default=1, metavar="N", help="processes that make samples")
    train.add_argument("--threads", type=int, default=0, metavar="N", help="of the network; 0: one per core")
    _add_metric_weights(train)


def _add_evaluate(commands: Commands) -> None:
    evaluate = commands.add(
        "evaluate",
        run_evaluate,
        "Measure restorers on clips against the truth; writes tables, plots and crops.",
        "sparkvsr evaluate clips/ -o report --cases none,one,three",
    )
    evaluate.add_argument(
        "clips", nargs="*", metavar="CLIP", help="movies, frame folders, or a folder of them"
    )
    evaluate.add_argument("-o", "--output", required=True, metavar="DIR", help="folder of the report")
    _add_case_options(evaluate)
    _add_measuring_options(evaluate)
    _add_sampling_options(evaluate)


def _add_case_options(evaluate: argparse.ArgumentParser) -> None:
    """What is restored by what."""
    evaluate.add_argument(
        "--cases",
        metavar="C,C",
        help="none one three isr-clean degraded isr degraded-three degraded-wrong wrong shifted cast"
        " look, and graphics, which needs no clips; default: all but graphics",
    )
    evaluate.add_argument(
        "--methods",
        default=f"bicubic,{UpscaleSettings().model}",
        metavar="M,M",
        help="bicubic, a restorer's name, isr:NAME, weights:FILE",
    )


def _add_measuring_options(evaluate: argparse.ArgumentParser) -> None:
    """How keyframes are made, and what is measured."""
    evaluate.add_argument(
        "--isr", default="", metavar="NAME|FILE", help="what makes the keyframes of the isr cases"
    )
    evaluate.add_argument(
        "--metrics", metavar="M,M", help="psnr_y ssim_y lpips ...; default: all there are weights for"
    )
    evaluate.add_argument(
        "--learn",
        metavar="auto|SECONDS",
        help="restorers that can learn each shot from its keyframes as well, as methods of their own",
    )


def _add_sampling_options(evaluate: argparse.ArgumentParser) -> None:
    """How much is measured, and where it is computed."""
    evaluate.add_argument("--frames", type=int, default=31, metavar="N", help="of each clip; default 31")
    evaluate.add_argument(
        "--scale", type=int, default=4, metavar="S", help="clips are reduced by it; default 4"
    )
    evaluate.add_argument(
        "--stream",
        action="store_true",
        help="rate against quality of small streams instead, beside plain codecs; see --rates",
    )
    evaluate.add_argument(
        "--rates", default="30k,60k,120k,240k,480k", metavar="R,R", help="of small streams, bits per second"
    )
    evaluate.add_argument(
        "--window", type=int, default=12, metavar="N", help="frames in the middle that --stream measures"
    )
    evaluate.add_argument(
        "--costly-step", type=int, default=5, metavar="N", help="costly metrics on every Nth frame"
    )
    _add_graphics_options(evaluate)
    _add_metric_weights(evaluate)


def _add_graphics_options(evaluate: argparse.ArgumentParser) -> None:
    evaluate.add_argument("--scenes", type=int, default=304, metavar="N", help="of the case graphics")
    evaluate.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of degradations and generated scenes; default 0"
    )
    evaluate.add_argument(
        "--device", default="auto", metavar="auto|cpu|openvino[:8bit]|cuda[:i]|mps", help="what renders"
    )


def _add_metric_weights(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--metric-weights", metavar="DIR", help="default: where 'models fetch metrics' puts them"
    )


def _add_compare(commands: Commands) -> None:
    compare = commands.add(
        "compare",
        run_compare,
        "Show two clips side by side, with figures.",
        "sparkvsr compare a.mp4 b.mp4 -o look",
    )
    compare.add_argument("first", metavar="A", help="movie or frame folder")
    compare.add_argument("second", metavar="B", help="another one of the same frames")
    compare.add_argument(
        "-o", "--output", required=True, metavar="DIR", help="folder of figures and pictures"
    )
    compare.add_argument("--samples", type=int, default=5, metavar="N", help="frames to write wipes of")


def run_train(options: argparse.Namespace, console: Console) -> int:
    """Prepare footage, train, export."""
    from sparkvsr_engine.training.running import prepare_scenes, train

    request = _training_request(options)

    if options.prepare:
        prepared = prepare_scenes(request, options.prepare, lambda done: console.event("scene", done=done))
        console.result(f"{prepared} scenes are ready", "prepared", scenes=prepared)
        return 0
    weights = train(request, lambda row: _show_step(row, console))
    text = f"trained: {weights}" if weights else f"stopped; the same command goes on ({options.folder})"
    console.result(text, "trained" if weights else "stopped", weights=str(weights or ""))
    return 0


def _show_step(row: dict[str, float], console: Console) -> None:
    console.event("step", **row)
    console.note(" ".join(f"{name} {value:.5g}" for name, value in row.items()))


def _training_request(options: argparse.Namespace) -> TrainingRequest:
    from sparkvsr_engine.config import load_config
    from sparkvsr_engine.training.running import TrainingRequest

    return TrainingRequest(
        recipe=options.recipe,
        footage=Path(absolute(options.footage)),
        folder=Path(absolute(options.folder)),
        bank=Path(absolute(options.bank)) if options.bank else None,
        device=options.device,
        loaders=options.loaders,
        threads=options.threads,
        metric_weights=_metric_weights(options),
        stop_after=options.stop_after,
        start=Path(absolute(options.start)) if options.start else None,
        home=load_config().home,
    )


def run_evaluate(options: argparse.Namespace, console: Console) -> int:
    """Run the benchmark, write its report, print its table."""
    from sparkvsr_engine.cli.benchmarking import benchmark_options, graphics_asked_for, graphics_options
    from sparkvsr_engine.evaluation.benchmark import run_benchmark
    from sparkvsr_engine.evaluation.graphics.report import write_graphics_report
    from sparkvsr_engine.evaluation.report import write_report

    def on_progress(done: int, in_all: int, what: str) -> None:
        console.event("progress", done=done, total=in_all, what=what)
        console.note(f"{done}/{in_all} {what}")

    folder = Path(absolute(options.output))
    if options.stream:
        return _evaluate_streams(options, folder, console)
    has_graphics, has_more = graphics_asked_for(options)
    reports = []
    if has_graphics:
        graphics = graphics_options(options, _metric_weights(options))
        reports.append(write_graphics_report(graphics, folder, on_progress))
    if has_more:
        results = run_benchmark(benchmark_options(options, _metric_weights(options)), on_progress)
        reports.append(write_report(results, folder))
    for written in reports:
        page = next(path for path in written if path.suffix == ".md")
        files = [str(path) for path in written]
        console.result(page.read_text(encoding="utf-8"), "evaluated", report=str(page), files=files)
    return 0


def _evaluate_streams(options: argparse.Namespace, folder: Path, console: Console) -> int:
    """Compare small streams with plain codecs, write the report."""
    from sparkvsr_engine.cli.benchmarking import stream_options
    from sparkvsr_engine.config import load_config
    from sparkvsr_engine.streams.comparison.report import write_comparison
    from sparkvsr_engine.streams.comparison.running import run_comparison

    def on_row(row: Any) -> None:
        console.event("measured", clip=row.clip, method=row.method, kbps=row.kbps, values=dict(row.values))
        console.note(f"{row.clip}: {row.method} at {row.kbps:.1f} kbit/s")

    config = load_config()
    config.make_folders()
    rows, notes = run_comparison(config, stream_options(options, _metric_weights(options)), folder, on_row)
    files = [str(path) for path in write_comparison(rows, notes, folder)]
    console.result(Path(files[0]).read_text(encoding="utf-8"), "evaluated", report=files[0], files=files)
    return 0


def run_compare(options: argparse.Namespace, console: Console) -> int:
    """Write figures, wipes and a side-by-side movie."""
    from sparkvsr_engine.evaluation.compare import CompareOptions, compare
    from sparkvsr_engine.evaluation.metrics import MetricOptions, MetricWeights

    if options.samples < 1:
        raise InvalidSettings("--samples must be 1 or more.")
    metrics = MetricOptions(weights=MetricWeights(_metric_weights(options)))
    folder = Path(absolute(options.output))
    request = CompareOptions(
        Path(absolute(options.first)), Path(absolute(options.second)), folder, metrics, options.samples
    )
    compare(request, lambda done, in_all: console.event("progress", done=done, total=in_all))
    console.result(f"written to {folder}", "compared", folder=str(folder))
    return 0


def _metric_weights(options: argparse.Namespace) -> Path:
    from sparkvsr_engine.config import load_config

    folder: Any = getattr(options, "metric_weights", None)
    return Path(folder) if folder else load_config().models_folder / "metrics"
