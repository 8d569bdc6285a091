"""A supplied picture's values in its source's model space, whatever kind of file the artist handed in.

A picture whose profile or tags name its colours is brought to what its source means. One that names none
is taken to be as its source is: a display-referred picture (PNG, JPEG) painted for a scene-linear plate is
brought to light first, a scene-linear one (EXR) for a display-referred source to display codes. Where the
user named the source's colour space, pictures are taken to be in it, but for those with a space of their own
(`named_colour`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.system.installing import install_command
from sparkvsr_engine.core.arrays import Picture
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.colour import ColourPlan
from sparkvsr_engine.media.colours import primaries
from sparkvsr_engine.media.colours.meaning import (
    SRGB_MEANING,
    Chromaticities,
    has_unread_profile,
    meaning_of,
    named_meaning,
    on_primaries,
)
from sparkvsr_engine.media.pixels import divide_alpha, multiply_alpha, to_finite
from sparkvsr_engine.media.sequences.describing import describe_picture
from sparkvsr_engine.references.named_colour import NamedColour


def supplied_to_model(
    path: Path,
    pixels: NDArray[Any],
    source: ClipInfo,
    colour: ColourPlan,
    is_named: bool,
    file_colour: NamedColour | None = None,
) -> Picture:
    """A keyframe in the model space of its source, float32 [H, W, 3].

    Args:
        path: of the picture.
        pixels: [H, W, 3 or 4] as the file at `path` has them.
        source: the source as its headers describe it.
        colour: the source's way into model space.
        is_named: the user named the source's colour space.
        file_colour: the way from the space the user named for this picture, None where there is none.
    """
    info = describe_picture(path)
    if file_colour is not None:
        return colour.to_model(
            _named_values(pixels, file_colour, info.is_premultiplied, source.is_premultiplied)
        )
    colours = pixels[..., :3]
    if pixels.shape[2] == 4 and info.is_premultiplied and not source.is_premultiplied:
        # A patch from a compositing program: what lies under its soft edge is known by alpha alone.
        floats = to_finite(pixels)
        colours = divide_alpha(floats[..., :3], floats[..., 3:])
    if is_named or _mean_the_same(info, source):
        return colour.to_model(colours)
    light, chromaticities = _light_of(info, colours)
    light = on_primaries(light, chromaticities, _chromaticities_of(source))
    values = light if source.is_scene_linear else meaning_of(source).from_light(light)
    return colour.to_model(np.ascontiguousarray(values, np.float32))


def _named_values(
    pixels: NDArray[Any], file_colour: NamedColour, is_premultiplied: bool, source_is_premultiplied: bool
) -> Picture:
    """A picture's values as the source's; alpha is taken out of the colours on the way."""
    floats = to_finite(pixels)
    colours = floats[..., :3]
    if pixels.shape[2] == 3 or not is_premultiplied:
        return file_colour(colours)
    alpha = floats[..., 3:]
    values = file_colour(divide_alpha(colours, alpha))
    return multiply_alpha(values, alpha) if source_is_premultiplied else values


def colour_warning(frame: int, path: Path, is_named: bool) -> str:
    """One sentence about a keyframe whose colours are not taken as its file labels them; empty for others.

    Args:
        frame: its number.
        path: of the picture.
        is_named: whether the artist named the colour space.
    """
    if is_named or not has_unread_profile(describe_picture(path)):
        return ""
    return (
        f"The colour profile in the keyframe at {frame} cannot be read; its colours are taken for its"
        " source's: save it as sRGB, or install what reads such profiles:"
        f" {install_command('sparkvsr[colour]')}"
    )


def _mean_the_same(picture: ClipInfo, source: ClipInfo) -> bool:
    """Whether a picture's values are the source's own, as far as its file labels them."""
    if picture.is_scene_linear != source.is_scene_linear:
        return False
    if source.is_scene_linear:
        chromaticities = picture.chromaticities
        same_units = picture.sample.startswith("float") == source.sample.startswith("float")
        return same_units and (
            chromaticities is None or primaries.are_alike(chromaticities, _chromaticities_of(source))
        )
    if source.colour.is_hdr:
        return True
    chromaticities = named_meaning(picture)
    return chromaticities is None or chromaticities == meaning_of(source)


def _light_of(picture: ClipInfo, colours: NDArray[Any]) -> tuple[Picture, Chromaticities]:
    """A picture's values as light, and the primaries it is on."""
    values = to_finite(colours)
    if picture.is_scene_linear:
        return values, _chromaticities_of(picture)
    meaning = named_meaning(picture) or SRGB_MEANING
    return meaning.to_light(values), meaning.chromaticities


def _chromaticities_of(info: ClipInfo) -> Chromaticities:
    """Of a source's light: its own, or what is meant where a file names nothing."""
    if info.is_scene_linear:
        return info.chromaticities or primaries.REC709
    return meaning_of(info).chromaticities
