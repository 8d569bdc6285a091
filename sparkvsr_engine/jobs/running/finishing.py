"""A restored frame as its target takes it: alpha beside the colours, the target's values and format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.jobs.plans.footage import Footage, with_alpha
from sparkvsr_engine.media.colour import ColourPlan
from sparkvsr_engine.media.opening import OutputPlan
from sparkvsr_engine.models.base import RestoredFrame


def finished_pixels(footage: Footage, restored: RestoredFrame, output: OutputPlan) -> NDArray[Any]:
    """[H, W, output.channels] in the target's sample format.

    Args:
        footage: reads the source in model space.
        restored: what the restorer gave for the frame.
        output: how the target is written.
    """
    picture = with_alpha(footage, restored, output.channels)
    pixels = output.colour.from_model(picture, output.sample)
    return with_own_values(footage, restored.frame, picture, pixels, output.colour)


def with_own_values(
    footage: Footage, number: int, picture: Picture, pixels: NDArray[Any], colour: ColourPlan
) -> NDArray[Any]:
    """`pixels` with the source's own in every place that came back exactly as it was shown.

    Floats go to model space and back with the rounding of its curve, and without what is no number; what
    nobody changed keeps both. Integers come back exactly by themselves.

    Args:
        footage: reads the source in model space.
        number: the frame's number.
        picture: the whole frame in model space.
        pixels: the same in the target's values.
        colour: the way from file values to model space.
    """
    if not colour.keeps_values or pixels.dtype.kind != "f":
        return pixels
    source_pixels = footage.frame(number).pixels
    channels = pixels.shape[2]
    if source_pixels.shape[:2] != pixels.shape[:2] or source_pixels.shape[2] < channels:
        return pixels
    if source_pixels.dtype.kind != "f" or not np.can_cast(source_pixels.dtype, pixels.dtype):
        return pixels
    is_unchanged = (colour.to_model(source_pixels)[..., :channels] == picture).all(axis=2, keepdims=True)
    return np.where(is_unchanged, source_pixels[..., :channels], pixels)


def limited_sentence(frames: Sequence[int]) -> str:
    """The warning about frames whose result was limited to the range of their source."""
    first, count = min(frames), len(frames)
    place = f"In frame {first}" if count == 1 else f"In {count} frames, the first of them {first}"
    return (
        f"{place}, the model's result left the range of the source around it and was limited to it; check it"
        " before use."
    )
