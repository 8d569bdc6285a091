"""Graphics through restorers and image models, judged against their exact truth.

One frame of each scene is restored, under no keyframe or one four frames away. Beside quality, pixels beyond
the range of their source and values that are no numbers are counted: there are to be none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sparkvsr_engine.core.arrays import BytePicture, Picture
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.pictures.light_curve import LightCurve
from sparkvsr_engine.evaluation.graphics.scenes import GraphicsScene
from sparkvsr_engine.evaluation.measures.fidelity import psnr_y
from sparkvsr_engine.evaluation.measures.perceptual import Distance
from sparkvsr_engine.jobs.running.in_memory import ShotInMemory, restore_shot
from sparkvsr_engine.media.colour import ACESCCT
from sparkvsr_engine.media.colours.curves import acescct_encode
from sparkvsr_engine.models.base import Restorer, ShotSettings
from sparkvsr_engine.models.isr.upscaler import ImageUpscaler, make_keyframe, resample
from sparkvsr_engine.models.source_bound import SourceRange, limit
from sparkvsr_engine.references.preparing import Reference, prepare_reference

FRAME, KEYFRAME = 6, 10
_FIRST, _LAST = 2, 12
# Above it nobody sees a difference, and equal pictures would outweigh all others in a mean.
CEILING = 60.0
# As 8-bit files hold them; light comes as floats.
_STEPS = 255


@dataclass(frozen=True, eq=False)
class GraphicsTask:
    """A scene to restore a frame of. frames: the source in model space by number. keyframes: pictures at
    output size by number.
    """

    frames: Mapping[int, Picture]
    keyframes: Mapping[int, Picture]
    geometry: Geometry
    is_light: bool


GraphicsMethod = Callable[[GraphicsTask], Picture]
"""Frame `FRAME` restored, float32 [H, W, 3] in model space."""


@dataclass(frozen=True)
class GraphicsScore:
    """One method on one scene. psnr: luma, dB, `CEILING` at most. outside: share of pixels beyond the bound.
    is_finite: whether every value is a number.
    """

    seed: int
    kind: str
    method: str
    psnr: float
    lpips: float
    outside: float
    is_finite: bool


def model_space(picture: Picture, scene: GraphicsScene) -> Picture:
    """A scene's picture as restorers see it, float32 0..1."""
    if scene.is_light:
        return np.clip(acescct_encode(picture), 0, 1)
    return (np.rint(np.clip(picture, 0, 1) * _STEPS) / np.float32(_STEPS)).astype(np.float32)


def task_of(scene: GraphicsScene, scale: float, keyframe: Picture | None = None) -> GraphicsTask:
    """The scene at a scale, under a picture for frame `KEYFRAME` or none.

    Args:
        scene: the scene.
        scale: output size over source size.
        keyframe: the keyframe's picture, float32 [H, W, 3]; None for none.
    """
    # A source is the truth at four times its size, reduced: one source for all scales.
    frames = {at: model_space(scene.source(at, 4.0), scene) for at in range(_FIRST, _LAST)}
    width, height = round(scene.columns * scale), round(scene.rows * scale)
    geometry = Geometry(scene.columns, scene.rows, width, height)
    return GraphicsTask(frames, {} if keyframe is None else {KEYFRAME: keyframe}, geometry, scene.is_light)


def true_keyframe(scene: GraphicsScene, scale: float) -> Picture:
    """The truth of frame `KEYFRAME` at a scale."""
    return model_space(scene.truth(KEYFRAME, scale), scene)


def bicubic(task: GraphicsTask) -> Picture:
    """Bicubic interpolation."""
    return resample(task.frames[FRAME], task.geometry.width, task.geometry.height)


def by_image_model(upscaler: ImageUpscaler) -> GraphicsMethod:
    """An image model on the frame alone."""

    def restore(task: GraphicsTask) -> Picture:
        size = task.geometry.width, task.geometry.height
        return make_keyframe(upscaler, task.frames[FRAME], *size, curve=_curve(task))

    return restore


def by_restorer(restorer: Restorer, damage: float | None = None) -> GraphicsMethod:
    """A restorer under the task's keyframe, through the driver jobs use."""

    def restore(task: GraphicsTask) -> Picture:
        shot = ShotInMemory(
            task.frames,
            FrameSpan(min(task.frames), max(task.frames) + 1),
            task.geometry,
            task.keyframes,
            ShotSettings(damage=damage, curve=_curve(task)),
        )
        return next(iter(restore_shot(restorer, shot, FrameSpan(FRAME, FRAME + 1)))).pixels

    return restore


def measure(
    scenes: Sequence[GraphicsScene],
    methods: Mapping[str, GraphicsMethod],
    scale: float,
    lpips: Distance | None = None,
) -> Iterator[tuple[GraphicsScore, Picture]]:
    """Every scene by every method without keyframes; scores with the restored frames, in order.

    Args:
        scenes: the scenes.
        methods: by their names.
        scale: output size over source size.
        lpips: the perceptual measure, None where it is not installed.
    """
    for scene in scenes:
        task = task_of(scene, scale)
        truth = model_space(scene.truth(FRAME, scale), scene)
        for name, method in methods.items():
            result = method(task)
            yield score(scene, name, task, result, truth, lpips), result


def score(
    scene: GraphicsScene,
    method: str,
    task: GraphicsTask,
    result: Picture,
    truth: Picture,
    lpips: Distance | None = None,
) -> GraphicsScore:
    """What a restored frame is worth.

    Args:
        scene: the scene.
        method: name of the method.
        task: what the method was given.
        result: float32 [H, W, 3].
        truth: float32 [H, W, 3].
        lpips: the perceptual measure, None where it is not installed.
    """
    is_finite = bool(np.isfinite(result).all())
    clipped = np.clip(np.nan_to_num(result), 0, 1)
    distance = math.nan if lpips is None else lpips.measure(clipped, truth)
    psnr = min(CEILING, psnr_y(_bytes(clipped), _bytes(truth)))
    outside = share_outside(task, result)
    return GraphicsScore(scene.seed, scene.kind, method, psnr, distance, outside, is_finite)


def _bytes(picture: Picture) -> BytePicture:
    return np.rint(picture * 255).astype(np.uint8)


def share_outside(task: GraphicsTask, result: Picture) -> float:
    """Share of pixels beyond the bound of source and keyframe, 0..1, all rows counted."""
    import torch

    limits = _extremes(task).limits(_curve(task))
    pixels = torch.from_numpy(np.ascontiguousarray(result.transpose(2, 0, 1)))
    bounded = pixels.clone()
    limit(bounded, limits)
    # Half a 12-bit step: the bound itself is rounded.
    outside = ((bounded - pixels).abs() > 0.5 / 4095).any(0)
    return float(outside.float().mean())


def _extremes(task: GraphicsTask) -> SourceRange:
    """Of source and keyframe: wherever motion may bring it from, its darkest and brightest."""
    import torch

    extremes = SourceRange.of(task.frames[FRAME])
    for reference in _prepared(task).values():
        # As a job keeps keyframes: in 16-bit floats.
        halves = reference.pixels.astype(np.float16).astype(np.float32)
        edges = (halves.min((0, 1)), halves.max((0, 1)))
        low, high = (torch.from_numpy(edge)[:, None, None].expand_as(extremes.low) for edge in edges)
        extremes = extremes.with_keyframe(SourceRange(low, high), 1.0)
    return extremes


def _prepared(task: GraphicsTask) -> dict[int, Reference]:
    """The keyframes as a job prepares supplied ones: aligned, their colour locked to the source's."""
    return {
        at: prepare_reference(at, picture, task.frames[at], task.geometry, "lock", is_supplied=True)
        for at, picture in task.keyframes.items()
    }


def _curve(task: GraphicsTask) -> LightCurve | None:
    return ACESCCT if task.is_light else None
