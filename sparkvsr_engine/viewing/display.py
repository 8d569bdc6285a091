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
from sparkvsr_engine.media.colours.ocio import colour_config
from sparkvsr_engine.media.colours.spaces import space_of
from sparkvsr_engine.media.pixels import from_float, split_alpha, to_finite

Codes = NDArray[np.uint8]
Transform = Callable[[NDArray[Any]], Codes]

AS_STORED = "As stored"
"""The view that changes nothing: codes as the file has them."""


@dataclass(frozen=True)
class DisplayWish:
    """How pictures are to be shown.

    display, view: of the config; empty for what suits the source: codes as they are, scene-linear light
        through the config's first view, or as sRGB where there is no OpenColorIO.
    config: an OpenColorIO config (full path or `ocio://` name); empty for the engine's own.
    space: colour space of the source, as a request names it; empty for what the file says.
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
        return _as_srgb(info)
    space = config.canonical_name(wish.space) if wish.space else space_of(info, config)
    return _through_view(wish.config, space, wish.display, wish.view)


@lru_cache(maxsize=8)
def _through_view(location: str, space: str, display: str, view: str) -> Transform:
    transform = colour_config(location).display_transform(space, display, view)
    return lambda pixels: _to_codes(transform(_colours(pixels)))


def _as_srgb(info: ClipInfo) -> Transform:
    plan = plan_colour(info, "shown.png", "uint8")
    return lambda pixels: plan.from_model(plan.to_model(pixels[..., :3]), "uint8")


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
