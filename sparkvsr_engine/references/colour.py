"""A supplied picture's values in its source's model space, whatever kind of file the artist handed in.

A display-referred picture (PNG, JPEG) painted for a scene-linear plate is brought to light first, a
scene-linear one (EXR) for a display-referred source to display codes. Where the user named the source's
colour space, pictures are taken to be in it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from bridge.media import SourceMedia
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.colour import ColourPlan, plan_colour
from sparkvsr_engine.media.colours import primaries
from sparkvsr_engine.media.pixels import divide_alpha, to_float
from sparkvsr_engine.media.probe import probe

Picture = NDArray[np.float32]


def supplied_to_model(
    path: Path, pixels: NDArray[Any], source: ClipInfo, colour: ColourPlan, is_named: bool
) -> Picture:
    """A keyframe in the model space of its source, float32 [H, W, 3].

    pixels: [H, W, 3 or 4] as the file at `path` has them. colour: the source's way into model space.
    is_named: the user named the source's colour space.
    """
    info = probe(SourceMedia(str(path)))
    colours = pixels[..., :3]
    if pixels.shape[2] == 4 and info.is_premultiplied and not source.is_premultiplied:
        # A patch from a compositing program: what lies under its soft edge is told by alpha alone.
        floats = to_float(pixels)
        colours = divide_alpha(floats[..., :3], floats[..., 3:])
    if is_named or info.is_scene_linear == source.is_scene_linear:
        return colour.to_model(colours)
    # As if a file of the source's kind were written, but in floats, so that nothing is rounded.
    kind, sample = ("keyframe.exr", "float32") if source.is_scene_linear else ("keyframe.png", "uint16")
    own = plan_colour(info, kind, sample)
    values = own.from_model(own.to_model(colours), "float32")
    return colour.to_model(_on_primaries_of(source, values) if source.is_scene_linear else values)


def _on_primaries_of(source: ClipInfo, linear: Picture) -> Picture:
    """Light on Rec.709's primaries on the source's."""
    wanted = source.chromaticities
    if wanted is None or primaries.are_alike(wanted, primaries.REC709):
        return linear
    return cast("Picture", cv2.transform(linear, primaries.conversion(primaries.REC709, wanted)))
