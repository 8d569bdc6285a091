"""The reduced movie's pictures: the source made smaller by the filter that restorers are bound to."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.jobs.plans.footage import Footage
from sparkvsr_engine.media.colour import ColourPlan

REDUCTION = "bicubic"
"""Name of the filter in a stream's tag: antialiased bicubic, a = -0.5."""


def even_side(side: int, factor: float) -> int:
    """A reduced side in pixels, even, so that chroma can be halved; at least 16."""
    return max(16, 2 * round(side / factor / 2))


class ReducedFrames:
    """Frames of a source as the reduced movie and its keyframes show them, in an encoding's sample format.

    colour: the way from the source to the movie. width, height: of the reduced movie.
    """

    def __init__(self, footage: Footage, colour: ColourPlan, width: int, height: int, sample: str) -> None:
        self._footage, self._colour = footage, colour
        self._size = (height, width)
        self._sample = sample

    def small(self, frame: int) -> NDArray[Any]:
        """A frame reduced, [h, w, 3]."""
        return self._colour.from_model(self._reduced(self._footage.picture(frame)), self._sample)

    def full(self, frame: int) -> NDArray[Any]:
        """A frame at its own size, [H, W, 3]."""
        return self._colour.from_model(self._footage.picture(frame), self._sample)

    def _reduced(self, picture: Picture) -> Picture:
        """A picture reduced: scene-linear light as light, what is made for a display in its codes."""
        curve = self._colour.curve
        values = picture if curve is None else curve.decode(picture)
        smaller = reduce_picture(values, self._size[1], self._size[0])
        if curve is None:
            return smaller
        # The filter's lobes may leave the range of light there is.
        return curve.encode(np.clip(smaller, values.min(), values.max()))


def reduce_picture(picture: Picture, width: int, height: int) -> Picture:
    """A picture at a smaller size, antialiased bicubic.

    Args:
        picture: float32 [H, W, C].
        width: of the result, in pixels.
        height: of the result, in pixels.
    """
    planes = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None]
    with torch.inference_mode():
        smaller = F.interpolate(planes, size=(height, width), mode="bicubic", antialias=True)
    return np.ascontiguousarray(smaller[0].permute(1, 2, 0).numpy())
