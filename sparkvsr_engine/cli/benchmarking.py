"""The request of `sparkvsr evaluate`: clips, cases and methods by name."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from bridge.errors import InvalidSettings
from sparkvsr_engine.cli.job_options import learn_of
from sparkvsr_engine.config import load_config
from sparkvsr_engine.evaluation.benchmark import BenchmarkOptions
from sparkvsr_engine.evaluation.graphics.measuring import GraphicsMethod, bicubic, by_image_model, by_restorer
from sparkvsr_engine.evaluation.graphics.report import GraphicsOptions
from sparkvsr_engine.evaluation.measures.perceptual import Lpips
from sparkvsr_engine.evaluation.measures.weights import LPIPS_ALEXNET
from sparkvsr_engine.evaluation.metrics import MetricOptions, MetricWeights
from sparkvsr_engine.evaluation.protocol.clips import find_clips
from sparkvsr_engine.evaluation.protocol.keyframe_cases import KEYFRAME_CASES, KeyframeKind, choose_cases
from sparkvsr_engine.evaluation.protocol.methods import Method, bicubic_method, per_frame_method
from sparkvsr_engine.evaluation.protocol.restorers import restorer_method
from sparkvsr_engine.models.isr.registry import open_isr
from sparkvsr_engine.models.isr.upscaler import ImageUpscaler
from sparkvsr_engine.models.lite.learning.recipe import budget_of
from sparkvsr_engine.models.lite.restorer import LiteRestorer
from sparkvsr_engine.training.degradation.seeded import degrade_seeded

GRAPHICS = "graphics"


def benchmark_options(options: argparse.Namespace, metric_weights: Path) -> BenchmarkOptions:
    """The request of `sparkvsr evaluate`."""
    home = load_config().home
    names = [name for name in _words(options.cases or "") if name != GRAPHICS]
    cases = choose_cases(names) if names else tuple(KEYFRAME_CASES.values())
    makes_keyframes = any(case.kind is KeyframeKind.ISR for case in cases)
    return BenchmarkOptions(
        clips=tuple(clip for given in options.clips for clip in _clips(Path(given))),
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
    """As `method_of`, on a graphics scene."""
    opened = _open_method(name, device, home)
    if opened is None:
        return bicubic
    return by_restorer(opened) if isinstance(opened, LiteRestorer) else by_image_model(opened)


def _metrics(options: argparse.Namespace, weights: Path) -> MetricOptions:
    found = MetricOptions(weights=MetricWeights(weights), costly_step=options.costly_step)
    return replace(found, names=tuple(_words(options.metrics))) if options.metrics else found


def method_of(name: str, device: str, home: Path) -> Method:
    """`bicubic`, `lite`, `weights:FILE` (other weights of lite's kind) or `isr:NAME`."""
    opened = _open_method(name, device, home)
    if opened is None:
        return bicubic_method()
    if isinstance(opened, LiteRestorer):
        return restorer_method(opened, Path(name.partition(":")[2]).stem or "lite")
    return per_frame_method(opened)


def _methods(options: argparse.Namespace, metric_weights: Path, home: Path) -> tuple[Method, ...]:
    """The methods named; with --learn each that can is measured learnt as well, under a name of its own."""
    methods: list[Method] = []
    for name in _words(options.methods):
        methods.append(method_of(name, options.device, home))
        learnt = _learnt_method(name, options, metric_weights, home)
        methods += [] if learnt is None else [learnt]
    return tuple(methods)


def _learnt_method(name: str, options: argparse.Namespace, metric_weights: Path, home: Path) -> Method | None:
    if options.learn is None:
        return None
    opened = _open_method(name, options.device, home)
    if not isinstance(opened, LiteRestorer):
        return None
    budget = budget_of(learn_of(options.learn)[1] if options.learn != "auto" else None, metric_weights)
    called = Path(name.partition(":")[2]).stem or "lite"
    return restorer_method(opened, f"{called} learnt", budget=replace(budget, seed=options.seed))


def _open_method(name: str, device: str, home: Path) -> LiteRestorer | ImageUpscaler | None:
    """The model a method's name means, ready to run; None for bicubic. Raises InvalidSettings."""
    kind, _, rest = name.partition(":")
    if name == "bicubic":
        return None
    if kind == "isr":
        return open_isr(rest, device, home=home)
    if name == "lite" or kind == "weights":
        from sparkvsr_engine.models.lite.opening import open_lite

        return open_lite(device, Path(rest) if rest else None)
    raise InvalidSettings(f"there is no method '{name}'; use bicubic, lite, isr:NAME or weights:FILE.")


def _clips(given: Path) -> list[Path]:
    return list(find_clips(given)) if given.is_dir() else [given]


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
