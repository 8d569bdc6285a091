"""The benchmark's methods by name, restorers among them, through the same driver jobs use."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidSettings
from sparkvsr_engine.config import load_config
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.evaluation.benchmark import BenchmarkOptions
from sparkvsr_engine.evaluation.metrics import MetricOptions, MetricWeights
from sparkvsr_engine.evaluation.protocol.clips import find_clips
from sparkvsr_engine.evaluation.protocol.keyframe_cases import KEYFRAME_CASES, choose_cases
from sparkvsr_engine.evaluation.protocol.methods import (
    Method,
    RestorationTask,
    bicubic_method,
    per_frame_method,
)
from sparkvsr_engine.jobs.control import JobControl
from sparkvsr_engine.jobs.rendering import NoStash, ShotRenderer, windows_of
from sparkvsr_engine.models.base import Guidance, KeyframePicture, Picture, Restorer
from sparkvsr_engine.models.isr.registry import open_isr
from sparkvsr_engine.references.preparing import prepare_reference


def benchmark_options(options: argparse.Namespace, metric_weights: Path) -> BenchmarkOptions:
    """The request of `sparkvsr evaluate`."""
    home = load_config().home
    isr = open_isr("", options.device, home=home)
    return BenchmarkOptions(
        clips=tuple(clip for given in options.clips for clip in _clips(Path(given))),
        methods=tuple(method_of(name, options.device, home) for name in _words(options.methods)),
        metrics=_metrics(options, metric_weights),
        cases=choose_cases(_words(options.cases)) if options.cases else tuple(KEYFRAME_CASES.values()),
        frames=options.frames,
        scale=options.scale,
        isr=isr,
        degrade=_degrade,
        seed=options.seed,
    )


def _metrics(options: argparse.Namespace, weights: Path) -> MetricOptions:
    found = MetricOptions(weights=MetricWeights(weights), costly_step=options.costly_step)
    return replace(found, names=tuple(_words(options.metrics))) if options.metrics else found


def method_of(name: str, device: str, home: Path) -> Method:
    """`bicubic`, `lite`, `weights:FILE` (other weights of lite's kind) or `isr:NAME`."""
    kind, _, rest = name.partition(":")
    if name == "bicubic":
        return bicubic_method()
    if kind == "isr":
        return per_frame_method(open_isr(rest, device, home=home))
    if name == "lite" or kind == "weights":
        from sparkvsr_engine.models.lite.loading import open_lite

        weights = Path(rest) if rest else None
        return restorer_method(open_lite(device, weights), weights.stem if weights else "lite")
    raise InvalidSettings(f"there is no method '{name}'; use bicubic, lite, isr:NAME or weights:FILE.")


def restorer_method(restorer: Restorer, name: str, look: str = "lock") -> Method:
    """A restorer as a method: every task is one shot; keyframes are checked and aligned as in a job."""
    return Method(name, partial(_restore, restorer, look))


class _TaskReader:
    """A task's frames as restorers read them."""

    def __init__(self, task: RestorationTask) -> None:
        self._task = task

    @property
    def span(self) -> FrameSpan:
        """All frames."""
        return FrameSpan(0, len(self._task.source))

    def read(self, frame: int) -> Picture:
        """A frame in model space."""
        return _unit(self._task.source[self.span.clamp(frame)])


def _restore(restorer: Restorer, look: str, task: RestorationTask) -> Iterator[NDArray[Any]]:
    reader = _TaskReader(task)
    height, width = task.source[0].shape[:2]
    geometry = Geometry(width, height, task.width, task.height)
    pictures: dict[int, KeyframePicture] = {}
    strengths: dict[int, float] = {}
    for frame, pixels in task.keyframes.items():
        found = prepare_reference(frame, _unit(pixels), reader.read(frame), geometry, look, is_supplied=True)
        pictures[frame] = KeyframePicture(frame, found.pixels, str(frame))
        strengths[frame] = found.report.trust
    chunks = restorer.plan(reader.span, reader.span, sorted(pictures), geometry)
    control = JobControl()
    shot = restorer.open_shot(reader, geometry, look, 0, control.is_stopped)
    renderer = ShotRenderer(shot, windows_of(chunks), pictures.__getitem__, NoStash(), control.check)
    for chunk in chunks:
        for restored in renderer.render(chunk, Guidance(1.0, strengths)):
            yield np.clip(restored.pixels, 0, 1)
    renderer.close()


def _degrade(frames: Sequence[NDArray[np.uint8]], scale: int, seed: int) -> list[NDArray[np.uint8]]:
    """The training's second-order degradation at medium strength, from seeds of its own."""
    from sparkvsr_engine.training.degradation.chain import degrade

    height, width = frames[0].shape[:2]
    rng = np.random.default_rng([20_260_317, seed])
    return degrade(frames, width // scale, height // scale, rng, strength=0.5)


def _clips(given: Path) -> list[Path]:
    return list(find_clips(given)) if given.is_dir() else [given]


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _unit(pixels: NDArray[Any]) -> Picture:
    unit = pixels.astype(np.float32)
    return unit / np.float32(255) if pixels.dtype == np.uint8 else unit
