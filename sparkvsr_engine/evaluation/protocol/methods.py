"""What is benchmarked: a name and a function from source frames and keyframes to restored frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sparkvsr_engine.evaluation.pixels import Pixels, resize_bicubic, to_unit


@dataclass(frozen=True, eq=False)
class RestorationTask:
    """One shot to restore.

    source: frames uint8 [h, w, 3], numbered from 0. keyframes: frame number -> uint8 [height, width, 3].
    width, height: output size in pixels.
    """

    source: Sequence[Pixels]
    keyframes: Mapping[int, Pixels]
    width: int
    height: int


@dataclass(frozen=True)
class Method:
    """A way to restore a shot.

    restore: yields every frame in order, [height, width, 3] uint8 or float 0..1.
    uses_keyframes: False lets the benchmark run it once for all keyframe cases.
    """

    name: str
    restore: Callable[[RestorationTask], Iterable[Pixels]]
    uses_keyframes: bool = True


class Upscaler(Protocol):
    """An image super-resolution model, as `models.isr` makes them."""

    @property
    def scale(self) -> int:
        """Output over input size."""
        ...

    def upscale(self, picture: Pixels) -> Pixels:
        """float32 [h, w, 3], 0..1, to [h * scale, w * scale, 3] of the same kind."""
        ...


def bicubic_method() -> Method:
    """Bicubic interpolation, the floor of every table."""

    def restore(task: RestorationTask) -> Iterator[Pixels]:
        return (resize_bicubic(frame, task.width, task.height) for frame in task.source)

    return Method("bicubic", restore, uses_keyframes=False)


def per_frame_method(upscaler: Upscaler, name: str) -> Method:
    """An image model on every frame by itself: the sharpness keyframes promise, with its flicker."""

    def restore(task: RestorationTask) -> Iterator[Pixels]:
        return (upscaled(upscaler, frame, task.width, task.height) for frame in task.source)

    return Method(name, restore, uses_keyframes=False)


def upscaled(upscaler: Upscaler, picture: Pixels, width: int, height: int) -> Pixels:
    """A picture through an image model, at this size whatever the model's own scale."""
    made = upscaler.upscale(to_unit(picture))
    return made if made.shape[:2] == (height, width) else resize_bicubic(made, width, height)
