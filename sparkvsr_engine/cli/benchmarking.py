"""The request of `sparkvsr evaluate`: clips, cases and methods by name."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.cli.job_options import learn_of
from sparkvsr_engine.config import load_config
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.evaluation.benchmark import BenchmarkOptions
from sparkvsr_engine.evaluation.graphics.measuring import GraphicsMethod, bicubic, by_image_model, by_restorer
from sparkvsr_engine.evaluation.graphics.report import GraphicsOptions
from sparkvsr_engine.evaluation.measures.perceptual import Lpips
from sparkvsr_engine.evaluation.metrics import MetricOptions, MetricWeights
from sparkvsr_engine.evaluation.protocol.clips import find_clips
from sparkvsr_engine.evaluation.protocol.keyframe_cases import KEYFRAME_CASES, KeyframeKind, choose_cases
from sparkvsr_engine.evaluation.protocol.methods import Method, bicubic_method, per_frame_method
from sparkvsr_engine.evaluation.protocol.restorers import restorer_method
from sparkvsr_engine.models.base import Restorer
from sparkvsr_engine.models.distances.files import LPIPS_ALEXNET
from sparkvsr_engine.models.isr.registry import open_isr
from sparkvsr_engine.models.registry import open_planner, open_restorer, restorers
from sparkvsr_engine.training.degradation.seeded import degrade_seeded

if TYPE_CHECKING:
    from sparkvsr_engine.streams.comparison.running import ComparisonOptions

GRAPHICS = "graphics"
BICUBIC = "bicubic"
_ISR, _WEIGHTS = "isr:", "weights:"


def stream_options(options: argparse.Namespace, metric_weights: Path) -> ComparisonOptions:
    """The request of `sparkvsr evaluate --stream`; raises InvalidSettings."""
    from sparkvsr_engine.streams.comparison.running import ComparisonOptions
    from sparkvsr_engine.streams.requests import parse_rate

    clips = tuple(clip for place in options.clips for clip in find_clips(Path(place)))
    if not clips or not 2 <= options.window <= options.frames:
        raise InvalidSettings("--stream needs clips, and a --window of 2 frames up to --frames.")
    return ComparisonOptions(
        clips=clips,
        rates=tuple(parse_rate(word) for word in options.rates.split(",")),
        frames=options.frames,
        window=options.window,
        weights=metric_weights,
        factor=float(options.scale),
        learned_step=options.costly_step,
    )


def benchmark_options(options: argparse.Namespace, metric_weights: Path) -> BenchmarkOptions:
    """The request of `sparkvsr evaluate`."""
    home = load_config().home
    names = [name for name in _words(options.cases or "") if name != GRAPHICS]
    cases = choose_cases(names) if names else tuple(KEYFRAME_CASES.values())
    makes_keyframes = any(case.kind is KeyframeKind.ISR for case in cases)
    return BenchmarkOptions(
        clips=tuple(clip for place in options.clips for clip in _clips(Path(place))),
        methods=_methods(options, metric_weights, home),
        metrics=_metrics(options, metric_weights),
        cases=cases,
        frames=options.frames,
        scale=options.scale,
        isr=open_isr(options.isr, options.device, home=home) if makes_keyframes else None,
        degrade=degrade_seeded,
        seed=options.seed,
    )


def graphics_asked_for(options: argparse.Namespace) -> tuple[bool, bool]:
    """Whether the case graphics is asked for, and whether any other; raises InvalidSettings without clips."""
    names = _words(options.cases or "")
    has_more = not names or any(name != GRAPHICS for name in names)
    if has_more and not options.clips:
        raise InvalidSettings("name the clips to evaluate on; only --cases graphics needs none.")
    return GRAPHICS in names, has_more


def graphics_options(options: argparse.Namespace, metric_weights: Path) -> GraphicsOptions:
    """The request of `sparkvsr evaluate --cases graphics`; raises InvalidSettings for no scenes."""
    if options.scenes < 1:
        raise InvalidSettings("--scenes must be 1 or more.")
    weights, home = metric_weights / LPIPS_ALEXNET, load_config().home
    methods = {name: graphics_method_of(name, options.device, home) for name in _words(options.methods)}
    lpips = Lpips(weights) if weights.is_file() else None
    return GraphicsOptions(methods, options.scale, options.scenes, options.seed, lpips)


def graphics_method_of(name: str, device: str, home: Path) -> GraphicsMethod:
    """As `method_of`, on a graphics scene.

    Args:
        name: see `method_of`.
        device: `cpu` or `cuda[:i]`.
        home: the engine's home folder.
    """
    if name == BICUBIC:
        return bicubic
    if name.startswith(_ISR):
        return by_image_model(open_isr(name.removeprefix(_ISR), device, home=home))
    return by_restorer(_open_restorer(name, device))


def _metrics(options: argparse.Namespace, weights: Path) -> MetricOptions:
    metric_options = MetricOptions(weights=MetricWeights(weights), costly_step=options.costly_step)
    return (
        replace(metric_options, names=tuple(_words(options.metrics))) if options.metrics else metric_options
    )


def method_of(name: str, device: str, home: Path) -> Method:
    """`bicubic`, a restorer's name, `weights:FILE` (other weights of a restorer's kind) or `isr:NAME`.

    Args:
        name: as the option names it.
        device: `cpu` or `cuda[:i]`.
        home: the engine's home folder.
    """
    if name == BICUBIC:
        return bicubic_method()
    if name.startswith(_ISR):
        return per_frame_method(open_isr(name.removeprefix(_ISR), device, home=home))
    return restorer_method(_open_restorer(name, device), _title_of(name))


def _methods(options: argparse.Namespace, metric_weights: Path, home: Path) -> tuple[Method, ...]:
    """The methods named; with --learn each that can is measured learnt as well, under a name of its own."""
    methods: list[Method] = []
    for name in _words(options.methods):
        methods.append(method_of(name, options.device, home))
        learnt = _learnt_method(name, options, metric_weights)
        methods += [] if learnt is None else [learnt]
    return tuple(methods)


def _learnt_method(name: str, options: argparse.Namespace, metric_weights: Path) -> Method | None:
    if options.learn is None or name == BICUBIC or name.startswith(_ISR):
        return None
    restorer = _open_restorer(name, options.device)
    seconds = learn_of(options.learn)[1] if options.learn != "auto" else None
    planner = open_planner(restorer.traits.name, load_config().models_folder, {})
    budget = planner.learning_budget(Geometry.scaled(64, 64, options.scale), seconds, metric_weights)
    if budget is None:
        return None
    return restorer_method(restorer, f"{_title_of(name)} learnt", budget=replace(budget, seed=options.seed))


def _title_of(name: str) -> str:
    """How a restorer's method is called: by its name, or by its file's."""
    return Path(name.removeprefix(_WEIGHTS)).stem if name.startswith(_WEIGHTS) else name


def _open_restorer(name: str, device: str) -> Restorer:
    """The restorer a method's name means, ready to run; raises InvalidSettings."""
    if name.startswith(_WEIGHTS):
        for record in restorers():
            if record.open_weights is not None:
                return record.open_weights(device, Path(name.removeprefix(_WEIGHTS)))
    config = load_config()
    names = [record.name for record in restorers()]
    if name not in names:
        raise InvalidSettings(
            f"there is no method '{name}'; use {BICUBIC}, {', '.join(names)}, isr:NAME or weights:FILE."
        )
    return open_restorer(name, config.models_folder, config.cache_folder / "parts", device)


def _clips(place: Path) -> list[Path]:
    return list(find_clips(place)) if place.is_dir() else [place]


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
