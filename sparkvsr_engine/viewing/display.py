"""From a file's values to what a screen shows: codes as they are, light through a view of OpenColorIO."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.core.arrays import FloatPixels
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.media.colour import plan_colour
from sparkvsr_engine.media.colours import primaries
from sparkvsr_engine.media.colours.curves import srgb_encode
from sparkvsr_engine.media.colours.ocio import colour_config
from sparkvsr_engine.media.colours.spaces import space_of
from sparkvsr_engine.media.pixels import from_float, split_alpha, to_finite

Codes = NDArray[np.uint8]
Transform = Callable[[NDArray[Any]], Codes]

SHOULDER = 0.6
"""Light up to which `plain_view` changes nothing."""

AS_STORED = "As stored"
"""The view that changes nothing: codes as the file has them."""


@dataclass(frozen=True)
class DisplayWish:
    """How pictures are to be shown.

    display, view: of the config; empty for what suits the source: codes as they are, scene-linear light
        through the config's first view, or through `plain_view` where there is no OpenColorIO.
    config: an OpenColorIO config (full path or `ocio://` name); empty for the engine's own.
    space: colour space of the source, as a request names it; empty for what the file names.
    """

    display: str = ""
    view: str = ""
    config: str = ""
    space: str = ""


def display_names(config: str) -> dict[str, list[str]]:
    """The displays of a config, each with its views. Raises InvalidSettings."""
    return colour_config(config).displays()


def display_transform(info: ClipInfo, wish: DisplayWish) -> Transform:
    """What shows frames of a source. Raises InvalidSettings for a config or names that cannot be used."""
    is_plain = not info.is_scene_linear and not wish.space
    if wish.view == AS_STORED or (is_plain and not wish.view):
        return _as_stored
    try:
        config = colour_config(wish.config)
    except InvalidSettings:
        if wish.view or wish.space or wish.config:
            raise
        return plain_view(info)
    space = config.canonical_name(wish.space) if wish.space else space_of(info, config)
    return _through_view(wish.config, space, wish.display, wish.view)


@lru_cache(maxsize=8)
def _through_view(location: str, space: str, display: str, view: str) -> Transform:
    transform = colour_config(location).display_transform(space, display, view)
    return lambda pixels: _to_codes(transform(_colours(pixels)))


def uses_plain_view(info: ClipInfo, wish: DisplayWish) -> bool:
    """Whether light is shown through `plain_view`, because there is no OpenColorIO."""
    if not info.is_scene_linear or wish.view or wish.space or wish.config:
        return False
    try:
        colour_config("")
    except InvalidSettings:
        return True
    return False


def plain_view(info: ClipInfo) -> Transform:
    """Scene-linear light as sRGB with a shoulder, for want of OpenColorIO.

    Light x on Rec.709's primaries is shown unchanged up to s = 0.6; above, as s + (1 - s) t / (1 + t) with
    t = (x - s) / (1 - s), which goes on with slope 1 and reaches 1 nowhere: 4 becomes 0.96, 16 becomes 0.99.
    What is below 0, by itself or because its colour lies outside of Rec.709, is black.
    """
    plan = plan_colour(info, "shown.png", "uint8")
    source = info.chromaticities or primaries.REC709
    matrix = (
        None
        if primaries.are_alike(source, primaries.REC709)
        else primaries.conversion(source, primaries.REC709)
    )

    def view(pixels: NDArray[Any]) -> Codes:
        codes = plan.to_model(pixels[..., :3])
        light = codes if plan.light is None else plan.light(codes)
        if matrix is not None:
            light = np.asarray(cv2.transform(light, matrix), np.float32)
        return _to_codes(srgb_encode(rolled_off(light)))

    return view


def rolled_off(light: FloatPixels) -> FloatPixels:
    """Light of any strength within 0..1, see `plain_view`."""
    height = np.float32(1 - SHOULDER)
    beyond = np.maximum(light - np.float32(SHOULDER), np.float32(0)) / height
    rolled = np.clip(light, 0, np.float32(SHOULDER)) + height * beyond / (1 + beyond)
    return np.asarray(rolled, np.float32)


def _as_stored(pixels: NDArray[Any]) -> Codes:
    colours = pixels[..., :3]
    if colours.dtype == np.uint8:
        return np.ascontiguousarray(colours)
    if colours.dtype == np.uint16:
        return cv2.convertScaleAbs(np.ascontiguousarray(colours), alpha=255.0 / 65535.0).astype(
            np.uint8, copy=False
        )
    return _to_codes(to_finite(colours))


def _colours(pixels: NDArray[Any]) -> FloatPixels:
    return split_alpha(to_finite(pixels))[0]


def _to_codes(colours: FloatPixels) -> Codes:
    return from_float(np.clip(colours, np.float32(0), np.float32(1)), "uint8")
