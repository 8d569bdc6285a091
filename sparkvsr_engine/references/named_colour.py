"""The way of a keyframe's picture in a named colour space into its source's values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.settings import Keyframe, UpscaleSettings
from sparkvsr_engine.core.arrays import FloatPixels
from sparkvsr_engine.media.base import ClipInfo, ColourWish
from sparkvsr_engine.media.colours import primaries
from sparkvsr_engine.media.colours.meaning import Chromaticities, meaning_of, on_primaries
from sparkvsr_engine.media.colours.ocio import ColourConfig, colour_config
from sparkvsr_engine.media.colours.spaces import any_linear_space

Step = Callable[[FloatPixels], FloatPixels]


@dataclass(frozen=True)
class NamedColour:
    """identity: changes whenever the way does; part of a keyframe's key. step: float32 [H, W, 3] in the named
    space to the source's values, a new array; None where they are the same space.
    """

    identity: str
    step: Step | None = None

    def __call__(self, colours: NDArray[Any]) -> FloatPixels:
        """Values of the picture, finite, as values of the source."""
        values = np.asarray(colours, np.float32)
        return values if self.step is None else self.step(values)


def named_colour(name: str, settings: UpscaleSettings, source: ClipInfo) -> NamedColour:
    """The way from the colour space `name` of the request's config to the source's values.

    Args:
        name: of the colour space.
        settings: the request's settings.
        source: the source as its headers describe it.

    Raises:
        InvalidSettings: for an unknown name, or a source whose colours are not known well enough.
    """
    wish = ColourWish.of(settings)
    config = colour_config(wish.config)
    space = config.canonical_name(name)
    if wish.source:
        target = config.canonical_name(wish.source)
        transform = config.transform(space, target)
        files = transform.identity if transform is not None else ""
        return NamedColour(_identity(config, space, target, files), _bounded(transform, source))
    return _to_meaning(config, space, source)


def with_stated_colours(keyframes: Sequence[Keyframe]) -> tuple[Keyframe, ...]:
    """The keyframes, those whose picture in memory states a colour space with it as their own."""
    return tuple(
        replace(keyframe, colour=keyframe.image.format.colour)
        if not keyframe.colour and keyframe.image is not None and keyframe.image.format is not None
        else keyframe
        for keyframe in keyframes
    )


def require_named_colours(keyframes: Sequence[Keyframe], settings: UpscaleSettings, source: ClipInfo) -> None:
    """Raise InvalidSettings, naming the keyframe, where the colour space of one cannot be used.

    Args:
        keyframes: of the request.
        settings: the request's settings.
        source: the source as its headers describe it.
    """
    for keyframe in keyframes:
        if keyframe.colour:
            try:
                named_colour(keyframe.colour, settings, source)
            except InvalidSettings as error:
                raise InvalidSettings(f"Keyframe {keyframe.frame}: {error.message}") from error


def require_pictures(keyframes: Sequence[Keyframe]) -> None:
    """Raise InvalidSettings for a keyframe that names a colour space and has no picture to be in it."""
    for keyframe in keyframes:
        if keyframe.colour and keyframe.image is None:
            raise InvalidSettings(
                f"Keyframe {keyframe.frame} names the colour space '{keyframe.colour}' but has no picture;"
                " give one, or name no space."
            )


def _to_meaning(config: ColourConfig, space: str, source: ClipInfo) -> NamedColour:
    """Through light on primaries that are certain to what the source's own file labels its values as."""
    linear = any_linear_space(config)
    if source.colour.is_hdr or linear is None:
        problem = (
            f"{source.path} is {source.colour.describe()} video"
            if source.colour.is_hdr
            else f"{config.location} has no linear space by a usual name"
        )
        raise InvalidSettings(
            f"the picture's space '{space}' cannot be brought to the source's: {problem}; name the source's"
            " with --input-colour."
        )
    light_space, chromaticities = linear
    transform = config.transform(space, light_space)
    meaning = meaning_of(source)
    target = (source.chromaticities or primaries.REC709) if source.is_scene_linear else meaning.chromaticities
    values = _SourceValues(chromaticities, target, None if source.is_scene_linear else meaning.from_light)
    files = transform.identity if transform is not None else ""
    what = f"light {target}" if source.is_scene_linear else meaning.identity
    step = values if transform is None else _Chain(transform, values)
    return NamedColour(_identity(config, space, f"{light_space} {what}", files), step)


class _SourceValues:
    """Light on some primaries as the source's values: light on its own, or its codes."""

    def __init__(self, light: Chromaticities, target: Chromaticities, encode: Step | None) -> None:
        self._light, self._target, self._encode = light, target, encode

    def __call__(self, light: FloatPixels) -> FloatPixels:
        values = on_primaries(light, self._light, self._target)
        values = values if self._encode is None else self._encode(values)
        return np.ascontiguousarray(values, np.float32)


class _Chain:
    """One step after another."""

    def __init__(self, first: Step, then: Step) -> None:
        self._first, self._then = first, then

    def __call__(self, colours: FloatPixels) -> FloatPixels:
        return self._then(self._first(colours))


class _Clip:
    """Codes within 0..1, which a source of integers cannot leave."""

    def __call__(self, codes: FloatPixels) -> FloatPixels:
        return np.clip(codes, 0, 1)


def _bounded(transform: Step | None, source: ClipInfo) -> Step | None:
    if source.sample.startswith("float"):
        return transform
    return _Clip() if transform is None else _Chain(transform, _Clip())


def _identity(config: ColourConfig, space: str, target: str, files: str) -> str:
    return " ".join(filter(None, (config.identity or config.location, f"{space} to {target}", files)))
