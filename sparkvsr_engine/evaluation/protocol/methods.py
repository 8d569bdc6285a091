"""What is benchmarked: a name and a function from source frames and keyframes to restored frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.evaluation.pixels import resize_bicubic, to_unit
from sparkvsr_engine.models.base import LOCK
from sparkvsr_engine.models.isr.upscaler import ImageUpscaler, make_keyframe


@dataclass(frozen=True, eq=False)
class RestorationTask:
    """One shot to restore.

    source: frames uint8 [h, w, 3], numbered from 0. keyframes: frame number -> uint8 [height, width, 3].
    width, height: output size in pixels. look: whose colour the result is to have.
    """

    source: Sequence[Pixels]
    keyframes: Mapping[int, Pixels]
    width: int
    height: int
    look: str = LOCK


@dataclass(frozen=True)
class Method:
    """A way to restore a shot.

    restore: yields every frame in order, [height, width, 3] uint8 or float 0..1.
    uses_keyframes: False lets the benchmark run it once for all keyframe cases.
    """

    name: str
    restore: Callable[[RestorationTask], Iterable[Pixels]]
    uses_keyframes: bool = True


def bicubic_method() -> Method:
    """Bicubic interpolation, the floor of every table."""
    return _method_of_frames("bicubic", resize_bicubic)


def per_frame_method(upscaler: ImageUpscaler, name: str = "") -> Method:
    """An image model on every frame by itself: the sharpness keyframes promise, with its flicker.

    name: in tables; empty for the model's own.
    """
    return _method_of_frames(
        name or upscaler.name,
        lambda frame, width, height: make_keyframe(upscaler, to_unit(frame), width, height),
    )


def _method_of_frames(name: str, enlarge: Callable[[Pixels, int, int], Pixels]) -> Method:
    def restore(task: RestorationTask) -> Iterator[Pixels]:
        return (enlarge(frame, task.width, task.height) for frame in task.source)

    return Method(name, restore, uses_keyframes=False)
